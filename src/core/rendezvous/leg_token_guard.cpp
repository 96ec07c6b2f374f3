#include "core/rendezvous/leg_token_guard.hpp"

#include "base/assert.hpp"
#include "crypto/shared_keys.hpp"

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

TicketRefusal refusal_of(crypto::TicketErrc error) {
  switch (error) {
    case crypto::TicketErrc::Forged: return TicketRefusal::Forged;
    case crypto::TicketErrc::Version: return TicketRefusal::Version;
    case crypto::TicketErrc::Expired: return TicketRefusal::Expired;
    case crypto::TicketErrc::TooFarAhead: return TicketRefusal::TooFarAhead;
  }
  FB_ASSERT(false);
}

}  // namespace

void LegTokenGuard::replace_keys(std::vector<crypto::SecretKey> keys) {
  keys_ = std::move(keys);
  ticket_keys_.clear();
  for (const auto& key : keys_) ticket_keys_.push_back(crypto::ticket_key(key));
}

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
  used_.emplace(grant->match, Used::ByLeg);
  forget_at_.emplace_back(now + kRememberFor, grant->match);
  return grant;
}

Result<crypto::Ticket, TicketRefusal> LegTokenGuard::redeem(TimePoint now, UnixSeconds unix_now, const MatchId& match,
                                                            ByteView admission) {
  if (admission.size() < crypto::kTicketBytes) return TicketRefusal::Forged;
  auto ticket = crypto::open_ticket(admission.first(crypto::kTicketBytes), ticket_keys_, unix_now);
  if (!ticket) return refusal_of(ticket.error());
  if (ticket->match != match) return TicketRefusal::OtherMatch;
  if (ticket->boot != wire::BootEpoch{} && ticket->boot != boot_) return TicketRefusal::OtherBoot;
  forget_old(now);
  const auto leg = used_.find(match);
  if (leg == used_.end() || leg->second != Used::ByLeg) return TicketRefusal::Used;
  leg->second = Used::ByClientToo;
  return std::move(*ticket);
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

std::string_view name(TicketRefusal refusal) {
  switch (refusal) {
    case TicketRefusal::Forged: return "forged";
    case TicketRefusal::Version: return "version";
    case TicketRefusal::Expired: return "expired";
    case TicketRefusal::TooFarAhead: return "too-far-ahead";
    case TicketRefusal::OtherMatch: return "other-match";
    case TicketRefusal::OtherBoot: return "other-boot";
    case TicketRefusal::Used: return "used";
  }
  FB_ASSERT(false);
}

wire::RefusalCode refusal_code(TicketRefusal refusal) {
  switch (refusal) {
    case TicketRefusal::Forged:
    case TicketRefusal::Version:
    case TicketRefusal::OtherMatch:
    case TicketRefusal::Used: return wire::RefusalCode::Admission;
    case TicketRefusal::Expired:
    case TicketRefusal::TooFarAhead: return wire::RefusalCode::StaleTicket;
    case TicketRefusal::OtherBoot: return wire::RefusalCode::EgressRestarted;
  }
  FB_ASSERT(false);
}

}  // namespace footbridge::core
