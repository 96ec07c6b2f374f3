// The parts that all STUN messages of ours share (RFC 8489 §5, §14): header, attributes, the checksum of FINGERPRINT
// and addresses as XOR-MAPPED-ADDRESS hides them. Inside wire only; what a message means is in stun.hpp (checks on a
// link) and stun_discovery.hpp (questions to a STUN server).
//
// Bounds: as kMaxStunBytes. Views point into the input.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/address.hpp"
#include "base/byte_reader.hpp"
#include "base/bytes.hpp"
#include "wire/stun.hpp"

namespace footbridge::wire::stun {

inline constexpr std::uint32_t kCookie = 0x2112a442;
inline constexpr std::size_t kHeaderBytes = 20;
inline constexpr std::size_t kLengthAt = 2;
inline constexpr std::size_t kAttributeHeaderBytes = 4;
inline constexpr std::size_t kFingerprintBytes = 4;

// From kFirstOptional on they may be skipped by whoever does not know them.
inline constexpr std::uint16_t kMappedAddress = 0x0001;
inline constexpr std::uint16_t kChangeRequest = 0x0003;   // RFC 5780 §7.2
inline constexpr std::uint16_t kSourceAddress = 0x0004;   // RFC 3489's; old servers still send it
inline constexpr std::uint16_t kChangedAddress = 0x0005;  // the same
inline constexpr std::uint16_t kUsername = 0x0006;
inline constexpr std::uint16_t kMessageIntegrity = 0x0008;
inline constexpr std::uint16_t kErrorCode = 0x0009;
inline constexpr std::uint16_t kXorMappedAddress = 0x0020;
inline constexpr std::uint16_t kPriority = 0x0024;
inline constexpr std::uint16_t kUseCandidate = 0x0025;
inline constexpr std::uint16_t kFirstOptional = 0x8000;
inline constexpr std::uint16_t kFingerprint = 0x8028;
inline constexpr std::uint16_t kIceControlled = 0x8029;
inline constexpr std::uint16_t kIceControlling = 0x802a;
inline constexpr std::uint16_t kResponseOrigin = 0x802b;  // RFC 5780 §7.3
inline constexpr std::uint16_t kOtherAddress = 0x802c;    // RFC 5780 §7.4

// A message without attributes, and one more at its end.
Bytes begin(StunKind kind, const StunTransaction& transaction);
void add(Bytes& message, std::uint16_t type, ByteView value);
void put_length(Bytes& message, std::size_t bytes_after_header);

// `at` is where it begins in the message.
struct Attribute {
  std::uint16_t type = 0;
  ByteView value;
  std::size_t at = 0;
};
// nullopt: it reaches over the end.
std::optional<Attribute> next_attribute(ByteReader& in, std::size_t total);

std::uint32_t fingerprint_of(ByteView bytes);
// Is this FINGERPRINT the last attribute, and right?
bool is_right_fingerprint(ByteView message, const Attribute& attribute);

// An address attribute, as it is (§14.1) or hidden by cookie and transaction (§14.2). nullopt: neither IPv4 nor IPv6,
// or of another length.
std::optional<Endpoint> read_address(ByteView value);
std::optional<Endpoint> read_hidden_address(ByteView value, const StunTransaction& transaction);
Bytes hidden_address(const Endpoint& endpoint, const StunTransaction& transaction);
Bytes plain_address(const Endpoint& endpoint);

}  // namespace footbridge::wire::stun
