// Jittered exponential back-off. next() answers how long to wait before the coming attempt; reset() after a success.
#pragma once

#include <algorithm>

#include "base/rng.hpp"
#include "base/time.hpp"

namespace footbridge::core {

class Backoff {
 public:
  static constexpr Millis kFirst{1'000};  // BCK-T1: longer than the restart of a broker behind its load balancer
  static constexpr Millis kMost{60'000};  // BCK-T2: a volunteer returns within a minute of the broker's recovery
  // BCK-T3: each wait is drawn from [1/2, 3/2] of its nominal length, so that a crowd does not return as one.

  // Never less than `at_least`, which the broker asked for; the jitter then comes on top. Nominally not above `most`.
  Millis next(Rng& rng, Millis at_least = Millis{0}, Millis most = kMost) {
    const auto nominal = std::min(nominal_, most);
    nominal_ = std::min(nominal_ * 2, kMost);
    if (at_least > nominal) return at_least + jitter(rng, at_least / 2);
    return std::max(at_least, around(rng, nominal));
  }
  static Millis around(Rng& rng, Millis nominal) { return nominal / 2 + jitter(rng, nominal); }  // BCK-T3
  void reset() { nominal_ = kFirst; }

 private:
  static Millis jitter(Rng& rng, Millis most) {
    return Millis{static_cast<Millis::rep>(rng.between(0, static_cast<std::uint64_t>(most.count())))};
  }
  Millis nominal_ = kFirst;
};

}  // namespace footbridge::core
