// How much the peer may send us: the limit of each stream and that of all together. Limits only grow (I6).
//
// A stream begins with a small window. Its window doubles when a whole one was consumed by a reader that keeps up, and
// halves when the reader lags. While much waits for readers who stall, the peer sends new streams little of their first
// window (window_shares.hpp); one that keeps up is judged by a small part of it, and lent another. What windows have
// beyond the initial one is lent from half of the session's window, with a dynamic threshold (Choudhury and Hahne,
// 1998): no stream's loan exceeds kLoanShare times what is still free. So one download gets nearly all, several share,
// and readers that stall with full windows (a paused video) can not take the session's credit away from the others.
//
// Bounds: bytes received and not consumed stay below session_window. Thread: one.
#pragma once

#include <cstdint>

#include "core/session/session_types.hpp"
#include "core/session/window_shares.hpp"

namespace footbridge::core {

// One stream alone then borrows 15/16 of the pool: 3.75 MiB, which with the initial window is kMaxStreamWindow.
inline constexpr std::uint64_t kLoanShare = 15;
// What a stream consumes of its first window before it is judged in a crowd: twice what it is assured there.
inline constexpr std::uint64_t kJudgedInACrowd = 2 * kAssuredBytes;
// A crowd: unread bytes are this part of the session's window. From there on first windows are cut short.
inline constexpr std::uint64_t kCrowdPart = 8;
// Progress of an eighth of this is told at once there (window_announcer.hpp): half of what a stream is assured.
inline constexpr std::uint64_t kMeasureInACrowd = 4 * kAssuredBytes;

// One stream's part of the ledger; lives in the stream.
struct StreamWindow {
  std::uint64_t window = 0;    // what the reader deserves
  std::uint64_t limit = 0;     // first offset the peer may not send
  std::uint64_t loan = 0;      // how much of limit − consumed is borrowed
  std::uint64_t measured = 0;  // consumed bytes when the window was last judged
};

class WindowLedger {
 public:
  explicit WindowLedger(const wire::SessionLimits& limits);

  StreamWindow begin_stream() const { return {initial_, initial_, 0, 0}; }
  // The stream takes part no more; its loan goes back.
  void end_stream(StreamWindow& stream);
  // Its reader has consumed up to `consumed`, with `unread` bytes waiting: moves the limit.
  void advance(StreamWindow& stream, std::uint64_t consumed, std::uint64_t unread);

  // What a stream's progress is measured against: its window, but in a crowd, with little lent to it, what it is
  // assured.
  std::uint64_t measure_of(const StreamWindow& stream) const;

  // New offsets were used. False: more than the session's limit allows, a violation.
  [[nodiscard]] bool on_received(std::uint64_t bytes);
  void on_consumed(std::uint64_t bytes) { consumed_ += bytes; }
  std::uint64_t session_limit() const { return consumed_ + session_window_; }
  std::uint64_t session_window() const { return session_window_; }
  std::uint64_t lent() const { return lent_; }

 private:
  bool crowded() const { return received_ - consumed_ > session_window_ / kCrowdPart; }

  std::uint64_t initial_;
  std::uint64_t session_window_;
  std::uint64_t pool_;  // what may be lent in all
  std::uint64_t lent_ = 0;
  std::uint64_t received_ = 0;
  std::uint64_t consumed_ = 0;
};

}  // namespace footbridge::core
