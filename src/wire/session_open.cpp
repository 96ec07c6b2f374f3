#include "wire/session_open.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "base/byte_reader.hpp"
#include "base/byte_writer.hpp"
#include "base/overloaded.hpp"

namespace footbridge::wire {
namespace {

constexpr std::uint8_t kHostV4 = 1;
constexpr std::uint8_t kHostV6 = 2;
constexpr std::uint8_t kHostName = 3;

// Letters, digits, hyphen, dot, and the underscore of service names. Everything else (spaces, NUL, brackets, UTF-8)
// could mean one thing to a policy and another to a resolver.
bool is_host_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
}

bool is_host_name(std::string_view text) {
  return !text.empty() && text.size() <= kMaxHostNameBytes && std::ranges::all_of(text, is_host_character);
}

std::optional<std::variant<std::string, IpAddress>> read_host(ByteReader& in) {
  const auto type = in.u8();
  if (!type) return std::nullopt;
  if (*type == kHostV4) {
    const auto address = in.u32();
    if (!address) return std::nullopt;
    return IpAddress::v4(*address);
  }
  if (*type == kHostV6) {
    const auto raw = in.bytes(16);
    if (!raw) return std::nullopt;
    std::array<std::uint8_t, 16> address{};
    std::copy_n(as_u8(*raw), address.size(), address.begin());
    return IpAddress::v6(address);
  }
  if (*type != kHostName) return std::nullopt;
  const auto length = in.u8();
  const auto text = length ? in.bytes(*length) : std::nullopt;
  if (!text || !is_host_name(as_text(*text))) return std::nullopt;
  return to_string(*text);
}

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
  if (*kind != static_cast<std::uint8_t>(StreamKind::Tcp)) return OpenErrc::Unsupported;
  auto host = read_host(in);
  const auto port = host ? in.u16() : std::nullopt;
  if (!port || *port == 0) return OpenErrc::Malformed;

  OpenHeader header;
  // A priority of the future is a wish we do not know: normal.
  if (*priority <= static_cast<std::uint8_t>(StreamPriority::Bulk))
    header.priority = static_cast<StreamPriority>(*priority);
  header.destination = Private<Destination>({std::move(*host), *port});
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
  const auto& destination = header.destination.reveal_to_socket();
  const auto* text = std::get_if<std::string>(&destination.host);
  if (destination.port == 0 || (text != nullptr && !is_host_name(*text))) return std::nullopt;
  Bytes body;
  ByteWriter out(body);
  out.u8(kOpenVersion).u8(static_cast<std::uint8_t>(header.kind)).u8(static_cast<std::uint8_t>(header.priority));
  std::visit(
      Overloaded{[&](const std::string& host) {
                   out.u8(kHostName).u8(static_cast<std::uint8_t>(host.size())).bytes(as_bytes(host));
                 },
                 [&](const IpAddress& address) { out.u8(address.is_v4() ? kHostV4 : kHostV6).bytes(address.view()); }},
      destination.host);
  out.u16(destination.port);
  return with_length(body);
}

Bytes encode_opened(OpenStatus status) {
  const std::array body{static_cast<std::byte>(kOpenVersion), static_cast<std::byte>(status)};
  return with_length(body);
}

}  // namespace footbridge::wire
