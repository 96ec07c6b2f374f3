// Broker, the clients' side: parked offers, from arrival to their one reply.
#include <algorithm>
#include <utility>

#include "base/assert.hpp"
#include "core/rendezvous/broker.hpp"

namespace footbridge::core {

using wire::Refusal;

namespace {

crypto::PrefixClass prefix_class(const RequesterInfo& who) {
  if (who.hidden()) return crypto::PrefixClass::Unknown;  // the family is that of its front's connection
  return who.family == Family::V4 ? crypto::PrefixClass::V4 : crypto::PrefixClass::V6;
}

}  // namespace

void Broker::on_offer(TimePoint now, UnixSeconds unix_now, RequestKey key, wire::Offer offer,
                      const RequesterInfo& sender) {
  ++stats_.offers;
  const auto guest = admit(unix_now, offer.invite, offer.self_tag);
  if (!guest) return refuse(key, guest.error());
  const auto who = counted_as(sender, *guest);
  const bool test = *guest && invites_->is_tester(**guest) && offer.compartment == wire::kCommonCompartment;
  if (test) hear_tester(now, offer);
  const auto probe = test ? probe_of(offer.nat) : std::nullopt;
  if (probe) offer.nat.filtering = wire::NatBehaviour::Unknown;  // as of people, who do not measure it
  if (!test) hear_complaints(now, offer);
  const auto egress = egresses_.choose(offer.egress, rng_);
  if (!egress) return refuse(key, offer.egress ? Refusal::EgressGone : Refusal::Busy);
  if (!who.hidden())
    if (const auto wait = offer_rate_.take(now, who.prefix_hash)) return refuse_rate(key, *wait);
  if (*guest && !test)
    if (const auto wait = guest_rate_.wait(now, who.prefix_hash)) return refuse_rate(key, *wait);
  if (too_loaded_for(offers_.size(), polls_.size())) {
    ++stats_.overloaded;
    return refuse(key, Refusal::Overloaded);
  }
  // Of tests and of probes none waits for the others' places.
  const auto budget = probe ? who.prefix_hash + 1 + static_cast<std::uint64_t>(*probe) : who.prefix_hash;
  const auto granted = budget_.take(budget, static_cast<std::uint32_t>(offer.sdps.size()));
  if (granted == 0) return refuse(key, Refusal::Rate);
  offer.sdps.resize(granted);

  ParkedOffer parked;
  for (const auto& sdp : offer.sdps) parked.held_bytes += sdp.reveal_to_socket().size();
  parked.nat = offer.nat;
  parked.families = offer.families;
  parked.capabilities = offer.capabilities;
  parked.native_links_off = config_.tactics.native_links_off.contains(who.country);
  parked.egress = *egress;
  parked.alone = !offer.has_path && granted == 1;
  parked.test = test;
  parked.probe = probe;
  parked.wished = offer.egress.has_value();
  parked.client = {who.country, prefix_class(sender)};
  parked.shard = offer.shard;
  parked.prefix = budget;
  parked.network = who.hidden() ? ProxyQuality::kHiddenNetworks : who.prefix_hash;
  parked.guest = *guest;
  parked.reserved = granted;
  parked.since = now;
  parked.until = now + std::min<Millis>(offer.wait, kMaxOfferHold);
  parked.sdps = std::move(offer.sdps);

  WaitingOffer waiting{offer.self_tag, offer.compartment, offer.nat, offer.families, granted, {},
                       parked.until,   offer.has_path};
  waiting.tester = test;
  waiting.probe = probe;
  waiting.point = test ? std::nullopt : who.slice();
  waiting.country = who.country;
  waiting.wants_browser = config_.tactics.dtls_sensitive.contains(who.country);
  for (const auto& match : offer.avoid)
    if (const auto proxy = matches_.proxy_of(match)) waiting.avoid.push_back(*proxy);

  if (held_bytes_ + parked.held_bytes > kMaxHeldBytes || matches_.full() ||
      !matcher_.add_offer(now, key, std::move(waiting))) {
    budget_.give_back(parked.prefix, granted);
    ++stats_.offers_full;
    return refuse(key, Refusal::Busy);
  }
  held_bytes_ += parked.held_bytes;
  offer_deadlines_.set(key, parked.until);
  offers_.emplace(key, std::move(parked));
}

// Who has nobody, and names a proxy that he was given a moment ago, says that it does not carry; who has somebody names
// those that he uses as well, and says by itself what failed. A liar among clients harms a proxy no more than by not
// opening its link: of his network one failure in a row counts.
void Broker::hear_complaints(TimePoint now, const wire::Offer& offer) {
  const auto hear = [&](const MatchId& match) {
    const auto complaint = matches_.complain(now, match);
    if (!complaint) return;
    quality_.note_complaint(now, complaint->proxy, complaint->run, complaint->network);
    restate(complaint->proxy);
  };
  if (!offer.has_path) std::ranges::for_each(offer.avoid, hear);
  for (const auto& [match, kind] : offer.outcomes)
    if (kind == wire::OutcomeKind::DialFailed) hear(match);
}

// A tester says with each offer what came of the last ones: its last word may have been lost.
void Broker::hear_tester(TimePoint now, const wire::Offer& offer) {
  tests_.note_tester(now);
  for (const auto& [match, kind] : offer.outcomes)
    note_outcome_of_test(now, match, kind == wire::OutcomeKind::Stopped ? wire::OutcomeKind::Unknown : kind);
}

void Broker::note_outcome_of_test(TimePoint now, const MatchId& match, wire::OutcomeKind kind) {
  if (probes_.note_outcome(now, match, kind)) return;
  if (const auto passed = tests_.note_outcome(now, match, kind)) quality_.note_passed(now, passed->proxy, passed->run);
}

void Broker::note_failure(TimePoint now, const OpenMatch& match) {
  if (probes_.note_nothing(match.id)) return;  // there was no link that could have shown anything
  if (match.test) return note_outcome_of_test(now, match.id, wire::OutcomeKind::LinkTimeout);
  quality_.note_failure(now, match.proxy, match.network);
  restate(match.proxy);
}

void Broker::note_nothing(TimePoint now, const OpenMatch& match) {
  if (match.test) return note_outcome_of_test(now, match.id, wire::OutcomeKind::Unknown);
  quality_.note_nothing(match.proxy);
  restate(match.proxy);
}

// The SDP of an unanswered or failed match goes to another proxy, while there is time.
void Broker::retry_sdp(TimePoint now, const MatchId& id) {
  const auto match = matches_.close(now, id);
  auto& offer = offers_.at(match.offer);
  std::erase(offer.pending, id);
  reopen(now, match.offer, offer, match.sdp_index);
}

void Broker::reopen(TimePoint now, RequestKey key, ParkedOffer& offer, unsigned sdp_index) {
  // Once somebody has answered the client is about to leave: no new proxy is bothered for it.
  if (offer.matches.empty() && offer.wants_more) offer.wants_more = matcher_.reopen(now, key, sdp_index);
  due_offers_.push_back(key);
}

void Broker::on_match_due(TimePoint now, const MatchId& id) {
  const auto* match = matches_.find(id);
  switch (match->state) {
    case OpenMatch::State::Assigned:
      ++stats_.unanswered;
      withdraw(now, id, match->proxy);
      note_failure(now, *match);
      return retry_sdp(now, id);
    case OpenMatch::State::Answered: FB_ASSERT(false);  // has no deadline
    case OpenMatch::State::Delivered:
      budget_.give_back(match->prefix, 1);
      if (!match->test) note_failure(now, *match);  // of a test the tester has the word
      matches_.close(now, id);
      return;
  }
}

// Answers the offer with what it has, unless something better is still to come.
void Broker::finish_if_complete(TimePoint now, RequestKey key) {
  const auto found = offers_.find(key);
  if (found == offers_.end()) return;
  const auto& offer = found->second;
  if (!offer.pending.empty()) return;
  if (!offer.matches.empty() || !offer.wants_more) finish_offer(now, key);
}

void Broker::finish_offer(TimePoint now, RequestKey key) {
  const auto found = offers_.find(key);
  if (found == offers_.end()) return;
  auto& offer = found->second;
  if (offer.matches.empty()) {
    ++stats_.offers_unmatched;
    // Proxies were there, and none of them answered: another reason to come back than that nobody is there.
    const bool unanswered = offer.asked_somebody && offer.why_not == Refusal::NoProxy;
    if (unanswered) ++stats_.offers_unanswered;
    refuse(key, unanswered ? Refusal::NoAnswer : offer.why_not);
  } else {
    ++stats_.offers_matched;
    for (const auto& match : offer.matches) {
      matches_.delivered(*matches_.find(match.match), now + kUnopenedHold);
      if (offer.guest && !offer.test) static_cast<void>(guest_rate_.take(now, offer.prefix));
    }
    offer.reserved -= static_cast<std::uint32_t>(offer.matches.size());  // these count until their outcome
    send(key, {.body = wire::OfferReply{std::exchange(offer.matches, {})}});
    if (!offer.test) replies_.back().match_wait = now - offer.since;
  }
  end_offer(now, found);
}

// The client will hear no more: the proxies of what was not delivered are told, its budget is free again.
void Broker::end_offer(TimePoint now, OfferMap::iterator found) {
  auto& offer = found->second;
  for (const auto& match : offer.matches) offer.pending.push_back(match.match);
  for (const auto& id : offer.pending) {
    const auto match = matches_.close(now, id);
    withdraw(now, id, match.proxy);
    note_nothing(now, match);
  }
  budget_.give_back(offer.prefix, offer.reserved);
  held_bytes_ -= offer.held_bytes;
  matcher_.remove_offer(found->first);
  offer_deadlines_.erase(found->first);
  offers_.erase(found);
}

// Tells a proxy that a client is gone: at once if it has a poll parked, otherwise with its next request.
void Broker::withdraw(TimePoint now, const MatchId& match, const ProxyId& proxy) {
  const auto key = poll_of_.find(proxy);
  if (key == poll_of_.end()) return owed_.add(now, proxy, match);
  auto& reply = polls_.at(key->second).reply;
  if (reply.withdrawn.size() >= wire::kMaxWithdrawn) return;
  reply.withdrawn.push_back(match);
  due_polls_.push_back(key->second);
}

}  // namespace footbridge::core
