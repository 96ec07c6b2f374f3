#include "wire/stun.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "base/byte_reader.hpp"
#include "base/byte_writer.hpp"

namespace footbridge::wire {
namespace {

constexpr std::uint32_t kCookie = 0x2112a442;
constexpr std::size_t kHeaderBytes = 20;
constexpr std::size_t kLengthAt = 2;
constexpr std::size_t kAttributeHeaderBytes = 4;
constexpr std::size_t kFingerprintBytes = 4;
constexpr std::uint32_t kFingerprintMask = 0x5354554e;  // "STUN"

constexpr std::uint16_t kUsername = 0x0006;
constexpr std::uint16_t kMessageIntegrity = 0x0008;
constexpr std::uint16_t kErrorCode = 0x0009;
constexpr std::uint16_t kXorMappedAddress = 0x0020;
constexpr std::uint16_t kMappedAddress = 0x0001;
constexpr std::uint16_t kPriority = 0x0024;
constexpr std::uint16_t kUseCandidate = 0x0025;
constexpr std::uint16_t kFirstOptional = 0x8000;  // these may be skipped by whoever does not know them
constexpr std::uint16_t kFingerprint = 0x8028;
constexpr std::uint16_t kIceControlled = 0x8029;
constexpr std::uint16_t kIceControlling = 0x802a;

constexpr std::size_t padded(std::size_t bytes) { return (bytes + 3) / 4 * 4; }

// ISO HDLC, the one of Ethernet and zlib.
constexpr std::array<std::uint32_t, 256> kCrcTable = [] {
  std::array<std::uint32_t, 256> out{};
  for (std::uint32_t i = 0; i < out.size(); ++i) {
    out[i] = i;
    for (int bit = 0; bit < 8; ++bit) out[i] = out[i] >> 1 ^ ((out[i] & 1) != 0 ? 0xedb88320U : 0);
  }
  return out;
}();

std::uint32_t fingerprint_of(ByteView bytes) {
  std::uint32_t crc = 0xffff'ffff;
  for (const auto b : bytes) crc = kCrcTable[(crc ^ std::to_integer<std::uint32_t>(b)) & 0xff] ^ crc >> 8;
  return ~crc ^ kFingerprintMask;
}

bool known(std::uint16_t type) {
  switch (type) {
    case kUsername:
    case kMessageIntegrity:
    case kErrorCode:
    case kXorMappedAddress:
    case kMappedAddress:
    case kPriority:
    case kUseCandidate: return true;
    default: return type >= kFirstOptional;
  }
}

void put_length(Bytes& message, std::size_t bytes_after_header) {
  message[kLengthAt] = static_cast<std::byte>(bytes_after_header >> 8);
  message[kLengthAt + 1] = static_cast<std::byte>(bytes_after_header);
}

Bytes begin(StunKind kind, const StunTransaction& transaction) {
  Bytes out;
  ByteWriter(out).u16(static_cast<std::uint16_t>(kind)).u16(0).u32(kCookie).bytes(transaction);
  return out;
}

void add(Bytes& message, std::uint16_t type, ByteView value) {
  ByteWriter(message).u16(type).u16(static_cast<std::uint16_t>(value.size())).bytes(value);
  message.resize(padded(message.size()));
  FB_ASSERT(message.size() <= kMaxStunBytes);
  put_length(message, message.size() - kHeaderBytes);
}

// `at` is where it begins in the message.
struct Attribute {
  std::uint16_t type = 0;
  ByteView value;
  std::size_t at = 0;
};

std::optional<Attribute> next_attribute(ByteReader& in, std::size_t total) {
  Attribute out;
  out.at = total - in.remaining();
  const auto type = in.u16();
  const auto length = in.u16();
  if (!length) return std::nullopt;
  const auto value = in.bytes(padded(*length));
  if (!value) return std::nullopt;
  out.type = *type;
  out.value = value->first(*length);
  return out;
}

std::optional<StunKind> kind_of(std::uint16_t type) {
  switch (static_cast<StunKind>(type)) {
    case StunKind::Request:
    case StunKind::Indication:
    case StunKind::Success:
    case StunKind::Error: return static_cast<StunKind>(type);
  }
  return std::nullopt;
}

}  // namespace

Result<StunHeader, StunError> parse_stun_header(ByteView message) {
  ByteReader in(message);
  const auto type = in.u16();
  const auto length = in.u16();
  const auto cookie = in.u32();
  const auto transaction = in.bytes(kStunTransactionBytes);
  if (!transaction || message.size() > kMaxStunBytes || *cookie != kCookie || *length != in.remaining() ||
      *length % 4 != 0)
    return StunError::NotStun;
  const auto kind = kind_of(*type);
  if (!kind) return StunError::Unknown;
  StunHeader out;
  out.kind = *kind;
  std::copy(transaction->begin(), transaction->end(), out.transaction.begin());
  return out;
}

Result<StunMessage, StunError> parse_stun(ByteView message) {
  const auto header = parse_stun_header(message);
  if (!header) return header.error();
  ByteReader in(message.subspan(kHeaderBytes));
  StunMessage out;
  out.kind = header->kind;
  out.transaction = header->transaction;
  while (!in.empty()) {
    const auto attribute = next_attribute(in, message.size());
    if (!attribute) return StunError::Malformed;
    if (attribute->type == kFingerprint) {
      const auto claimed = ByteReader(attribute->value).u32();
      const bool right = in.empty() && attribute->value.size() == kFingerprintBytes &&
                         *claimed == fingerprint_of(message.first(attribute->at));
      if (!right) return StunError::Malformed;
      return out;
    }
    if (out.mac) continue;  // RFC 8489 §14.5: what follows MESSAGE-INTEGRITY is not covered by it, and ignored
    if (!known(attribute->type)) return StunError::Unknown;
    if (attribute->type == kUsername) out.username = as_text(attribute->value);
    if (attribute->type != kMessageIntegrity) continue;
    if (attribute->value.size() != kStunMacBytes) return StunError::Malformed;
    std::copy(attribute->value.begin(), attribute->value.end(), out.mac.emplace().begin());
    out.mac_at = attribute->at;
  }
  return StunError::Malformed;
}

Bytes stun_integrity_input(ByteView message, std::size_t mac_at) {
  FB_ASSERT(mac_at >= kHeaderBytes && mac_at <= message.size());
  auto out = to_bytes(message.first(mac_at));
  put_length(out, mac_at + kAttributeHeaderBytes + kStunMacBytes - kHeaderBytes);
  return out;
}

Bytes encode_stun_question(const StunTransaction& transaction) { return begin(StunKind::Request, transaction); }

Bytes encode_stun_request(const StunRequest& request) {
  auto out = begin(StunKind::Request, request.transaction);
  Bytes priority;
  Bytes tie_breaker;
  ByteWriter(priority).u32(request.priority);
  ByteWriter(tie_breaker).u64(request.tie_breaker);
  add(out, kUsername, as_bytes(request.username));
  add(out, request.controlling ? kIceControlling : kIceControlled, tie_breaker);
  if (request.controlling) add(out, kUseCandidate, {});
  add(out, kPriority, priority);
  return out;
}

Bytes encode_stun_success(const StunTransaction& transaction, const Endpoint& asker) {
  auto out = begin(StunKind::Success, transaction);
  const auto pad = ByteView(out).subspan(4, 4 + kStunTransactionBytes);  // cookie and transaction hide the address
  Bytes mapped;
  ByteWriter(mapped)
      .u8(0)
      .u8(asker.address.is_v4() ? 1 : 2)
      .u16(static_cast<std::uint16_t>(asker.port ^ (kCookie >> 16)));
  const auto address = asker.address.view();
  for (std::size_t i = 0; i < address.size(); ++i) mapped.push_back(address[i] ^ pad[i]);
  add(out, kXorMappedAddress, mapped);
  return out;
}

void seal_stun(Bytes& message, const StunMac& mac) {
  add(message, kMessageIntegrity, mac);
  put_length(message, message.size() + kAttributeHeaderBytes + kFingerprintBytes - kHeaderBytes);
  Bytes fingerprint;
  ByteWriter(fingerprint).u32(fingerprint_of(message));
  add(message, kFingerprint, fingerprint);
}

}  // namespace footbridge::wire
