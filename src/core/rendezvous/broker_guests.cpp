// Broker, invites: who may use it, and as whom the broker counts him.
#include <algorithm>
#include <cstring>
#include <vector>

#include "core/network/personal_compartment.hpp"
#include "core/rendezvous/broker.hpp"
#include "crypto/primitives.hpp"

namespace footbridge::core {

using wire::Refusal;

Result<std::optional<Guest>, Refusal> Broker::admit(UnixSeconds now, const std::optional<wire::InviteId>& invite,
                                                    const SelfTag& installation) {
  if (!invites_) return std::optional<Guest>();
  auto guest = invites_->admit(now, invite, installation);
  if (!guest) ++stats_.uninvited;
  return guest;
}

// Into the common compartment everybody may, into a personal one who has its permission for the invite that he shows.
bool Broker::may_announce_as(const wire::Poll& poll) const {
  if (!invites_) return true;
  return std::ranges::all_of(poll.compartments, [&](const wire::CompartmentId& id) {
    if (id == wire::kCommonCompartment) return true;
    return poll.invite && std::ranges::any_of(poll.announcing, [&](const wire::Announcing& announcing) {
             return may_announce(announcing, id, *poll.invite);
           });
  });
}

// Where invites are needed a client is counted by his and not by his network, so that addresses win nothing: all
// installations of an invite see one slice, and each has a budget.
RequesterInfo Broker::counted_as(const RequesterInfo& who, const std::optional<Guest>& guest) const {
  if (!guest) return who;
  const auto number_of = [&](ByteView mark) {
    std::uint64_t out = 0;
    const auto hash = crypto::blake2b<sizeof out>(mark, slice_key_.reveal_to_primitive());
    std::memcpy(&out, hash.data(), sizeof out);
    return out;
  };
  auto out = who;
  out.origin = Origin::Invite;
  out.prefix_hash = number_of(guest->installation.view());
  out.invite_slice = number_of(guest->invite.view());
  return out;
}

void Broker::set_invites(TimePoint now, UnixSeconds unix_now, InviteRules rules) {
  if (invites_)
    invites_->replace(std::move(rules));
  else
    invites_.emplace(std::move(rules), std::span<const Guest>());
  std::vector<std::pair<RequestKey, Refusal>> unwelcome;
  for (const auto& [key, poll] : polls_)
    if (const auto why = invites_->objection(poll.guest)) unwelcome.emplace_back(key, *why);
  for (const auto& [key, why] : unwelcome) answer_poll(now, key, why);
  unwelcome.clear();
  for (const auto& [key, offer] : offers_)
    if (const auto why = invites_->objection(offer.guest)) unwelcome.emplace_back(key, *why);
  for (const auto& [key, why] : unwelcome) {
    refuse(key, why);
    end_offer(now, offers_.find(key));
  }
  settle(now, unix_now);
}

}  // namespace footbridge::core
