// Byte buffers: a view goes in, an owned vector comes out. A function that keeps a view says so in its name (borrow_).
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace footbridge {

using Bytes = std::vector<std::byte>;
using ByteView = std::span<const std::byte>;
using ByteSpan = std::span<std::byte>;

inline ByteView as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}
inline ByteView as_bytes(const std::uint8_t* data, std::size_t count) {
  return {reinterpret_cast<const std::byte*>(data), count};
}
inline std::string_view as_text(ByteView bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }
inline const std::uint8_t* as_u8(ByteView bytes) { return reinterpret_cast<const std::uint8_t*>(bytes.data()); }
inline std::uint8_t* as_u8(ByteSpan bytes) { return reinterpret_cast<std::uint8_t*>(bytes.data()); }

inline Bytes to_bytes(ByteView view) { return {view.begin(), view.end()}; }
inline Bytes to_bytes(std::string_view text) { return to_bytes(as_bytes(text)); }
inline std::string to_string(ByteView view) { return std::string(as_text(view)); }

inline void append(Bytes& out, ByteView more) { out.insert(out.end(), more.begin(), more.end()); }

// Equality in time that depends on the lengths only: for tokens, pins and MACs.
inline bool equal_in_constant_time(ByteView a, ByteView b) {
  if (a.size() != b.size()) return false;
  unsigned difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) difference |= std::to_integer<unsigned>(a[i] ^ b[i]);
  return difference == 0;
}

}  // namespace footbridge
