#include "crypto/leg_token.hpp"

#include <algorithm>

#include "base/byte_reader.hpp"
#include "base/byte_writer.hpp"
#include "base/encoding.hpp"
#include "crypto/primitives.hpp"

namespace footbridge::crypto {
namespace {

constexpr std::size_t kReservedBytes = 5;
constexpr std::string_view kLabel = "footbridge leg token";  // associated data: this key's other uses are not tokens

static_assert(kAeadNonceBytes + 1 + MatchId::kBytes + 2 + 8 + kReservedBytes + kAeadTagBytes == kLegTokenBytes);
static_assert(kLegTokenSegmentChars * 3 == kLegTokenBytes * 4);

std::optional<Bytes> open_with_any(ByteView sealed, std::span<const SecretKey> keys) {
  AeadNonce nonce{};
  std::copy_n(sealed.begin(), kAeadNonceBytes, nonce.begin());
  for (const auto& key : keys)
    if (auto plain = aead_open(key, nonce, sealed.subspan(kAeadNonceBytes), as_bytes(kLabel))) return plain;
  return std::nullopt;
}

}  // namespace

Bytes seal_leg_token(const LegToken& token, const SecretKey& key, Rng& rng) {
  Bytes plain;
  ByteWriter(plain).u8(kLegTokenVersion).bytes(token.match.view()).u16(token.shard).u64(count(token.expiry));
  append(plain, rng.bytes(kReservedBytes));
  const auto nonce = rng.array<kAeadNonceBytes>();
  auto out = to_bytes(ByteView(nonce));
  append(out, aead_seal(key, nonce, plain, as_bytes(kLabel)));
  return out;
}

Result<LegToken, LegTokenErrc> open_leg_token(ByteView sealed, std::span<const SecretKey> keys, UnixSeconds unix_now) {
  if (sealed.size() != kLegTokenBytes) return LegTokenErrc::Forged;
  const auto plain = open_with_any(sealed, keys);
  if (!plain) return LegTokenErrc::Forged;
  ByteReader reader(*plain);
  const auto version = reader.u8();
  if (version != kLegTokenVersion) return LegTokenErrc::Version;
  LegToken token;
  token.match = *MatchId::from(*reader.bytes(MatchId::kBytes));
  token.shard = *reader.u16();
  const auto expiry = *reader.u64();
  token.expiry = UnixSeconds{expiry};
  const auto now = count(unix_now);
  // Differences, not sums: an expiry near 2^64 must not wrap into the present.
  if (now > expiry && now - expiry > kLegTokenSkewSeconds) return LegTokenErrc::Expired;
  if (expiry > now && expiry - now > kLegTokenLifetimeSeconds + kLegTokenSkewSeconds) return LegTokenErrc::TooFarAhead;
  return token;
}

std::string leg_token_segment(ByteView sealed) { return encode_base64url(sealed); }

Result<Bytes, LegTokenErrc> parse_leg_token_segment(std::string_view segment) {
  if (segment.size() != kLegTokenSegmentChars) return LegTokenErrc::Forged;
  auto bytes = parse_base64url(segment);
  if (!bytes) return LegTokenErrc::Forged;
  return std::move(*bytes);
}

}  // namespace footbridge::crypto
