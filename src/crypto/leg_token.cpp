#include "crypto/leg_token.hpp"

#include "base/byte_reader.hpp"
#include "base/byte_writer.hpp"
#include "base/encoding.hpp"
#include "crypto/nonce_box.hpp"

namespace footbridge::crypto {
namespace {

constexpr std::size_t kReservedBytes = 5;
constexpr std::string_view kLabel = "footbridge leg token";  // associated data: this key's other uses are not tokens

static_assert(kNonceBoxOverheadBytes + 1 + MatchId::kBytes + 2 + 8 + kReservedBytes == kLegTokenBytes);
static_assert(kLegTokenSegmentChars * 3 == kLegTokenBytes * 4);

}  // namespace

Bytes seal_leg_token(const LegToken& token, const SecretKey& key, Rng& rng) {
  Bytes plain;
  plain.reserve(kLegTokenBytes);
  ByteWriter(plain).u8(kLegTokenVersion).bytes(token.match.view()).u16(token.shard).u64(count(token.expiry));
  append(plain, rng.bytes(kReservedBytes));
  return seal_nonce_box(key, plain, as_bytes(kLabel), rng);
}

Result<LegToken, LegTokenErrc> open_leg_token(ByteView sealed, std::span<const SecretKey> keys, UnixSeconds unix_now) {
  if (sealed.size() != kLegTokenBytes) return LegTokenErrc::Forged;
  const auto plain = open_nonce_box(keys, sealed, as_bytes(kLabel));
  if (!plain) return LegTokenErrc::Forged;
  ByteReader reader(*plain);
  const auto version = reader.u8();
  if (version != kLegTokenVersion) return LegTokenErrc::Version;
  LegToken token;
  token.match = *MatchId::from(*reader.bytes(MatchId::kBytes));
  token.shard = *reader.u16();
  token.expiry = UnixSeconds{*reader.u64()};
  switch (timeliness(token.expiry, unix_now, kLegTokenLifetimeSeconds, kLegTokenSkewSeconds)) {
    case Timeliness::InTime: break;
    case Timeliness::Expired: return LegTokenErrc::Expired;
    case Timeliness::TooFarAhead: return LegTokenErrc::TooFarAhead;
  }
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
