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

class Sender {
 public:
  // `control` is stream 0: always served first, not counted against the peer's session-wide limit.
  Sender(PathTable& paths, StreamTable& streams, Stream& control, SessionStats& stats)
      : paths_(paths), streams_(streams), control_(control), stats_(stats), scheduler_(paths) {}

  // The stream has something to send, or might have again.
  void wake(Stream& stream);
  void forget(Stream& stream) { scheduler_.forget(stream); }
  void raise_session_limit(std::uint64_t limit);

  bool has_work(TimePoint now, const Path& path) const;
  std::optional<TimePoint> deadline(TimePoint now) const { return scheduler_.deadline(now); }
  void fill(TimePoint now, Path& path, wire::FrameWriter& out);

  void on_acked(std::span<const Sent> pieces);
  void on_lost(std::span<const Sent> pieces);
  // The path is suspect or gone (then it is no longer in the table): all it has under way needs another cover.
  void reinject(const Path& path);
  // The path is trusted again: what is still under way on it has its cover there, and need not be sent again.
  void trust(const Path& path);

  // What is left of the peer's session-wide limit.
  std::uint64_t credit() const { return session_limit_ - charged_; }

 private:
  bool control_ready() const { return control_.send.again() || control_.send.fresh(wire::kMaxOffset); }
  bool send_piece(TimePoint now, Stream& stream, Path& path, wire::FrameWriter& out);
  Stream* find(StreamId id) { return id == 0 ? &control_ : streams_.find(id); }

  PathTable& paths_;
  StreamTable& streams_;
  Stream& control_;
  SessionStats& stats_;
  Scheduler scheduler_;
  std::uint64_t session_limit_ = 0;  // the peer's M
  std::uint64_t charged_ = 0;        // offsets of all streams used so far
};

}  // namespace footbridge::core
