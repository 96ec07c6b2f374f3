// FailurePause: how long to wait after attempts that failed. The first failure costs nothing; from the second in a row
// on each costs a pause, which grows. What several attempts suffer together is one failure.
//
// Keeps a reference to rng, which outlives it. One thread.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>

#include "base/rng.hpp"
#include "base/time.hpp"
#include "core/rendezvous/backoff.hpp"

namespace footbridge::core {

class FailurePause {
 public:
  // PLN-T12: a quiet time after which the next failure is the first again.
  static constexpr Seconds kForgetAfter{30};

  explicit FailurePause(Rng& rng) : rng_(rng) {}

  // An attempt that began at `began` has failed. `most`: no pause is longer, nominally.
  void on_failure(TimePoint now, TimePoint began, Millis most) {
    if (failed_at_ && began < *failed_at_) return;
    if (failed_at_ && now - std::max(*failed_at_, paused_until_) >= kForgetAfter) forgive();
    failed_at_ = now;
    if (++in_a_row_ < 2) return;
    paused_until_ = now + backoff_.next(rng_, Millis{0}, most);
    until_ = paused_until_;
  }
  // Something went well, or what went wrong says nothing any more.
  void forgive() {
    in_a_row_ = 0;
    backoff_.reset();
    failed_at_.reset();
    until_.reset();
    paused_until_ = {};
  }
  // The end of the pause that lasts; nullopt: none does.
  std::optional<TimePoint> until() const { return until_; }
  void on_deadline(TimePoint now) {
    if (until_ && *until_ <= now) until_.reset();
  }

 private:
  Rng& rng_;
  Backoff backoff_;
  std::size_t in_a_row_ = 0;
  std::optional<TimePoint> failed_at_;
  std::optional<TimePoint> until_;
  TimePoint paused_until_{};
};

}  // namespace footbridge::core
