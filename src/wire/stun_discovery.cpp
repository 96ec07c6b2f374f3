#include "wire/stun_discovery.hpp"

#include <array>

#include "base/assert.hpp"
#include "base/byte_reader.hpp"
#include "wire/stun_attributes.hpp"

namespace footbridge::wire {
namespace {

using namespace stun;

// Attributes of a server's answer that we know, or may pass over.
bool passes(std::uint16_t type) {
  switch (type) {
    case kMappedAddress:
    case kSourceAddress:
    case kChangedAddress:
    case kMessageIntegrity:  // of no use without a password
    case kErrorCode:
    case kXorMappedAddress: return true;
    default: return type >= kFirstOptional;
  }
}

// False: an address that is none. The first of a kind counts (RFC 8489 §14).
bool take(std::optional<Endpoint>& to, std::optional<Endpoint> read) {
  if (!read) return false;
  if (!to) to = *read;
  return true;
}

bool take(StunAnswer& out, const Attribute& attribute) {
  switch (attribute.type) {
    case kXorMappedAddress: return take(out.mapped, read_hidden_address(attribute.value, out.transaction));
    case kResponseOrigin: return take(out.origin, read_address(attribute.value));
    case kOtherAddress: return take(out.other, read_address(attribute.value));
    default: return true;
  }
}

}  // namespace

Bytes encode_stun_question(const StunTransaction& transaction, StunChange change) {
  auto out = begin(StunKind::Request, transaction);
  if (change == StunChange::None) return out;
  add(out, kChangeRequest, std::array{std::byte{0}, std::byte{0}, std::byte{0}, static_cast<std::byte>(change)});
  return out;
}

Result<StunAnswer, StunError> parse_stun_answer(ByteView message) {
  const auto header = parse_stun_header(message);
  if (!header) return header.error();
  if (header->kind != StunKind::Success && header->kind != StunKind::Error) return StunError::Unknown;
  StunAnswer out;
  out.transaction = header->transaction;
  out.refused = header->kind == StunKind::Error;
  ByteReader in(message.subspan(kHeaderBytes));
  while (!in.empty()) {
    const auto attribute = next_attribute(in, message.size());
    if (!attribute) return StunError::Malformed;
    if (!passes(attribute->type)) return StunError::Unknown;
    if (attribute->type == kFingerprint && !is_right_fingerprint(message, *attribute)) return StunError::Malformed;
    if (!take(out, *attribute)) return StunError::Malformed;
  }
  if (!out.refused && !out.mapped) return StunError::Malformed;
  return out;
}

Bytes encode_stun_answer(const StunAnswer& answer) {
  auto out = begin(answer.refused ? StunKind::Error : StunKind::Success, answer.transaction);
  if (answer.mapped) add(out, kXorMappedAddress, hidden_address(*answer.mapped, answer.transaction));
  if (answer.origin) add(out, kResponseOrigin, plain_address(*answer.origin));
  if (answer.other) add(out, kOtherAddress, plain_address(*answer.other));
  return out;
}

}  // namespace footbridge::wire
