#include "wire/websocket_frame.hpp"

#include <algorithm>
#include <cstring>

#include "base/assert.hpp"
#include "base/byte_reader.hpp"
#include "base/byte_writer.hpp"

namespace footbridge::wire {
namespace {

constexpr std::uint8_t kFinal = 0x80;
constexpr std::uint8_t kReserved = 0x70;  // extensions own these bits, and we negotiate none
constexpr std::uint8_t kMasked = 0x80;
constexpr std::uint8_t kLength16 = 126;
constexpr std::uint8_t kLength64 = 127;

std::optional<WsOpcode> opcode_of(unsigned bits) {
  switch (bits) {
    case 0: return WsOpcode::Continuation;
    case 1: return WsOpcode::Text;
    case 2: return WsOpcode::Binary;
    case 8: return WsOpcode::Close;
    case 9: return WsOpcode::Ping;
    case 10: return WsOpcode::Pong;
    default: return std::nullopt;
  }
}

bool is_control(WsOpcode opcode) { return static_cast<unsigned>(opcode) >= 8; }

// The length field may take 1, 3 or 9 bytes; RFC 6455 §5.2 wants the shortest.
Result<std::uint64_t, WsErrc> parse_length(ByteReader& in, unsigned short_length) {
  if (short_length < kLength16) return std::uint64_t{short_length};
  if (short_length == kLength16) {
    const auto length = in.u16();
    if (!length) return WsErrc::Truncated;
    if (*length < kLength16) return WsErrc::Malformed;
    return std::uint64_t{*length};
  }
  const auto length = in.u64();
  if (!length) return WsErrc::Truncated;
  if (*length <= 0xffff || *length >> 63 != 0) return WsErrc::Malformed;
  return *length;
}

}  // namespace

Result<WsHeader, WsErrc> parse_ws_header(ByteView in) {
  ByteReader reader(in);
  const auto first = reader.u8();
  if (!first) return WsErrc::Truncated;
  const auto opcode = opcode_of(*first & 0x0fU);
  if (!opcode || (*first & kReserved) != 0) return WsErrc::Malformed;
  const auto second = reader.u8();
  if (!second) return WsErrc::Truncated;
  const unsigned short_length = *second & 0x7fU;
  WsHeader header{.opcode = *opcode, .final = (*first & kFinal) != 0, .mask = {}};
  if (is_control(*opcode) && (!header.final || short_length > kMaxWsControlBytes)) return WsErrc::Malformed;
  const auto length = parse_length(reader, short_length);
  if (!length) return length.error();
  header.payload_bytes = *length;
  if ((*second & kMasked) != 0) {
    const auto mask = reader.bytes(4);
    if (!mask) return WsErrc::Truncated;
    header.mask.emplace();
    std::copy(mask->begin(), mask->end(), header.mask->begin());
  }
  header.header_bytes = in.size() - reader.remaining();
  return header;
}

void encode_ws_frame(Bytes& out, WsOpcode opcode, ByteView payload, std::optional<WsMask> mask) {
  FB_ASSERT(!is_control(opcode) || payload.size() <= kMaxWsControlBytes);
  ByteWriter writer(out);
  const unsigned masked = mask ? kMasked : 0U;
  writer.u8(static_cast<std::uint8_t>(kFinal | static_cast<unsigned>(opcode)));
  if (payload.size() < kLength16) {
    writer.u8(static_cast<std::uint8_t>(masked | payload.size()));
  } else if (payload.size() <= 0xffff) {
    writer.u8(static_cast<std::uint8_t>(masked | kLength16)).u16(static_cast<std::uint16_t>(payload.size()));
  } else {
    writer.u8(static_cast<std::uint8_t>(masked | kLength64)).u64(payload.size());
  }
  if (mask) writer.bytes(*mask);
  const auto payload_at = out.size();
  append(out, payload);
  if (mask) apply_ws_mask(ByteSpan(out).subspan(payload_at), *mask);
}

void encode_ws_close(Bytes& out, WsCloseCode code, std::optional<WsMask> mask) {
  FB_ASSERT(is_sendable_ws_close_code(static_cast<std::uint16_t>(code)));
  Bytes payload;
  ByteWriter(payload).u16(static_cast<std::uint16_t>(code));
  encode_ws_frame(out, WsOpcode::Close, payload, mask);
}

void apply_ws_mask(ByteSpan data, const WsMask& mask, std::size_t offset) {
  std::array<std::byte, 8> wide{};
  for (std::size_t i = 0; i < wide.size(); ++i) wide[i] = mask[(offset + i) % 4];
  std::uint64_t key = 0;
  std::memcpy(&key, wide.data(), sizeof key);
  std::size_t at = 0;
  for (; at + sizeof key <= data.size(); at += sizeof key) {
    std::uint64_t word = 0;
    std::memcpy(&word, data.data() + at, sizeof word);
    word ^= key;
    std::memcpy(data.data() + at, &word, sizeof word);
  }
  for (; at < data.size(); ++at) data[at] ^= wide[at % 4];
}

bool is_sendable_ws_close_code(std::uint16_t code) {
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}

}  // namespace footbridge::wire
