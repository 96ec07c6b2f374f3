// The leg token: what lets a proxy's relay leg into an egress. The broker seals {match, shard, expiry} under a key it
// shares with that egress; the proxy carries the token without being able to read it, as the last path segment of the
// relay URL. Wire format and reasons: docs/spec/05-leg-token.md. Single use is core's LegTokenGuard.
//
// Layout: 24-byte nonce, then version 1 | match 16 | shard 2 | expiry 8 | reserved 5 (random), sealed: 72 bytes,
// always.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/id.hpp"
#include "base/result.hpp"
#include "base/rng.hpp"
#include "base/time.hpp"
#include "crypto/secret_key.hpp"

namespace footbridge::crypto {

inline constexpr std::uint8_t kLegTokenVersion = 1;
inline constexpr std::size_t kLegTokenBytes = 72;         // TOK-B1: a multiple of three: base64url without a remainder
inline constexpr std::size_t kLegTokenSegmentChars = 96;  // TOK-B2: the same in base64url
// TOK-T1: answer 10 s, link 20 s and dial 10 s fit, with 20 s to spare.
inline constexpr std::uint64_t kLegTokenLifetimeSeconds = 60;
// TOK-T2: broker and egress keep time by NTP; a few seconds of disagreement must not refuse every leg.
inline constexpr std::uint64_t kLegTokenSkewSeconds = 10;

struct LegToken {
  MatchId match;
  std::uint16_t shard = 0;
  UnixSeconds expiry{};  // at most kLegTokenLifetimeSeconds after it was made
};

enum class LegTokenErrc : std::uint8_t {
  Forged,       // not a token of ours: answer as to any unknown URL
  Version,      // sealed by a newer broker: the same answer, and count it
  Expired,      // the same answer
  TooFarAhead,  // a token from the future: the clocks disagree; the same answer, and tell the operator
};

// The token's bytes, for the assignment and as a UDP leg's first datagram.
Bytes seal_leg_token(const LegToken& token, const SecretKey& key, Rng& rng);
// Tries each key (the current one and its predecessor); `unix_now` is the egress's clock.
Result<LegToken, LegTokenErrc> open_leg_token(ByteView sealed, std::span<const SecretKey> keys, UnixSeconds unix_now);

// The last path segment of the relay URL, and back. Result is Forged for anything that is not 72 bytes of base64url.
std::string leg_token_segment(ByteView sealed);
Result<Bytes, LegTokenErrc> parse_leg_token_segment(std::string_view segment);

}  // namespace footbridge::crypto
