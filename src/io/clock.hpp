// The only place that reads a clock. Drivers call now() once per wake-up and pass the value down.
// Our TimePoint counts from the steady clock's epoch, so both directions of the conversion are free.
#pragma once

#include <chrono>

#include "base/time.hpp"

namespace footbridge::io {

inline TimePoint now() {
  return TimePoint(std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch()));
}

// Wall time, for tokens and certificates only: it may jump.
inline UnixSeconds unix_now() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return UnixSeconds{static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(since).count())};
}

inline std::chrono::steady_clock::time_point to_steady(TimePoint at) {
  return std::chrono::steady_clock::time_point(
      std::chrono::duration_cast<std::chrono::steady_clock::duration>(at.time_since_epoch()));
}

}  // namespace footbridge::io
