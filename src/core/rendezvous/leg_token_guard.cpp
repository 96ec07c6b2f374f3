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

Result<LegGrant, LegRefusal> LegTokenGuard::admit(TimePoint now, UnixSeconds unix_now, std::string_view segment) {
  const auto sealed = crypto::parse_leg_token_segment(segment);
  if (!sealed) return refusal_of(sealed.error());
  return admit_bytes(now, unix_now, *sealed);
}

Result<LegGrant, LegRefusal> LegTokenGuard::look(TimePoint now, UnixSeconds unix_now, ByteView sealed) {
  const auto token = crypto::open_leg_token(sealed, keys_, unix_now);
  if (!token) return refusal_of(token.error());
  forget_old(now);
  if (used_.contains(token->match)) return LegRefusal::Used;
  if (used_.size() >= kMaxTokens) return LegRefusal::Full;
  return LegGrant{token->match, token->shard};
}

Result<LegGrant, LegRefusal> LegTokenGuard::admit_bytes(TimePoint now, UnixSeconds unix_now, ByteView sealed) {
  auto grant = look(now, unix_now, sealed);
  if (!grant) return grant;
  used_.insert(grant->match);
  forget_at_.emplace_back(now + kRememberFor, grant->match);
  return grant;
}

void LegTokenGuard::forget_old(TimePoint now) {
  while (!forget_at_.empty() && forget_at_.front().first < now) {
    used_.erase(forget_at_.front().second);
    forget_at_.pop_front();
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
