// RateBucket: so many at once, and so many per second after that. Thread: one.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/time.hpp"

namespace footbridge::core {

class RateBucket {
 public:
  RateBucket(std::uint32_t burst, std::uint32_t per_second)
      : full_(burst * Duration(Seconds{1}) / per_second), each_(Duration(Seconds{1}) / per_second) {}

  // False: none is left now.
  bool take(TimePoint now) {
    // The instant at which the bucket would be full again; the further ahead, the emptier it is.
    const auto full_at = std::max(full_at_, now);
    if (full_at + each_ > now + full_) return false;
    full_at_ = full_at + each_;
    return true;
  }

 private:
  Duration full_;
  Duration each_;
  TimePoint full_at_{};
};

}  // namespace footbridge::core
