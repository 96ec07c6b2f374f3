// InviteWatch: brings what the operator says of invites (programs/invite_rules.hpp) to a broker: read at the start, on
// SIGHUP, and after a change: for whoever asks at once, for those who wait within kLookAtInvites. What cannot be used
// leaves in force what was, and is said ("invites-not-read"): half a file must not let anybody in.
//
// Ownership: whoever on_change() names outlives it. Threads: the executor's one thread; files are read on it, 60 KiB
// at most of an operator's 500 invites.
#pragma once

#include <array>
#include <cstdint>
#include <functional>

#include "io/asio.hpp"
#include "io/deadline_timer.hpp"
#include "programs/invite_rules.hpp"

namespace footbridge::broker {

// Whose invite is revoked meets nobody new after this and the time that the file takes to its brokers.
inline constexpr Seconds kLookAtInvites{30};

class InviteWatch {
 public:
  using OnChange = std::function<void(const core::InviteRules& rules)>;

  // `folder`: of --network. Throws ops::UsageError about the file in it.
  InviteWatch(asio::any_io_executor executor, const ops::FilePath& folder);

  void on_change(OnChange hears) { on_change_ = std::move(hears); }
  const NetworkRules& rules() const { return rules_; }
  // What tells one file from the next: inode, size, seconds and nanoseconds of its change. All zero: it is missing.
  using State = std::array<std::int64_t, 4>;
  // The file as it is now. Throws ops::UsageError; everything stays until it is used.
  struct Next {
    State state;
    NetworkRules rules;
  };
  Next read() const;
  void use(Next next);
  void reload() { use(read()); }
  // The same if it has changed, and what is wrong is logged.
  void look_again(TimePoint now);
  // Before a request is judged: somebody was just invited and comes at once. One system call where nothing has changed.
  void on_request(TimePoint now);

 private:
  NetworkRules read_rules(const State& state) const;
  State state() const;

  ops::FilePath file_;
  State seen_;
  NetworkRules rules_;
  OnChange on_change_;
  io::DeadlineTimer timer_;
};

}  // namespace footbridge::broker
