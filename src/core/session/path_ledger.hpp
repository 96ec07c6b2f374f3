// What is under way on one path: which stream's positions went out in which datagram. Entries leave when QUIC tells the
// datagram's fate, or with the path. Bound: kMaxUnderWay pieces, after which the path takes nothing until fates arrive
// (QUIC's congestion window is far smaller). Allocates nothing on the way once warm. Thread: one.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "base/ring.hpp"
#include "base/time.hpp"
#include "core/datagram_port.hpp"
#include "core/session/range_set.hpp"
#include "core/session/session_types.hpp"

namespace footbridge::core {

// 16 MiB of the smallest packets: twice a session's window.
inline constexpr std::size_t kMaxUnderWay = 16384;
// The oldest piece of interest stands at the front, but for what arrived by another path meanwhile.
inline constexpr std::size_t kMostLookedAt = 64;

struct Sent {
  DatagramId datagram = 0;
  StreamId stream = 0;
  Range positions;  // empty: the datagram carried W or M frames
  TimePoint at{};
  bool settled = false;  // its fate is known; leaves with its elders
};

class PathLedger {
 public:
  DatagramId next_datagram() const { return next_; }
  bool full() const { return sent_.size() >= kMaxUnderWay; }
  void record(TimePoint now, StreamId stream, Range positions) {
    sent_.push_back({next_, stream, positions, now, false});
  }
  void record_windows(TimePoint now) { sent_.push_back({next_, 0, {}, now, false}); }
  // The datagram being made is complete; the next one begins.
  void close_datagram() { ++next_; }

  // Takes out what `datagram` carried; empty for an unknown one, or for one whose fate was told before. Valid until the
  // next call.
  std::span<const Sent> take(DatagramId datagram);
  // When the oldest of what is still under way left.
  std::optional<TimePoint> oldest() const { return sent_.empty() ? std::nullopt : std::optional(sent_.front().at); }
  // The oldest piece under way for which `wanted` holds, of the first kMostLookedAt; null: none.
  template <class Wanted>
  const Sent* oldest(Wanted&& wanted) const {
    for (std::size_t at = 0; at < sent_.size() && at < kMostLookedAt; ++at)
      if (!sent_[at].settled && wanted(sent_[at])) return &sent_[at];
    return nullptr;
  }
  // What is still under way, oldest first.
  template <class Visit>
  void for_each(Visit&& visit) const {
    for (const auto& sent : sent_)
      if (!sent.settled) visit(sent);
  }

 private:
  // Index of the first piece that went out in `datagram`, or of where it would stand.
  std::size_t first_of(DatagramId datagram) const;

  DatagramId next_ = 1;
  Ring<Sent> sent_;  // by datagram
  std::vector<Sent> taken_;
};

}  // namespace footbridge::core
