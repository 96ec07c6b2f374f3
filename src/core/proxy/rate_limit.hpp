// RateLimit: what a volunteer carries at most in one direction, for all its slots together. What may not go yet waits
// in the slots' PacedPipes, each bounded by its relay; they take turns, a message each.
//
// Bounds: RateAccount's, with kBurstTime. Ownership: borrows the pipes that wait; they take themselves off when they
// end. One thread.
#pragma once

#include <cstdint>
#include <optional>

#include "base/ring.hpp"
#include "base/time.hpp"
#include "core/proxy/rate_account.hpp"

namespace footbridge::core {

class PacedPipe;

class RateLimit {
 public:
  // RLY-T1: a wake-up that comes late loses nothing, and what leaves at once still fits into a home router's queue.
  static constexpr Millis kBurstTime{20};

  // nullopt: no limit. What waits goes with the next on_time().
  void set_bytes_per_second(std::optional<std::uint64_t> rate) { account_.set_bytes_per_second(rate); }

  // Once per turn of the loop, before its pipes are used.
  void tell(TimePoint now) { now_ = now; }
  // At deadline(): lets go what may go by now.
  void on_time(TimePoint now);
  // When something that waits may go; nullopt: nothing waits.
  std::optional<TimePoint> deadline() const;

 private:
  friend class PacedPipe;
  bool paid() const { return account_.paid(now_); }
  bool may_send_at_once() const { return waiting_.empty() && paid(); }  // nobody is overtaken
  void charge(std::size_t bytes) { account_.charge(now_, bytes); }
  void wait(PacedPipe& pipe) { waiting_.push_back(&pipe); }
  void forget(PacedPipe& pipe);

  RateAccount account_{kBurstTime};
  TimePoint now_{};
  Ring<PacedPipe*> waiting_;  // borrowed; the next one's turn first
};

}  // namespace footbridge::core
