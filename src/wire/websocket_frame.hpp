// WebSocket frames (RFC 6455 §5), both ways, without I/O and without any extension.
// Lengths must be minimal, reserved bits zero and control frames short and whole, as the RFC demands.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace footbridge::wire {

inline constexpr std::size_t kMaxWsHeaderBytes = 14;  // 2, extended length 8, mask 4
inline constexpr std::size_t kMaxWsControlBytes = 125;

enum class WsOpcode : std::uint8_t { Continuation = 0, Text = 1, Binary = 2, Close = 8, Ping = 9, Pong = 10 };

// RFC 6455 §7.4.1; the codes that we send or give a meaning to.
enum class WsCloseCode : std::uint16_t {
  Normal = 1000,
  GoingAway = 1001,
  ProtocolError = 1002,
  Unsupported = 1003,  // text: a relay leg is binary
  NoStatus = 1005,     // never sent: a Close frame without a code
  BadData = 1007,      // a close reason that is not UTF-8
  PolicyViolation = 1008,
  TooBig = 1009,
  InternalError = 1011,
};

using WsMask = std::array<std::byte, 4>;

struct WsHeader {
  WsOpcode opcode = WsOpcode::Binary;
  bool final = true;
  std::optional<WsMask> mask;
  std::size_t header_bytes = 0;
  std::uint64_t payload_bytes = 0;  // any 63-bit number: compare with your limit before you use it
};

enum class WsErrc : std::uint8_t {
  Truncated = 1,  // need more input
  Malformed,      // close with ProtocolError
};

Result<WsHeader, WsErrc> parse_ws_header(ByteView in);

// Appends one whole frame. The mask is a client's duty (§5.3); servers pass nullopt.
void encode_ws_frame(Bytes& out, WsOpcode opcode, ByteView payload, std::optional<WsMask> mask);
void encode_ws_close(Bytes& out, WsCloseCode code, std::optional<WsMask> mask);

// XORs in place; `offset` is the position of data[0] in the payload.
void apply_ws_mask(ByteSpan data, const WsMask& mask, std::size_t offset = 0);

// May a peer send this code in a Close frame? (§7.4)
bool is_sendable_ws_close_code(std::uint16_t code);

}  // namespace footbridge::wire
