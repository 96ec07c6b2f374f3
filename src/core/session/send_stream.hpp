// The sending direction of one stream: bytes from the user's write() until the peer's session has confirmed them.
//
//   Open ──finish()──▶ Finishing ──all confirmed──▶ Confirmed
//     └──────┬─────────────┘
//         reset() ──▶ Reset
//
// Positions are offsets; the end of the stream is one position more, behind the last byte, so that the end is sent,
// lost, repeated and confirmed like any byte. Every position below next() that is not confirmed is, at any time, one
// of: under way (some path's ledger has it), acked (the peer's QUIC end has it, so its session has or will confirm it),
// or queued to be sent again.
//
// Besides, one piece that is under way may be sent a second time on another path, because it is overdue and holds up
// what has arrived behind it. That is no part of the rule above: the piece has its cover where it is.
//
// Bounds: the user's write() is bounded by room(). Errors: a confirmation of what was never sent is the peer's
// violation. Thread: one.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "core/session/paged_bytes.hpp"
#include "core/session/range_set.hpp"
#include "core/session/session_types.hpp"

namespace footbridge::core {

// What a stream may hold beyond what the peer is ready to receive: enough that the next W finds bytes to send, little
// enough that 256 streams with stalled readers leave half of the session's memory to the others.
inline constexpr std::uint64_t kSendAhead = 16U << 10;
// A stream is young until it has sent this much: a page, an image, an answer. Young streams go first.
inline constexpr std::uint64_t kYoungBytes = 64U << 10;

class SendStream {
 public:
  enum class State : std::uint8_t { Open, Finishing, Confirmed, Reset };

  // `limit`: the first offset the peer does not accept yet.
  SendStream(PagePool& pool, std::uint64_t limit) : bytes_(pool, MemoryUse::Sending), limit_(limit) {}

  State state() const { return state_; }
  bool open() const { return state_ == State::Open; }
  bool over() const { return state_ == State::Confirmed || state_ == State::Reset; }
  std::uint64_t limit() const { return limit_; }
  std::uint64_t written() const { return end_; }
  std::uint64_t buffered() const { return end_ - confirmed_bytes(); }
  bool young() const { return next_ < kYoungBytes; }
  // How many bytes write() would take now; `max_buffered` bounds the buffer.
  std::uint64_t room(std::uint64_t max_buffered) const;

  // Takes what fits into `room` bytes; fewer too when there is no memory.
  std::size_t write(ByteView bytes, std::uint64_t room);
  void finish();
  // Forgets everything; answers the final size: the first offset that was never sent.
  std::uint64_t reset();

  // What could go out next. `bytes` may be cut short by who sends it; then `end` goes out later.
  struct Piece {
    std::uint64_t offset = 0;
    std::uint64_t bytes = 0;
    bool end = false;    // the end of the stream follows the bytes
    bool again = false;  // was sent before
  };
  // For the path that asks; what is overdue on a path is not sent again there.
  std::optional<Piece> again(PathId asking) const;
  bool has_again() const { return !queued_.empty() || overdue_; }
  std::optional<Piece> fresh(std::uint64_t session_credit) const;
  bool wants_session_credit() const { return state_ != State::Reset && next_ < std::min(end_, limit_); }
  void copy(std::uint64_t offset, ByteSpan out) const { bytes_.read(offset, out); }
  // `piece` went out, as far as `sent` reaches.
  void on_sent(const Piece& piece, Range sent);

  // W. False: the peer confirms what was never sent. A limit below the last one changes nothing.
  bool on_window(std::uint64_t contiguous, std::uint64_t limit);
  void raise_limit(std::uint64_t limit) { limit_ = std::max(limit_, limit); }
  void on_acked(Range positions);
  // `positions` are no longer under way; what is not `covered` elsewhere is sent again.
  void requeue(Range positions, const RangeSet& covered);
  // They are under way on a path that is trusted again.
  void on_covered(Range positions) { queued_.remove(positions); }
  // The first positions that are not acked although later ones are, and were not sent a second time for that reason;
  // nullopt: none.
  std::optional<Range> hole() const;
  // They are under way on `path`, for too long: send them on another one, too.
  void send_besides(Range positions, PathId path);
  bool done(Range positions) const { return positions.end <= confirmed_ || acked_.contains(positions); }

  std::uint64_t confirmed() const { return confirmed_; }  // positions
  std::uint64_t next() const { return next_; }            // positions
  // For tests of the cover rule.
  const RangeSet& acked() const { return acked_; }
  const RangeSet& queued() const { return queued_; }

 private:
  std::uint64_t confirmed_bytes() const { return std::min(confirmed_, end_); }
  bool ends() const { return state_ == State::Finishing; }
  void drop_overdue_if_done();

  PagedBytes bytes_;
  State state_ = State::Open;
  std::uint64_t confirmed_ = 0;  // the peer's session has every position below
  std::uint64_t next_ = 0;       // never sent from here on
  std::uint64_t end_ = 0;        // offset behind the last byte written
  std::uint64_t limit_;
  RangeSet acked_;   // above confirmed_
  RangeSet queued_;  // to be sent again
  struct Overdue {
    Range positions;
    PathId path{};
  };
  std::optional<Overdue> overdue_;
  std::uint64_t helped_ = 0;  // positions below had their second chance
};

}  // namespace footbridge::core
