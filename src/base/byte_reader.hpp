// ByteReader: bounds-checked, big-endian reading. Every read answers nullopt when the input is too short, and then
// the reader stays where it was. Views returned point into the input.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"

namespace footbridge {

class ByteReader {
 public:
  explicit ByteReader(ByteView in) : in_(in) {}

  std::size_t remaining() const { return in_.size(); }
  bool empty() const { return in_.empty(); }
  ByteView rest() const { return in_; }

  std::optional<std::uint8_t> u8() { return integer<std::uint8_t>(); }
  std::optional<std::uint16_t> u16() { return integer<std::uint16_t>(); }
  std::optional<std::uint32_t> u32() { return integer<std::uint32_t>(); }
  std::optional<std::uint64_t> u64() { return integer<std::uint64_t>(); }

  std::optional<ByteView> bytes(std::size_t count) {
    if (in_.size() < count) return std::nullopt;
    const auto out = in_.first(count);
    in_ = in_.subspan(count);
    return out;
  }

  // RFC 9000 §16: 1, 2, 4 or 8 bytes, 62 bits.
  std::optional<std::uint64_t> varint() {
    if (in_.empty()) return std::nullopt;
    const auto first = std::to_integer<std::uint64_t>(in_[0]);
    const std::size_t length = std::size_t{1} << (first >> 6);
    if (in_.size() < length) return std::nullopt;
    std::uint64_t value = first & 0x3f;
    for (std::size_t i = 1; i < length; ++i) value = value << 8 | std::to_integer<std::uint64_t>(in_[i]);
    in_ = in_.subspan(length);
    return value;
  }

 private:
  template <class T>
  std::optional<T> integer() {
    if (in_.size() < sizeof(T)) return std::nullopt;
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i) value = value << 8 | std::to_integer<std::uint64_t>(in_[i]);
    in_ = in_.subspan(sizeof(T));
    return static_cast<T>(value);
  }
  ByteView in_;
};

}  // namespace footbridge
