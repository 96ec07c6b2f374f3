#include "wire/stun.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "base/byte_reader.hpp"
#include "base/byte_writer.hpp"
#include "wire/stun_attributes.hpp"

namespace footbridge::wire {
namespace {

using namespace stun;

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
      if (!is_right_fingerprint(message, *attribute)) return StunError::Malformed;
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
  add(out, kXorMappedAddress, hidden_address(asker, transaction));
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
