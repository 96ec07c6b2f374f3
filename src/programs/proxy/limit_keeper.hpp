// LimitKeeper: a volunteer's limits as its program keeps them: the clock on the wall, the file with the record, the
// events in the log. What may be done now is core::VolunteerLimits's decision; who asked to be told does it.
//
// The record is in the state directory (RecordFile): who is killed loses at most what PRX-T11 and PRX-B4 allow. While
// another process counts in it nothing is kept; when that one has ended we go on from what it counted.
// Errors: a file that cannot be read counts as an allowance used up, and what cannot be kept later on is said once.
// Ownership: metrics and callbacks outlive it. Threads: the I/O thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>

#include "core/limits/set_aside.hpp"
#include "core/limits/volunteer_limits.hpp"
#include "io/deadline_timer.hpp"
#include "programs/proxy/limit_metrics.hpp"
#include "programs/proxy/record_file.hpp"

namespace footbridge::proxy {

// What is carried is counted when so much has come together, or PRX-B5 of the smaller allowance, if that is less; or at
// the next look at the clock.
inline constexpr std::uint64_t kCountedBytes = 256 * 1024;

class LimitKeeper {
 public:
  struct Carried {  // since the program began
    std::uint64_t up = 0;
    std::uint64_t down = 0;
  };
  struct Wish {
    core::LimitSettings limits{};
    std::size_t slots = 0;
    bool metered = false;            // whoever passes here is paid for by the byte
    std::optional<Seconds> pause{};  // nobody new for so long, whatever else; who is here has kLimitDrain to leave
    bool resume = false;             // such a pause is over
  };
  struct Tells {
    std::function<void(std::size_t slots, Duration grace)> slots;  // so many may be helped from now on
    std::function<void()> end_all;                                 // nobody any more, at once
    std::function<Carried()> carried;
    std::function<std::size_t()> helping;
  };
  // `directory`: nullopt: nothing is kept.
  LimitKeeper(asio::any_io_executor executor, const std::optional<std::filesystem::path>& directory,
              LimitMetrics& metrics);

  // For who has an allowance, before anything starts: throws ops::UsageError when what was carried cannot be kept, or
  // another process counts it, as an allowance that each start forgets is none.
  void require_memory();
  // From here on it tells. Once.
  void start(Tells tells);
  // What the volunteer wishes, at any time: all of it at once, or nothing, where require_memory() throws for an
  // allowance that is another than before.
  void use(const Wish& wish);
  void set_metered(bool metered);
  void on_helped();   // somebody new
  void on_carried();  // something
  core::Pause pause() const { return verdict_.pause; }
  const core::LimitVerdict& verdict() const { return verdict_; }
  std::size_t wanted_slots() const { return wanted_slots_; }
  const core::LimitSettings& settings() const { return limits_.settings(); }
  const core::HelpingRecord& record() const { return limits_.record(); }
  // Keeps the record and tells nothing any more.
  void close();

 private:
  Claim claim();  // OursAnew: and what was counted there is ours now
  bool read();    // false: there is nothing
  void look();
  void count(core::CivilTime at);
  void tell_day(const core::HelpingRecord& before);
  void tell_pause(const core::LimitVerdict& before);
  void keep(bool last);
  void tell_not_kept(std::string_view why);

  core::VolunteerLimits limits_;
  core::SetAside aside_;
  LimitMetrics& metrics_;
  std::optional<RecordFile> file_;
  Tells tells_;
  bool started_ = false;
  std::size_t wanted_slots_ = 0;
  Carried counted_;
  core::LimitVerdict verdict_;
  bool complained_ = false;
  io::DeadlineTimer timer_;
};

}  // namespace footbridge::proxy
