#include "core/rendezvous/leg_token_guard.hpp"

#include "base/assert.hpp"

namespace footbridge::core {
namespace {

LegRefusal refusal_of(crypto::LegTokenErrc error) {
  switch (error) {
    case crypto::LegTokenErrc::Forged: return LegRefusal::Forged;
    case crypto::LegTokenErrc::Version: return LegRefusal::Version;
    case crypto::LegTokenErrc::Expired: return LegRefusal::Expired;
    case crypto::LegTokenErrc::TooFarAhead: return LegRefusal::TooFarAhead;
  }
  FB_ASSERT(false);
}

}  // namespace

Result<LegGrant, LegRefusal> LegTokenGuard::admit(UnixSeconds unix_now, std::string_view segment) {
  const auto sealed = crypto::parse_leg_token_segment(segment);
  if (!sealed) return refusal_of(sealed.error());
  return admit_bytes(unix_now, *sealed);
}

Result<LegGrant, LegRefusal> LegTokenGuard::admit_bytes(UnixSeconds unix_now, ByteView sealed) {
  const auto token = crypto::open_leg_token(sealed, keys_, unix_now);
  if (!token) return refusal_of(token.error());
  forget_expired(unix_now);
  if (used_.contains(token->match)) return LegRefusal::Used;
  if (used_.size() >= kMaxTokens) return LegRefusal::Full;
  used_.insert(token->match);
  by_last_second_[count(token->expiry) + crypto::kLegTokenSkewSeconds].push_back(token->match);
  return LegGrant{token->match, token->shard};
}

void LegTokenGuard::forget_expired(UnixSeconds unix_now) {
  while (!by_last_second_.empty() && by_last_second_.begin()->first < count(unix_now)) {
    for (const auto& match : by_last_second_.begin()->second) used_.erase(match);
    by_last_second_.erase(by_last_second_.begin());
  }
}

std::string_view name(LegRefusal refusal) {
  switch (refusal) {
    case LegRefusal::Forged: return "forged";
    case LegRefusal::Version: return "version";
    case LegRefusal::Expired: return "expired";
    case LegRefusal::TooFarAhead: return "too-far-ahead";
    case LegRefusal::Used: return "used";
    case LegRefusal::Full: return "full";
  }
  FB_ASSERT(false);
}

}  // namespace footbridge::core
