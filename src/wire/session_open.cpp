#include "wire/session_open.hpp"

#include <array>

#include "base/assert.hpp"
#include "base/byte_reader.hpp"
#include "base/byte_writer.hpp"

namespace footbridge::wire {
namespace {

struct Envelope {
  ByteView body;
  std::size_t bytes = 0;  // with the length field
};

Result<Envelope, OpenErrc> read_envelope(ByteView bytes, std::size_t max_bytes) {
  ByteReader in(bytes);
  const auto length = in.varint();
  if (!length) return OpenErrc::Truncated;
  const auto prefix = bytes.size() - in.remaining();
  if (*length > max_bytes - prefix) return OpenErrc::TooLarge;
  const auto body = in.bytes(static_cast<std::size_t>(*length));
  if (!body) return OpenErrc::Truncated;
  return Envelope{*body, prefix + body->size()};
}

Bytes with_length(ByteView body) {
  Bytes out;
  ByteWriter(out).varint(body.size()).bytes(body);
  return out;
}

}  // namespace

std::string_view name(OpenStatus status) {
  switch (status) {
    case OpenStatus::Connected: return "connected";
    case OpenStatus::Refused: return "refused";
    case OpenStatus::Unreachable: return "unreachable";
    case OpenStatus::DnsFailure: return "dns-failure";
    case OpenStatus::Policy: return "policy";
    case OpenStatus::TimedOut: return "timed-out";
    case OpenStatus::Limit: return "limit";
    case OpenStatus::Unsupported: return "unsupported";
    case OpenStatus::Internal: return "internal";
  }
  FB_ASSERT(false);
}

std::string_view name(OpenErrc error) {
  switch (error) {
    case OpenErrc::Truncated: return "truncated";
    case OpenErrc::TooLarge: return "too-large";
    case OpenErrc::Malformed: return "malformed";
    case OpenErrc::Unsupported: return "unsupported";
  }
  FB_ASSERT(false);
}

Result<ParsedHeader<OpenHeader>, OpenErrc> parse_open(ByteView bytes) {
  const auto envelope = read_envelope(bytes, kMaxOpenBytes);
  if (!envelope) return envelope.error();
  ByteReader in(envelope->body);
  const auto version = in.u8();
  if (!version) return OpenErrc::Malformed;
  if (*version != kOpenVersion) return OpenErrc::Unsupported;
  const auto kind = in.u8();
  const auto priority = in.u8();
  if (!kind || !priority) return OpenErrc::Malformed;

  OpenHeader header;
  switch (*kind) {
    case static_cast<std::uint8_t>(StreamKind::Tcp): {
      auto destination = read_destination(in);
      if (!destination) return OpenErrc::Malformed;
      header.destination = Private(std::move(*destination));
      break;
    }
    case static_cast<std::uint8_t>(StreamKind::Bridge): header.kind = StreamKind::Bridge; break;
    default: return OpenErrc::Unsupported;  // a peer's number, not our enum
  }
  // A priority of the future is a wish we do not know: normal.
  if (*priority <= static_cast<std::uint8_t>(StreamPriority::Bulk))
    header.priority = static_cast<StreamPriority>(*priority);
  return ParsedHeader<OpenHeader>{std::move(header), envelope->bytes};
}

Result<ParsedHeader<OpenStatus>, OpenErrc> parse_opened(ByteView bytes) {
  const auto envelope = read_envelope(bytes, kMaxOpenedBytes);
  if (!envelope) return envelope.error();
  ByteReader in(envelope->body);
  const auto version = in.u8();
  if (!version) return OpenErrc::Malformed;
  if (*version != kOpenVersion) return OpenErrc::Unsupported;
  const auto status = in.u8();
  if (!status) return OpenErrc::Malformed;
  const bool known = *status <= static_cast<std::uint8_t>(OpenStatus::Internal);
  return ParsedHeader<OpenStatus>{known ? static_cast<OpenStatus>(*status) : OpenStatus::Internal, envelope->bytes};
}

std::optional<Bytes> encode_open(const OpenHeader& header) {
  Bytes body;
  ByteWriter out(body);
  out.u8(kOpenVersion).u8(static_cast<std::uint8_t>(header.kind)).u8(static_cast<std::uint8_t>(header.priority));
  if (header.destination.has_value() != (header.kind == StreamKind::Tcp)) return std::nullopt;
  if (header.destination && !write_destination(out, header.destination->reveal_to_socket())) return std::nullopt;
  return with_length(body);
}

Bytes encode_opened(OpenStatus status) {
  const std::array body{static_cast<std::byte>(kOpenVersion), static_cast<std::byte>(status)};
  return with_length(body);
}

}  // namespace footbridge::wire
