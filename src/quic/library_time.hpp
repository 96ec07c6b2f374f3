// Time points as ngtcp2 counts them: nanoseconds in 64 bits, all ones for "never". Private to quic/.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>

#include "base/assert.hpp"
#include "base/time.hpp"

namespace footbridge::quic {

inline std::uint64_t to_library(Duration duration) {
  FB_ASSERT(duration.count() >= 0);
  return static_cast<std::uint64_t>(duration.count());
}
inline std::uint64_t to_library(TimePoint at) { return to_library(at.time_since_epoch()); }

inline std::optional<TimePoint> from_library(std::uint64_t stamp) {
  if (stamp > static_cast<std::uint64_t>(std::numeric_limits<Duration::rep>::max())) return std::nullopt;
  return TimePoint(Duration(static_cast<Duration::rep>(stamp)));
}

}  // namespace footbridge::quic
