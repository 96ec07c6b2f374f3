// StreamLimits: how fast one session may open streams at an egress. Threat T6: nobody scans or floods through us.
// A destination that has not answered yet counts like one that failed, so a scan of silent addresses stops at 60 a
// minute. Time is an argument; one object per session; constant memory. Not thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/time.hpp"

namespace footbridge::core {

inline constexpr std::size_t kMaxConcurrentStreams = 256;           // a browser with dozens of tabs stays below 200
inline constexpr std::size_t kMaxFailedDestinationsPerMinute = 60;  // failed or unanswered; ordinary browsing: < 10
inline constexpr std::size_t kMaxDestinationsPerMinute = 600;       // in all; loading a heavy page: about 100

enum class StreamVerdict : std::uint8_t {
  Allowed,
  TooManyStreams,
  TooManyFailures,
  TooManyDestinations,
};
std::string_view name(StreamVerdict verdict);

// Events of the last 60 s, in slots of one second: at most one second late to forget, never early.
class MinuteCount {
 public:
  void add(TimePoint now);
  std::size_t total(TimePoint now);

 private:
  static constexpr std::size_t kSlots = 61;
  void forget(TimePoint now);
  std::array<std::uint16_t, kSlots> slots_{};
  std::int64_t newest_second_ = 0;
  std::size_t total_ = 0;
};

class StreamLimits {
 public:
  // Allowed: the stream is counted, and exactly one of on_connected, on_failed and on_bridge_failed follows; after
  // on_connected, on_closed.
  StreamVerdict on_open(TimePoint now);
  void on_connected();
  void on_failed(TimePoint now);  // refused, timed out, no such name, refused by policy
  // The bridge behind this egress is not there: no failure, as there is nothing to scan, and tor tries it each second.
  void on_bridge_failed();
  void on_abandoned(TimePoint now) { on_failed(now); }  // the client left before an answer came
  void on_closed();

  std::size_t open_streams() const { return unanswered_ + connected_; }

 private:
  std::size_t unanswered_ = 0;
  std::size_t connected_ = 0;
  MinuteCount failed_;
  MinuteCount destinations_;
};

}  // namespace footbridge::core
