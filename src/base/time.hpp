// Time points for code that may not read a clock: `now` always arrives as an argument.
// The epoch is arbitrary; only differences mean anything. Wall time (certificates, tokens) is UnixSeconds.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace footbridge {

// A clock without now(): reading time is the privilege of the I/O layers.
struct VirtualClock {
  using duration = std::chrono::nanoseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<VirtualClock, duration>;
  static constexpr bool is_steady = true;
};

using Duration = VirtualClock::duration;
using TimePoint = VirtualClock::time_point;
using Millis = std::chrono::milliseconds;
using Seconds = std::chrono::seconds;

// Seconds since 1970-01-01 UTC, as carried in tokens.
enum class UnixSeconds : std::uint64_t {};
constexpr std::uint64_t count(UnixSeconds at) { return static_cast<std::uint64_t>(at); }

// Milliseconds since then, where seconds are too coarse: what is reported and shown live.
enum class UnixMillis : std::uint64_t {};
constexpr std::uint64_t count(UnixMillis at) { return static_cast<std::uint64_t>(at); }
constexpr UnixSeconds seconds_of(UnixMillis at) { return UnixSeconds{count(at) / 1000}; }

// The earlier of two deadlines, where nullopt means "never".
constexpr std::optional<TimePoint> earlier(std::optional<TimePoint> a, std::optional<TimePoint> b) {
  if (!a) return b;
  if (!b) return a;
  return *a < *b ? a : b;
}

}  // namespace footbridge
