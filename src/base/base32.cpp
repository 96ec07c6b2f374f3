#include "base/base32.hpp"

#include <cstdint>

namespace footbridge {
namespace {

constexpr std::string_view kDigits = "abcdefghijklmnopqrstuvwxyz234567";

int value_of(char c) {
  if (c >= 'a' && c <= 'z') return c - 'a';
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= '2' && c <= '7') return c - '2' + 26;
  return -1;
}

}  // namespace

bool is_base32(char c) { return value_of(c) >= 0; }

std::string encode_base32(ByteView bytes) {
  std::string out;
  out.reserve(base32_chars(bytes.size()));
  std::uint32_t pending = 0;
  int pending_bits = 0;
  for (const auto b : bytes) {
    pending = pending << 8 | std::to_integer<std::uint32_t>(b);
    for (pending_bits += 8; pending_bits >= 5; pending_bits -= 5) out += kDigits[pending >> (pending_bits - 5) & 31];
  }
  if (pending_bits > 0) out += kDigits[pending << (5 - pending_bits) & 31];
  return out;
}

std::optional<Bytes> parse_base32(std::string_view text) {
  if (text.size() != base32_chars(text.size() * 5 / 8)) return std::nullopt;
  Bytes out;
  out.reserve(text.size() * 5 / 8);
  std::uint32_t pending = 0;
  int pending_bits = 0;
  for (const char c : text) {
    const auto value = value_of(c);
    if (value < 0) return std::nullopt;
    pending = pending << 5 | static_cast<std::uint32_t>(value);
    pending_bits += 5;
    if (pending_bits >= 8) {
      pending_bits -= 8;
      out.push_back(static_cast<std::byte>(pending >> pending_bits));
    }
  }
  if ((pending & ((1U << pending_bits) - 1)) != 0) return std::nullopt;
  return out;
}

}  // namespace footbridge
