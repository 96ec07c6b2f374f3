// The bytes of a handshake's next message, gathered from a stream until a decision is possible: a few decide how many
// more there are. Takes no byte that was not asked for: what follows the handshake is somebody else's.
//
// Bound: `most`, the longest message that anybody may ask for here; more is FB_ASSERT. Not safe from two threads at
// once.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/assert.hpp"
#include "base/bytes.hpp"

namespace footbridge::wire {

class AwaitedBytes {
 public:
  AwaitedBytes(std::size_t most, std::size_t wanted) : most_(most) { begin(wanted); }

  // A new message, of which `wanted` bytes decide something.
  void begin(std::size_t wanted) {
    bytes_.clear();
    wanted_ = 0;
    want(wanted);
  }
  // `bytes` of this message in all, those here included.
  void want(std::size_t bytes) {
    FB_ASSERT(bytes <= most_);
    wanted_ = std::max(wanted_, bytes);
  }
  // Fewer than `bytes` are here; then they are wanted.
  bool lacks(std::size_t bytes) {
    want(bytes);
    return bytes_.size() < bytes;
  }
  // From the front of `in`; answers how many.
  std::size_t take(ByteView in) {
    const auto taken = complete() ? 0 : std::min(wanted_ - bytes_.size(), in.size());
    append(bytes_, in.first(taken));
    return taken;
  }
  bool complete() const { return bytes_.size() >= wanted_; }

  ByteView view() const { return bytes_; }
  std::size_t size() const { return bytes_.size(); }
  std::uint8_t u8(std::size_t at) const { return std::to_integer<std::uint8_t>(bytes_[at]); }
  std::uint16_t u16(std::size_t at) const { return static_cast<std::uint16_t>(u8(at) << 8 | u8(at + 1)); }
  std::uint32_t u32(std::size_t at) const { return static_cast<std::uint32_t>(u16(at)) << 16 | u16(at + 2); }

 private:
  std::size_t most_;
  std::size_t wanted_ = 0;
  Bytes bytes_;
};

}  // namespace footbridge::wire
