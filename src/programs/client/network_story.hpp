// NetworkStory: tells tor, and the person who reads its log, what happens to one network: LOG sentences for people and
// STATUS lines for machines (docs/spec/09-managed-transport.md). Names a network by its number and nobody at all.
//
// Not per packet and not per volunteer: kStoryBurst moments at once and then one each kStoryPause. Of what came too
// fast the last is told when there is room again, so that the end of the log is how things are. Volunteers that come
// and go while others carry are told once in kTellAgain. Each kind of betrayal is told at once, whatever was told
// before it: whoever betrays chooses what else happens. So is the end of the network, after which nothing can be told.
// Ownership: what the audience's functions use outlives it. Threads: the executor's one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "io/deadline_timer.hpp"
#include "programs/client/network_news.hpp"
#include "programs/client/trouble.hpp"
#include "wire/pt_lines.hpp"

namespace footbridge::client {

// A start that fails and succeeds has this many moments.
inline constexpr int kStoryBurst = 8;
inline constexpr Seconds kStoryPause{15};

struct Audience {
  std::function<void(wire::PtSeverity severity, std::string_view sentence)> people;
  std::function<void(const std::string& line)> machines;
};

class NetworkStory final : public NetworkNews {
 public:
  NetworkStory(asio::any_io_executor executor, std::size_t number, Audience audience);

  void on_milestone(TimePoint now, Milestone milestone, std::size_t volunteers) override;
  void on_trouble(TimePoint now, Trouble trouble) override;
  void on_recovery(TimePoint now) override;

 private:
  struct Moment {
    wire::PtSeverity severity;
    std::string event;  // of the STATUS line
    std::string sentence;
    std::size_t volunteers = 0;
    bool at_once = false;  // also when there is no room
  };
  // Not told in the last kTellAgain; notes that it is told now.
  bool is_news(TimePoint now, Trouble betrayal);
  void tell(TimePoint now, Moment moment);
  void say(const Moment& moment) const;

  std::string number_;
  Audience audience_;
  std::size_t volunteers_ = 0;
  TimePoint spent_until_{};                 // when the whole burst may be said again
  std::optional<TimePoint> changed_;        // volunteers came or went while others carried: when that was told
  std::map<Trouble, TimePoint> betrayals_;  // when each was told without waiting; there are two
  std::optional<Moment> late_;              // the last of those that came too fast
  io::DeadlineTimer room_;                  // armed while late_ waits
};

}  // namespace footbridge::client
