// LegGuard: the one LegTokenGuard of an egress, for all its workers: legs' tokens and clients' tickets. A token is good
// once, at whichever worker it is shown first; one table behind a mutex says so before the leg is handed to the worker
// of its shard, so that a used token gets the decoy from the very connection that brought it. A leg comes and goes with
// a volunteer's visitor: a few microseconds under the lock, some hundred times a second at the most. Threads: any. It
// outlives its users.
#pragma once

#include <mutex>
#include <string_view>
#include <utility>
#include <vector>

#include "core/rendezvous/leg_token_guard.hpp"

namespace footbridge::egress {

class LegGuard {
 public:
  explicit LegGuard(std::vector<crypto::SecretKey> keys, const wire::BootEpoch& boot = {})
      : guard_(std::move(keys), boot) {}

  Result<core::LegGrant, core::LegRefusal> admit(TimePoint now, UnixSeconds unix_now, std::string_view segment) {
    const std::lock_guard lock(mutex_);
    return guard_.admit(now, unix_now, segment);
  }
  Result<core::LegGrant, core::LegRefusal> admit_bytes(TimePoint now, UnixSeconds unix_now, ByteView sealed) {
    const std::lock_guard lock(mutex_);
    return guard_.admit_bytes(now, unix_now, sealed);
  }
  Result<core::LegGrant, core::LegRefusal> look(TimePoint now, UnixSeconds unix_now, ByteView sealed) {
    const std::lock_guard lock(mutex_);
    return guard_.look(now, unix_now, sealed);
  }
  Result<crypto::Ticket, core::TicketRefusal> redeem(TimePoint now, UnixSeconds unix_now, const MatchId& match,
                                                     ByteView admission) {
    const std::lock_guard lock(mutex_);
    return guard_.redeem(now, unix_now, match, admission);
  }

 private:
  std::mutex mutex_;  // guards guard_
  core::LegTokenGuard guard_;
};

}  // namespace footbridge::egress
