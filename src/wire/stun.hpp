// STUN Binding messages (RFC 8489) as ICE (RFC 8445 §7) and consent (RFC 7675) exchange them on a chosen pair: what a
// link still needs once ICE has done its work. Their authenticity is the caller's to compute (HMAC-SHA1); the bytes it
// covers come from stun_integrity_input().
//
// Bounds: messages ≤ kMaxStunBytes; a longer one is none of ours. Views in a parsed message point into the input.
// FINGERPRINT is required, as ICE requires it: it tells STUN from whatever else shares the port.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/address.hpp"
#include "base/bytes.hpp"
#include "base/result.hpp"

namespace footbridge::wire {

inline constexpr std::size_t kMaxStunBytes = 548;  // RFC 8489 §6.1: what fits the least IPv4 path when nothing is known
inline constexpr std::size_t kStunMacBytes = 20;
inline constexpr std::size_t kStunTransactionBytes = 12;

using StunTransaction = std::array<std::byte, kStunTransactionBytes>;
using StunMac = std::array<std::byte, kStunMacBytes>;

enum class StunKind : std::uint16_t { Request = 0x0001, Indication = 0x0011, Success = 0x0101, Error = 0x0111 };

enum class StunError : std::uint8_t {
  NotStun = 1,  // first bits, cookie or length: something else shares the port; drop it
  Malformed,    // attributes overlap the end, or FINGERPRINT is missing, misplaced or wrong: drop it
  Unknown,      // another method than Binding, or an attribute that must be understood and is not: drop it
};

struct StunMessage {
  StunKind kind = StunKind::Request;
  StunTransaction transaction{};
  std::string_view username;
  std::optional<StunMac> mac;
  std::size_t mac_at = 0;  // where MESSAGE-INTEGRITY begins; 0 without one
};

// Cheap, for every datagram: may this be STUN (RFC 7983)?
inline bool looks_like_stun(ByteView datagram) { return !datagram.empty() && datagram[0] < std::byte{4}; }

// What the header alone says: enough to know a STUN server's answer by, which has no FINGERPRINT.
struct StunHeader {
  StunKind kind = StunKind::Request;
  StunTransaction transaction{};
};
Result<StunHeader, StunError> parse_stun_header(ByteView message);

Result<StunMessage, StunError> parse_stun(ByteView message);

// What MESSAGE-INTEGRITY covers when it begins at `mac_at`: everything before, with the length that includes it.
Bytes stun_integrity_input(ByteView message, std::size_t mac_at);

// What a STUN server is asked: who am I to you? Complete as it is.
Bytes encode_stun_question(const StunTransaction& transaction);

// An ICE check. The text is who asks whom, "their ufrag:our ufrag".
struct StunRequest {
  StunTransaction transaction{};
  std::string_view username;
  std::uint32_t priority = 0;
  bool controlling = false;
  std::uint64_t tie_breaker = 0;
};
// Both come without MESSAGE-INTEGRITY and FINGERPRINT, which seal_stun() adds.
Bytes encode_stun_request(const StunRequest& request);
Bytes encode_stun_success(const StunTransaction& transaction, const Endpoint& asker);
void seal_stun(Bytes& message, const StunMac& mac);

}  // namespace footbridge::wire
