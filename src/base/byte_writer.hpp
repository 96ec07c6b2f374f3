// Big-endian writing at the end of a growing buffer. The caller bounds what it writes.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/assert.hpp"
#include "base/bytes.hpp"

namespace footbridge {

inline constexpr std::uint64_t kMaxVarint = (std::uint64_t{1} << 62) - 1;  // RFC 9000 §16

// Encoded length of a QUIC variable-length integer.
constexpr std::size_t varint_bytes(std::uint64_t value) {
  return value < (1U << 6) ? 1 : value < (1U << 14) ? 2 : value < (1U << 30) ? 4 : 8;
}

class ByteWriter {
 public:
  explicit ByteWriter(Bytes& out) : out_(out) {}

  ByteWriter& u8(std::uint8_t value) { return integer(value, 1); }
  ByteWriter& u16(std::uint16_t value) { return integer(value, 2); }
  ByteWriter& u32(std::uint32_t value) { return integer(value, 4); }
  ByteWriter& u64(std::uint64_t value) { return integer(value, 8); }
  ByteWriter& bytes(ByteView more) { return append(out_, more), *this; }
  ByteWriter& varint(std::uint64_t value) {
    FB_ASSERT(value <= kMaxVarint);
    const auto length = varint_bytes(value);
    const std::uint64_t prefix = length == 1 ? 0 : length == 2 ? 1 : length == 4 ? 2 : 3;
    return integer(value | prefix << (8 * length - 2), length);
  }

 private:
  ByteWriter& integer(std::uint64_t value, std::size_t length) {
    for (std::size_t i = length; i-- > 0;) out_.push_back(static_cast<std::byte>(value >> (8 * i)));
    return *this;
  }
  Bytes& out_;
};

}  // namespace footbridge
