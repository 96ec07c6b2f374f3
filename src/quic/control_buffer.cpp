#include "quic/control_buffer.hpp"

#include "base/assert.hpp"

namespace footbridge::quic {

bool ControlBuffer::push(ByteView bytes) {
  if (bytes.empty()) return true;
  if (pieces_.size() >= kMaxPieces || bytes.size() > max_bytes_ - held_bytes()) return false;
  pieces_.push_back(to_bytes(bytes));
  end_ += bytes.size();
  return true;
}

std::vector<ByteView> ControlBuffer::unsent() const {
  std::vector<ByteView> out;
  auto offset = begin_;
  for (const auto& piece : pieces_) {
    const auto piece_end = offset + piece.size();
    if (piece_end > sent_) {
      const auto skip = sent_ > offset ? static_cast<std::size_t>(sent_ - offset) : 0;
      out.push_back(ByteView(piece).subspan(skip));
    }
    offset = piece_end;
  }
  return out;
}

void ControlBuffer::mark_sent(std::size_t bytes) {
  FB_ASSERT(bytes <= end_ - sent_);
  sent_ += bytes;
}

void ControlBuffer::mark_acked(std::uint64_t offset) {
  FB_ASSERT(offset <= sent_);
  while (!pieces_.empty() && begin_ + pieces_.front().size() <= offset) {
    begin_ += pieces_.front().size();
    pieces_.pop_front();
  }
}

}  // namespace footbridge::quic
