// The sending half of a session: fills datagrams from the streams, and puts back what paths lose. Knows the cover rule
// (I2) and the peer's session-wide limit. Thread: one.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "core/session/path_table.hpp"
#include "core/session/scheduler.hpp"
#include "core/session/stream_table.hpp"
#include "wire/session_frames.hpp"

namespace footbridge::core {

// Below this a D frame would be more header than payload.
inline constexpr std::size_t kLeastPieceRoom = 2 * wire::kMaxDataOverheadBytes;
// SES-T14: a piece under way for a round trip, two variances and this, with later ones acked, is overdue. A delayed
// acknowledgement is within; QUIC would take another quarter of a round trip to call it lost, or a probe at the end.
inline constexpr Millis kOverdueMargin{20};

class Sender {
 public:
  // `control` is stream 0: always served first, not counted against the peer's session-wide limit.
  Sender(PathTable& paths, StreamTable& streams, Stream& control, SessionStats& stats)
      : paths_(paths), streams_(streams), control_(control), stats_(stats), scheduler_(paths) {}

  // The stream has something to send, or might have again.
  void wake(TimePoint now, Stream& stream);
  void forget(Stream& stream) { scheduler_.forget(stream); }
  void raise_session_limit(TimePoint now, std::uint64_t limit);

  bool has_work(TimePoint now, const Path& path);
  std::optional<TimePoint> deadline(TimePoint now);
  void fill(TimePoint now, Path& path, wire::FrameWriter& out);

  void on_acked(std::span<const Sent> pieces);
  void on_lost(TimePoint now, std::span<const Sent> pieces);
  // The path is suspect or gone (then it is no longer in the table): all it has under way needs another cover.
  void reinject(TimePoint now, const Path& path);
  // The path is trusted again: what is still under way on it has its cover there, and need not be sent again.
  void trust(const Path& path);
  // What is overdue on one path and holds up what has arrived by others goes out on another one, too.
  void on_deadline(TimePoint now);

  // What is left of the peer's session-wide limit.
  std::uint64_t credit() const { return session_limit_ - charged_; }

 private:
  bool control_ready(PathId path) const { return control_.send.again(path) || control_.send.fresh(wire::kMaxOffset); }
  bool send_piece(TimePoint now, Stream& stream, Path& path, wire::FrameWriter& out);
  Stream* find(StreamId id) { return id == 0 ? &control_ : streams_.find(id); }
  // The oldest piece on the path, when it holds up others; null: it does not.
  const Sent* holding_up(const Path& path);

  PathTable& paths_;
  StreamTable& streams_;
  Stream& control_;
  SessionStats& stats_;
  Scheduler scheduler_;
  std::uint64_t session_limit_ = 0;  // the peer's M
  std::uint64_t charged_ = 0;        // offsets of all streams used so far
};

}  // namespace footbridge::core
