// Shares out the peer's session window among the streams that send into it, so that a few readers who stall do not take
// it from all others. Half of it the peer lends to fast readers (window_ledger.hpp at its end, each loan announced with
// the stream's limit). A quarter is assured: kAssuredBytes for each of kMaxStreams streams, whatever the others do. The
// last quarter is shared by first windows, with a dynamic threshold: one stream takes kShareParts of what is free.
//
//   session window │ loans                      │ assured       │ shared        │
//
// What a stream occupies is known without a word from the peer: its limit stands at least one first window above what
// its reader has consumed, so whatever was written beyond (limit − first window) may be unread, or lent.
//
// Bytes are counted when they are taken from the user, so that what was taken can always be sent. Bounds: the sum of
// all shares is a quarter of the peer's session window. Thread: one.
#pragma once

#include <cstdint>
#include <limits>

#include "core/session/session_types.hpp"

namespace footbridge::core {

// A quarter of the session's window divided by the streams it may have: several packets per round trip.
inline constexpr std::uint64_t kAssuredBytes = 8U << 10;
// Four readers may stall with whole first windows, thirty leave some hundred bytes of the share.
inline constexpr std::uint64_t kShareParts = 5;
static_assert(kAssuredBytes * kMaxStreams <= kSessionWindow / 4);
inline constexpr std::uint64_t kNoStop = std::numeric_limits<std::uint64_t>::max();

// One stream's part; lives in the stream.
struct WindowShare {
  std::uint64_t occupied = 0;  // of its first window
  std::uint64_t shared = 0;    // of that, what is above kAssuredBytes
};

class WindowShares {
 public:
  void set_peer(const wire::SessionLimits& limits) {
    first_window_ = limits.stream_window_bytes;
    quarter_ = limits.session_window_bytes / 4;
  }

  // Bytes up to `written` were taken for a stream with this limit; call it when either changes.
  void update(WindowShare& share, std::uint64_t written, std::uint64_t limit);
  // The stream occupies nothing any more.
  void release(WindowShare& share);
  // The offset up to which bytes may be taken for the stream, when `credit` of the session's window is unused; the
  // stream's limit still holds. No bound: the whole first window is its own.
  std::uint64_t stop(const WindowShare& share, std::uint64_t limit, std::uint64_t credit) const;
  // The threshold holds streams back: what one gives up is room for others.
  bool scarce(std::uint64_t credit) const { return stop({}, first_window_, credit) != kNoStop; }
  std::uint64_t shared() const { return shared_; }

 private:
  std::uint64_t threshold(std::uint64_t own, std::uint64_t unused) const;

  std::uint64_t first_window_ = 0;  // of the peer's streams
  std::uint64_t quarter_ = 0;       // of the peer's session window
  std::uint64_t shared_ = 0;        // of all streams
};

}  // namespace footbridge::core
