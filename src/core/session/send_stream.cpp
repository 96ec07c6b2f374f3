#include "core/session/send_stream.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace footbridge::core {

std::uint64_t SendStream::room(std::uint64_t max_buffered) const {
  if (state_ != State::Open) return 0;
  const auto sendable = limit_ > confirmed_ ? limit_ - confirmed_ : 0;
  const auto bound = std::min(max_buffered, sendable + kSendAhead);
  return bound > buffered() ? bound - buffered() : 0;
}

std::size_t SendStream::write(ByteView bytes, std::uint64_t room) {
  if (state_ != State::Open) return 0;
  const auto taken =
      bytes_.write(end_, bytes.first(static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), room))));
  end_ += taken;
  return taken;
}

void SendStream::finish() {
  if (state_ == State::Open) state_ = State::Finishing;
}

std::uint64_t SendStream::reset() {
  const auto final_size = std::min(next_, end_);
  state_ = State::Reset;
  bytes_.clear();
  acked_.clear();
  queued_.clear();
  overdue_.reset();
  end_ = confirmed_ = next_ = final_size;
  return final_size;
}

std::optional<SendStream::Piece> SendStream::again(PathId asking) const {
  const bool overdue = overdue_ && overdue_->path != asking;
  if (!overdue && queued_.empty()) return std::nullopt;
  const auto range = overdue ? overdue_->positions : queued_.front();
  const auto bytes_end = std::min(range.end, end_);
  return Piece{range.begin, bytes_end > range.begin ? bytes_end - range.begin : 0, range.end > end_, true};
}

std::optional<SendStream::Piece> SendStream::fresh(std::uint64_t session_credit) const {
  if (state_ == State::Reset || next_ > end_) return std::nullopt;
  const auto stop = std::min(end_, std::max(limit_, next_));
  const auto bytes = std::min(stop - next_, session_credit);
  const bool end = ends() && next_ + bytes == end_;
  if (bytes == 0 && !end) return std::nullopt;
  return Piece{next_, bytes, end, false};
}

void SendStream::on_sent(const Piece& piece, Range sent) {
  FB_ASSERT(sent.begin == piece.offset);
  if (piece.again) {
    queued_.remove(sent);
    if (overdue_ && overdue_->positions.begin == sent.begin) overdue_->positions.begin = sent.end;
    drop_overdue_if_done();
  } else {
    FB_ASSERT(sent.begin == next_);
    next_ = sent.end;
  }
}

bool SendStream::on_window(std::uint64_t contiguous, std::uint64_t limit) {
  // After a reset the peer still confirms what had arrived; all that may be wrong about it is gone.
  if (state_ == State::Reset) return true;
  if (contiguous > next_) return false;
  raise_limit(limit);
  if (contiguous <= confirmed_) return true;
  confirmed_ = contiguous;
  acked_.remove_below(contiguous);
  queued_.remove_below(contiguous);
  // Confirmed half-way: the pages of the beginning are gone, only the rest can be sent.
  if (overdue_) overdue_->positions.begin = std::max(overdue_->positions.begin, contiguous);
  drop_overdue_if_done();
  bytes_.release_below(confirmed_bytes(), end_);
  if (ends() && confirmed_ == end_ + 1) state_ = State::Confirmed;
  return true;
}

void SendStream::on_acked(Range positions) {
  if (over()) return;
  positions.begin = std::max(positions.begin, confirmed_);
  if (positions.empty()) return;
  acked_.add(positions);
  queued_.remove(positions);
  drop_overdue_if_done();
}

std::optional<Range> SendStream::hole() const {
  if (over() || acked_.empty()) return std::nullopt;
  const auto& ranges = acked_.ranges();
  const bool at_front = ranges.front().begin > confirmed_;
  if (!at_front && ranges.size() < 2) return std::nullopt;
  const Range first = at_front ? Range{confirmed_, ranges.front().begin} : Range{ranges.front().end, ranges[1].begin};
  return first.begin < helped_ ? std::nullopt : std::optional(first);
}

void SendStream::send_besides(Range positions, PathId path) {
  positions.begin = std::max(positions.begin, confirmed_);
  helped_ = std::max(helped_, positions.end);
  overdue_ = Overdue{positions, path};
}

void SendStream::drop_overdue_if_done() {
  if (overdue_ && (overdue_->positions.empty() || done(overdue_->positions))) overdue_.reset();
}

void SendStream::requeue(Range positions, const RangeSet& covered) {
  if (over()) return;
  positions.begin = std::max(positions.begin, confirmed_);
  if (positions.empty()) return;
  RangeSet missing;
  missing.add(positions);
  for (const auto& range : covered.ranges()) missing.remove(range);
  for (const auto& range : acked_.ranges()) missing.remove(range);
  for (const auto& range : missing.ranges()) queued_.add(range);
}

}  // namespace footbridge::core
