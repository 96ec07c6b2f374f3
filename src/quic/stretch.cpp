#include "quic/stretch.hpp"

#include <cstdint>

#include "base/assert.hpp"
#include "base/byte_reader.hpp"

namespace footbridge::quic {

namespace {

constexpr std::uint32_t kVersion1 = 1;
constexpr unsigned kTypeInitial = 0;
constexpr unsigned kTypeRetry = 3;

// Steps over one long-header packet of RFC 9000 §17.2. False: something else, or not whole.
bool skip_long_packet(ByteReader& in) {
  const auto first = in.u8();
  if (!first || (*first & 0x80) == 0) return false;
  const unsigned type = *first >> 4 & 3;
  if (type == kTypeRetry || in.u32() != kVersion1) return false;
  for (int id = 0; id < 2; ++id) {
    const auto bytes = in.u8();
    if (!bytes || !in.bytes(*bytes)) return false;
  }
  if (type == kTypeInitial) {
    const auto token_bytes = in.varint();
    if (!token_bytes || *token_bytes > in.remaining()) return false;
    in.bytes(static_cast<std::size_t>(*token_bytes));
  }
  const auto rest_bytes = in.varint();
  if (!rest_bytes || *rest_bytes > in.remaining()) return false;
  in.bytes(static_cast<std::size_t>(*rest_bytes));
  return true;
}

}  // namespace

bool may_be_followed(ByteView datagram) {
  ByteReader in(datagram);
  while (!in.empty())
    if (!skip_long_packet(in)) return false;
  return !datagram.empty();
}

Bytes make_tail(std::size_t bytes, Rng& rng) {
  FB_ASSERT(bytes >= kMinTailBytes);
  auto tail = rng.bytes(bytes);
  tail[0] |= std::byte{0xc0};
  for (std::size_t i = 1; i <= 4; ++i) tail[i] = (tail[i] & std::byte{0xf0}) | std::byte{0x0a};
  tail[5] = tail[6] = std::byte{0};
  return tail;
}

}  // namespace footbridge::quic
