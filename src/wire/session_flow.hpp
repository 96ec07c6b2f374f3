// What U frames carry: messages about UDP flows, one UDP packet at most in each, and pieces of messages that did not
// fit into one datagram (docs/spec/07-udp-flows.md §6). A flow is what one application exchanges with one destination.
//
//   0x00       DATA    payload                                     both
//   0x01       OPEN    destination, payload                        client: until the egress is known to have the flow
//   0x02       CLOSE   nothing                                     client: it will not be used any more
//   0x03       FROM    address of the destination, payload         egress: instead of DATA where a name was opened
//   0x04       STATUS  status                                      egress: opened, refused, or over
//   0x40–0x5f  ignorable                                           either: skipped, and sent at random (RFC 8701)
//   0x80       piece   message number, position, bytes             either
//
// Nothing here is repeated or put in order: a flow is as unreliable as the UDP it carries.
// Bounds: a payload is at most kMaxFlowPayloadBytes, a message kMaxFlowMessageBytes, in at most kMaxFlowPieces pieces.
// Views point into the input. Destinations are Private. Thread: any.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

#include "base/bytes.hpp"
#include "base/private.hpp"
#include "base/result.hpp"
#include "wire/session_destination.hpp"

namespace footbridge::wire {

// DNS answers go to 4096 B (RFC 6891 §6.2.5), everything else that crosses the internet unbroken to 1472 B.
inline constexpr std::size_t kMaxFlowPayloadBytes = 4096;
inline constexpr std::size_t kMaxFlowMessageBytes = 1 + kMaxDestinationBytes + kMaxFlowPayloadBytes;
// A piece that begins in what others left of a datagram is no smaller, so a message never needs more than 18.
inline constexpr std::size_t kLeastFlowPieceBytes = 256;
inline constexpr std::size_t kMaxFlowPieces = 32;
// Type, message number, position.
inline constexpr std::size_t kMaxFlowPieceHeaderBytes = 1 + 8 + 1;

enum class FlowStatus : std::uint8_t {
  Opened = 0,
  Unreachable = 2,  // no route
  DnsFailure = 3,   // the name does not exist or did not resolve
  Policy = 4,       // the egress does not go there
  Limit = 6,        // too many flows, or too many that nobody answered; later
  Internal = 8,     // and any unknown number
  Over = 9,         // the egress has no such flow (any more); open it again
};
std::string_view name(FlowStatus status);

struct FlowData {
  ByteView payload;
};
struct FlowOpen {
  Private<Destination> destination;
  ByteView payload;
};
struct FlowClose {};
struct FlowFrom {
  Private<Endpoint> source;
  ByteView payload;
};
struct FlowStatusMessage {
  FlowStatus status = FlowStatus::Internal;
};
struct FlowIgnorable {
  std::uint8_t type = 0x40;
};
using FlowMessage = std::variant<FlowData, FlowOpen, FlowClose, FlowFrom, FlowStatusMessage, FlowIgnorable>;

// A part of the message that the sender numbered so. Numbers are used once in a session and direction.
struct FlowPiece {
  std::uint64_t message = 0;
  std::uint8_t position = 0;  // 0, 1, 2, …
  bool last = false;
  ByteView bytes;
};

enum class FlowErrc : std::uint8_t {
  Malformed = 1,  // fields that do not fit, or a type that is neither known nor ignorable; drop it
  TooLarge,       // above its bound; drop it
};
std::string_view name(FlowErrc error);

// Whether the body of a U frame is a piece of a message; otherwise it is a message.
bool is_flow_piece(ByteView body);
Result<FlowPiece, FlowErrc> parse_flow_piece(ByteView body);
Result<FlowMessage, FlowErrc> parse_flow_message(ByteView message);

// What stands in front of the piece's bytes.
Bytes encode_flow_piece_header(const FlowPiece& piece);
// nullopt: a payload or a destination that parse_flow_message would refuse.
std::optional<Bytes> encode_flow_message(const FlowMessage& message);

}  // namespace footbridge::wire
