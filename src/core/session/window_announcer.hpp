// Tells the peer what arrived and how far it may go: W for streams, M for the session. Cumulative, so that any later
// announcement replaces a lost one; repeated until the peer's QUIC end has acked one that says the newest (I7).
//
//   Confirmed ──progress──▶ Due (at once, or after 25 ms) ──written──▶ Unconfirmed ──50 ms, lost──▶ Due
//       ▲───────────────────────────── acked ───────────────────────────────┘
//
// Batched: small progress waits kSmallProgressDelay for company, large progress goes with the next datagram.
// Bounds: one state per stream; kMaxAnnounced announcements under way, the oldest is forgotten first (and repeated).
// Thread: one.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "base/ring.hpp"
#include "base/time.hpp"
#include "core/datagram_port.hpp"
#include "core/session/session_types.hpp"
#include "wire/session_frames.hpp"

namespace footbridge::core {

// Long enough to gather a burst, short enough that a sender with a small window does not notice.
inline constexpr Duration kSmallProgressDelay = Millis{25};
// Measured: with this a dead path that swallowed W costs nothing visible.
inline constexpr Duration kWindowRepeat = Millis{50};
// Large progress: this share of the window. A smaller one costs CPU, a larger one makes the sender wait.
inline constexpr std::uint64_t kProgressShare = 8;
// Twenty repeats a second, for two seconds, for 25 streams.
inline constexpr std::size_t kMaxAnnounced = 1024;
// Stands for the session's own limit where a stream is named: no stream has it.
inline constexpr StreamId kWholeSession = wire::kMaxStreamId + 1;

// What was said and heard about one stream (or, with kWholeSession, about the session); lives beside it.
class Announcement {
 public:
  Announcement(StreamId stream, std::uint64_t limit)
      : stream_(stream), current_{0, limit}, sent_(current_), known_(sent_) {}
  bool confirmed() const { return current_ == known_; }

 private:
  friend class WindowAnnouncer;
  struct Values {
    std::uint64_t contiguous = 0;
    std::uint64_t limit = 0;
    friend bool operator==(const Values&, const Values&) = default;
  };
  StreamId stream_;
  Values current_;
  Values sent_;
  Values known_;  // to the peer
  TimePoint due_{};
  bool listed_ = false;
};

class WindowAnnouncer {
 public:
  // The values are now these; `window` is the size that progress is measured against.
  void update(TimePoint now, Announcement& of, std::uint64_t contiguous, std::uint64_t limit, std::uint64_t window);
  // Writes what is due, as far as it fits; answers how many frames.
  std::size_t write(TimePoint now, PathId path, DatagramId datagram, wire::FrameWriter& out);
  // The fate of a datagram that carried announcements. Confirmed streams are handed out by take_confirmed().
  void on_fate(TimePoint now, PathId path, DatagramId datagram, DatagramFate fate);
  void on_path_closed(TimePoint now, PathId path);
  std::vector<StreamId> take_confirmed() { return std::exchange(confirmed_, {}); }
  // Must be called before an Announcement goes away.
  void forget(Announcement& of);

  bool due(TimePoint now) const;
  // The first moment after `now` at which something becomes due.
  std::optional<TimePoint> deadline(TimePoint now) const;

 private:
  struct Announced {
    PathId path{};
    DatagramId datagram = 0;
    Announcement* of = nullptr;
    Announcement::Values values;
  };
  void list(TimePoint due, Announcement& of);
  void unlist(Announcement& of);
  void settle(TimePoint now, const Announced& announced, DatagramFate fate);

  std::vector<Announcement*> listed_;  // those not confirmed
  Ring<Announced> announced_;          // under way, oldest first
  std::vector<StreamId> confirmed_;
};

}  // namespace footbridge::core
