// How far an asker's clock is from its brokers': spec 10 §5. A broker says nothing about time to anybody, so an asker
// learns it from the Date of whoever answered in TLS and has proven its name; whatever the answer is, the decoy's Date
// is as good. A front that lies gets stamps that the broker refuses, which it can have more simply by answering
// nothing.
//
// Bounds: a Date further away than kMostOffset is not believed: certificates and directories do not hold for whoever is
// so wrong, and what somebody made us stamp ahead could be said to the broker that much later. Pure; one thread.
#pragma once

#include "base/time.hpp"

namespace footbridge::core {

class AskerClock {
 public:
  static constexpr Seconds kMostOffset{86'400};  // SEAL-T9: the wrong zone, or the wrong day
  static constexpr Seconds kGoodEnough{4};       // SEAL-T10: an answer's slow way is no reason to doubt a good clock

  // `clock`: ours when the answer was there. `date`: its Date, over proven TLS.
  void heard(UnixSeconds clock, UnixSeconds date) {
    const auto off = Seconds{static_cast<Seconds::rep>(count(date) - count(clock))};  // wraps to the negative
    if (off < -kMostOffset || off > kMostOffset) return;
    offset_ = off < -kGoodEnough || off > kGoodEnough ? off : Seconds{0};
  }
  // To be added to what our clock says.
  Seconds offset() const { return offset_; }
  UnixSeconds corrected(UnixSeconds clock) const {
    const auto out = count(clock) + static_cast<std::uint64_t>(offset_.count());  // wraps below 1970
    return UnixSeconds{offset_.count() < 0 && out > count(clock) ? 0 : out};
  }

 private:
  Seconds offset_{0};
};

}  // namespace footbridge::core
