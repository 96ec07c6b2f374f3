// ControlBuffer: what was written to the control stream and not yet acknowledged. The QUIC library keeps pointers into
// it until then, so bytes never move: each piece stays as it was queued. Bounded in bytes and in pieces.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "base/bytes.hpp"

namespace footbridge::quic {

class ControlBuffer {
 public:
  static constexpr std::size_t kMaxPieces = 64;  // control messages are few; this stops a loop of one-byte ones

  explicit ControlBuffer(std::size_t max_bytes) : max_bytes_(max_bytes) {}

  // False: full; nothing was taken.
  [[nodiscard]] bool push(ByteView bytes);
  bool has_unsent() const { return sent_ < end_; }
  // The unsent bytes in order, one view per piece.
  std::vector<ByteView> unsent() const;
  void mark_sent(std::size_t bytes);
  // Everything before this stream offset has been acknowledged.
  void mark_acked(std::uint64_t offset);
  std::size_t held_bytes() const { return static_cast<std::size_t>(end_ - begin_); }

 private:
  std::size_t max_bytes_;
  std::deque<Bytes> pieces_;
  std::uint64_t begin_ = 0;  // stream offset of pieces_.front()
  std::uint64_t sent_ = 0;
  std::uint64_t end_ = 0;
};

}  // namespace footbridge::quic
