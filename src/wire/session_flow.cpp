#include "wire/session_flow.hpp"

#include "base/assert.hpp"
#include "base/overloaded.hpp"
#include "wire/session_frames.hpp"

namespace footbridge::wire {
namespace {

constexpr std::uint8_t kData = 0x00;
constexpr std::uint8_t kOpen = 0x01;
constexpr std::uint8_t kClose = 0x02;
constexpr std::uint8_t kFrom = 0x03;
constexpr std::uint8_t kStatus = 0x04;
constexpr std::uint8_t kPiece = 0x80;

// The position of a piece shares a byte with the mark of the last one.
constexpr std::uint8_t kLastPiece = 0x80;
static_assert(kMaxFlowPieces <= kLastPiece);

FlowStatus status_of(std::uint8_t code) {
  switch (code) {
    case 0: return FlowStatus::Opened;
    case 2: return FlowStatus::Unreachable;
    case 3: return FlowStatus::DnsFailure;
    case 4: return FlowStatus::Policy;
    case 6: return FlowStatus::Limit;
    case 9: return FlowStatus::Over;
    default: return FlowStatus::Internal;
  }
}

Result<ByteView, FlowErrc> payload(ByteReader& in) {
  if (in.remaining() > kMaxFlowPayloadBytes) return FlowErrc::TooLarge;
  return in.rest();
}

Result<FlowMessage, FlowErrc> parse_open_flow(ByteReader& in) {
  auto destination = read_destination(in);
  if (!destination) return FlowErrc::Malformed;
  const auto bytes = payload(in);
  if (!bytes) return bytes.error();
  return FlowMessage{FlowOpen{Private(std::move(*destination)), *bytes}};
}

Result<FlowMessage, FlowErrc> parse_from(ByteReader& in) {
  const auto source = read_destination(in);
  const auto* address = source ? std::get_if<IpAddress>(&source->host) : nullptr;
  if (address == nullptr) return FlowErrc::Malformed;
  const auto bytes = payload(in);
  if (!bytes) return bytes.error();
  return FlowMessage{FlowFrom{Private(Endpoint{*address, source->port}), *bytes}};
}

}  // namespace

std::string_view name(FlowStatus status) {
  switch (status) {
    case FlowStatus::Opened: return "opened";
    case FlowStatus::Unreachable: return "unreachable";
    case FlowStatus::DnsFailure: return "dns-failure";
    case FlowStatus::Policy: return "policy";
    case FlowStatus::Limit: return "limit";
    case FlowStatus::Internal: return "internal";
    case FlowStatus::Over: return "over";
  }
  FB_ASSERT(false);
}

std::string_view name(FlowErrc error) {
  switch (error) {
    case FlowErrc::Malformed: return "malformed";
    case FlowErrc::TooLarge: return "too-large";
  }
  FB_ASSERT(false);
}

bool is_flow_piece(ByteView body) { return !body.empty() && body[0] == std::byte{kPiece}; }

Result<FlowPiece, FlowErrc> parse_flow_piece(ByteView body) {
  ByteReader in(body);
  const auto type = in.u8();
  const auto message = type == kPiece ? in.varint() : std::nullopt;
  const auto position = message ? in.u8() : std::nullopt;
  if (!position || in.empty()) return FlowErrc::Malformed;
  const FlowPiece piece{*message, static_cast<std::uint8_t>(*position & ~kLastPiece), (*position & kLastPiece) != 0,
                        in.rest()};
  if (piece.position >= kMaxFlowPieces || in.remaining() > kMaxFlowMessageBytes) return FlowErrc::TooLarge;
  return piece;
}

Result<FlowMessage, FlowErrc> parse_flow_message(ByteView message) {
  ByteReader in(message);
  const auto type = in.u8();
  if (!type) return FlowErrc::Malformed;
  switch (*type) {
    case kData: {
      const auto bytes = payload(in);
      if (!bytes) return bytes.error();
      return FlowMessage{FlowData{*bytes}};
    }
    case kOpen: return parse_open_flow(in);
    case kClose: return FlowMessage{FlowClose{}};
    case kFrom: return parse_from(in);
    case kStatus: {
      const auto code = in.u8();
      if (!code) return FlowErrc::Malformed;
      return FlowMessage{FlowStatusMessage{status_of(*code)}};
    }
    default: break;
  }
  if (*type >= kFirstIgnorableType && *type <= kLastIgnorableType) return FlowMessage{FlowIgnorable{*type}};
  return FlowErrc::Malformed;
}

Bytes encode_flow_piece_header(const FlowPiece& piece) {
  FB_ASSERT(piece.position < kMaxFlowPieces);
  Bytes out;
  ByteWriter(out)
      .u8(kPiece)
      .varint(piece.message)
      .u8(static_cast<std::uint8_t>(piece.position | (piece.last ? kLastPiece : 0)));
  return out;
}

std::optional<Bytes> encode_flow_message(const FlowMessage& message) {
  Bytes out;
  ByteWriter writer(out);
  const auto add_payload = [&](ByteView bytes) {
    writer.bytes(bytes);
    return bytes.size() <= kMaxFlowPayloadBytes;
  };
  const bool good = std::visit(
      Overloaded{[&](const FlowData& data) { return writer.u8(kData), add_payload(data.payload); },
                 [&](const FlowOpen& open) {
                   writer.u8(kOpen);
                   return write_destination(writer, open.destination.reveal_to_socket()) && add_payload(open.payload);
                 },
                 [&](const FlowClose&) { return writer.u8(kClose), true; },
                 [&](const FlowFrom& from) {
                   const auto& source = from.source.reveal_to_socket();
                   writer.u8(kFrom);
                   return write_destination(writer, {source.address, source.port}) && add_payload(from.payload);
                 },
                 [&](const FlowStatusMessage& status) {
                   writer.u8(kStatus).u8(static_cast<std::uint8_t>(status.status));
                   return true;
                 },
                 [&](const FlowIgnorable& ignorable) { return writer.u8(ignorable.type), true; }},
      message);
  if (!good) return std::nullopt;
  return out;
}

}  // namespace footbridge::wire
