#include "core/rendezvous/broker.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"
#include "base/overloaded.hpp"
#include "crypto/leg_token.hpp"

namespace footbridge::core {

using wire::Refusal;

Broker::Broker(BrokerConfig config, Rng& rng)
    : config_(std::move(config)), rng_(rng), budget_(config_.slots_per_prefix) {
  FB_ASSERT(!config_.egresses.empty());
}

void Broker::on_request(TimePoint now, UnixSeconds unix_now, RequestKey key, ByteView body, const RequesterInfo& who) {
  FB_ASSERT(!polls_.contains(key) && !offers_.contains(key));
  auto request = wire::parse_request(body);
  if (!request) {
    ++stats_.malformed;
    return refuse(key, request.error() == wire::RendezvousErrc::Version ? Refusal::Version : Refusal::Malformed);
  }
  if (draining_) return refuse(key, Refusal::Draining);
  std::visit(Overloaded{[&](wire::Poll& poll) { on_poll(now, key, std::move(poll)); },
                        [&](wire::Offer& offer) { on_offer(now, key, std::move(offer), who); }},
             request->body);
  settle(now, unix_now);
}

void Broker::on_gone(TimePoint now, UnixSeconds unix_now, RequestKey key) {
  if (const auto poll = polls_.find(key); poll != polls_.end()) {
    matcher_.remove_proxy(key);
    forget_poll(poll);
  } else if (const auto offer = offers_.find(key); offer != offers_.end()) {
    end_offer(now, offer);
  }
  settle(now, unix_now);
}

void Broker::drain(TimePoint now) {
  draining_ = true;
  while (!polls_.empty()) answer_poll(polls_.begin()->first, Refusal::Draining);
  while (!offers_.empty()) {
    refuse(offers_.begin()->first, Refusal::Draining);
    end_offer(now, offers_.begin());
  }
  due_polls_.clear();
}

std::optional<Broker::Reply> Broker::poll() {
  if (replies_.empty()) return std::nullopt;
  auto reply = std::move(replies_.front());
  replies_.pop_front();
  return reply;
}

std::optional<TimePoint> Broker::deadline() const {
  return earlier(earlier(matcher_.deadline(), matches_.deadline()), offer_deadlines_.earliest());
}

void Broker::on_deadline(TimePoint now, UnixSeconds unix_now) {
  matcher_.on_deadline(now);
  while (const auto id = matches_.pop_due(now)) on_match_due(now, *id);
  while (const auto key = offer_deadlines_.pop_due(now)) finish_offer(now, *key);
  settle(now, unix_now);
}

// Polls ----------------------------------------------------------------------------------------------------------

void Broker::on_poll(TimePoint now, RequestKey key, wire::Poll poll) {
  ++stats_.polls;
  // An errand is answered in this turn: whoever brings an answer must not wait for the next client.
  const bool errand = !poll.answers.empty() || !poll.outcomes.empty();
  wire::PollReply reply;
  for (auto& answer : poll.answers) take_answer(now, poll.proxy, std::move(answer), reply);
  for (const auto& outcome : poll.outcomes) take_outcome(now, poll.proxy, outcome);
  if (errand || poll.slots == 0) return send(key, {.body = std::move(reply)});

  // The matcher ends an older poll of this proxy through an event, which settle() carries out.
  const auto hold = std::min<Millis>(poll.wait, kMaxPollHold);
  polls_[key] = {poll.proxy, poll.nat, poll.families, {}};
  poll_of_[poll.proxy] = key;
  // The poll is answered at the first match; more slots than one reply can carry are announced by the next poll.
  const auto slots = std::min<std::uint32_t>(poll.slots, wire::kMaxAssignments);
  matcher_.add_proxy(
      key, {poll.proxy, poll.self_tag, poll.nat, poll.families, std::move(poll.compartments), slots, now + hold});
}

void Broker::take_answer(TimePoint now, const ProxyId& from, wire::Answer answer, wire::PollReply& reply) {
  auto* match = matches_.find(answer.match);
  if (match == nullptr || match->proxy != from || match->state != OpenMatch::State::Assigned) {
    ++stats_.late_answers;
    reply.withdrawn.push_back(answer.match);
    return;
  }
  auto& offer = offers_.at(match->offer);  // a match waits for an answer only while its offer lives
  auto* sdp = std::get_if<wire::Sdp>(&answer.result);
  const auto sdp_bytes = sdp == nullptr ? 0 : sdp->reveal_to_socket().size();
  if (sdp == nullptr || offer.answer_bytes + sdp_bytes > wire::kMaxSdpBytesTogether) {
    ++stats_.failed_answers;
    return retry_sdp(now, answer.match);
  }
  ++stats_.answers;
  offer.answer_bytes += sdp_bytes;
  offer.matches.push_back({match->sdp_index, match->id, std::move(*sdp), config_.egresses[offer.egress].id,
                           match->proxy_nat, Private<Bytes>(rng_.bytes(wire::kTicketBytes))});
  std::erase(offer.pending, match->id);
  matches_.answered(*match);
  if (offer.matches.size() == 1) offer_deadlines_.set(match->offer, std::min(offer.until, now + kSettle));
  due_offers_.push_back(match->offer);
}

void Broker::take_outcome(TimePoint now, const ProxyId& from, const wire::Outcome& outcome) {
  const auto* match = matches_.find(outcome.match);
  if (match == nullptr || match->proxy != from || match->state != OpenMatch::State::Delivered) return;
  ++(outcome.kind == wire::OutcomeKind::Opened ? stats_.links_opened : stats_.links_failed);
  budget_.give_back(match->prefix, 1);
  matches_.close(now, outcome.match);
}

void Broker::answer_poll(RequestKey key, Refusal why) {
  const auto poll = polls_.find(key);
  if (poll == polls_.end()) return;
  wire::Response response;
  response.refusal = why;
  response.retry_after = retry_after(why);
  response.body = std::move(poll->second.reply);
  matcher_.remove_proxy(key);
  forget_poll(poll);
  send(key, std::move(response));
}

void Broker::forget_poll(PollMap::iterator poll) {
  const auto current = poll_of_.find(poll->second.proxy);
  if (current != poll_of_.end() && current->second == poll->first) poll_of_.erase(current);
  polls_.erase(poll);
}

// Offers ---------------------------------------------------------------------------------------------------------

void Broker::on_offer(TimePoint now, RequestKey key, wire::Offer offer, const RequesterInfo& who) {
  ++stats_.offers;
  const auto egress = choose_egress(offer.egress);
  if (!egress) return refuse(key, Refusal::EgressGone);
  const auto granted = budget_.take(who.prefix_hash, static_cast<std::uint32_t>(offer.sdps.size()));
  if (granted == 0) return refuse(key, Refusal::Rate);
  offer.sdps.resize(granted);

  ParkedOffer parked;
  for (const auto& sdp : offer.sdps) parked.held_bytes += sdp.reveal_to_socket().size();
  parked.nat = offer.nat;
  parked.families = offer.families;
  parked.egress = *egress;
  parked.shard = offer.shard;
  parked.prefix = who.prefix_hash;
  parked.reserved = granted;
  parked.until = now + std::min<Millis>(offer.wait, kMaxOfferHold);
  parked.sdps = std::move(offer.sdps);

  WaitingOffer waiting{offer.self_tag, offer.compartment, offer.nat, offer.families, granted, {}, parked.until};
  for (const auto& match : offer.avoid)
    if (const auto proxy = matches_.proxy_of(match)) waiting.avoid.push_back(*proxy);

  if (held_bytes_ + parked.held_bytes > kMaxHeldBytes || matches_.full() ||
      !matcher_.add_offer(now, key, std::move(waiting))) {
    budget_.give_back(parked.prefix, granted);
    return refuse(key, Refusal::Busy);
  }
  held_bytes_ += parked.held_bytes;
  offer_deadlines_.set(key, parked.until);
  offers_.emplace(key, std::move(parked));
}

std::optional<std::size_t> Broker::choose_egress(const std::optional<wire::EgressId>& wish) {
  if (!wish) return static_cast<std::size_t>(rng_.between(0, config_.egresses.size() - 1));
  for (std::size_t i = 0; i < config_.egresses.size(); ++i)
    if (config_.egresses[i].id == *wish) return i;
  return std::nullopt;
}

// The SDP of an unanswered or failed match goes to another proxy, while there is time.
void Broker::retry_sdp(TimePoint now, const MatchId& id) {
  const auto match = matches_.close(now, id);
  auto& offer = offers_.at(match.offer);
  std::erase(offer.pending, id);
  // Once somebody has answered the client is about to leave: no new proxy is bothered for it.
  if (offer.matches.empty() && offer.wants_more) offer.wants_more = matcher_.reopen(match.offer, match.sdp_index);
  due_offers_.push_back(match.offer);
}

void Broker::on_match_due(TimePoint now, const MatchId& id) {
  const auto* match = matches_.find(id);
  switch (match->state) {
    case OpenMatch::State::Assigned:
      ++stats_.unanswered;
      withdraw(id, match->proxy);
      return retry_sdp(now, id);
    case OpenMatch::State::Answered: FB_ASSERT(false);  // has no deadline
    case OpenMatch::State::Delivered:
      budget_.give_back(match->prefix, 1);
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
    refuse(key, offer.why_not);
  } else {
    ++stats_.offers_matched;
    for (const auto& match : offer.matches) matches_.delivered(*matches_.find(match.match), now + kUnopenedHold);
    offer.reserved -= static_cast<std::uint32_t>(offer.matches.size());  // these count until their outcome
    send(key, {.body = wire::OfferReply{std::exchange(offer.matches, {})}});
  }
  end_offer(now, found);
}

// The client will hear no more: the proxies of what was not delivered are told, its budget is free again.
void Broker::end_offer(TimePoint now, OfferMap::iterator found) {
  auto& offer = found->second;
  for (const auto& match : offer.matches) offer.pending.push_back(match.match);
  for (const auto& id : offer.pending) {
    withdraw(id, matches_.find(id)->proxy);
    matches_.close(now, id);
  }
  budget_.give_back(offer.prefix, offer.reserved);
  held_bytes_ -= offer.held_bytes;
  matcher_.remove_offer(found->first);
  offer_deadlines_.erase(found->first);
  offers_.erase(found);
}

// Tells a proxy that a client is gone, if it has a poll parked; otherwise its answer will be told so.
void Broker::withdraw(const MatchId& match, const ProxyId& proxy) {
  const auto key = poll_of_.find(proxy);
  if (key == poll_of_.end()) return;
  auto& reply = polls_.at(key->second).reply;
  if (reply.withdrawn.size() >= wire::kMaxWithdrawn) return;
  reply.withdrawn.push_back(match);
  due_polls_.push_back(key->second);
}

// The end of a turn ----------------------------------------------------------------------------------------------

void Broker::settle(TimePoint now, UnixSeconds unix_now) {
  // Each pass uses up an event or looks once at an offer that changed, and neither makes more of the other for ever:
  // an SDP is paired at most kMaxTries times.
  for (;;) {
    while (const auto event = matcher_.poll())
      std::visit(Overloaded{[&](const Paired& pair) { assign(now, unix_now, pair); },
                            [&](const ProxyEnded& end) { answer_poll(end.proxy, end.why); },
                            [&](const OfferEnded& end) { on_matcher_gave_up(end); }},
                 *event);
    if (due_offers_.empty()) break;
    for (const auto key : std::exchange(due_offers_, {})) finish_if_complete(now, key);
  }
  for (const auto key : std::exchange(due_polls_, {})) answer_poll(key, Refusal::None);
}

void Broker::assign(TimePoint now, UnixSeconds unix_now, const Paired& pair) {
  const auto found = polls_.find(pair.proxy);
  const auto wanting = offers_.find(pair.offer);
  if (found == polls_.end() || wanting == offers_.end()) return;  // one of them ended earlier in this turn
  auto& poll = found->second;
  auto& offer = wanting->second;
  FB_ASSERT(poll.reply.assignments.size() < wire::kMaxAssignments);
  if (matches_.full()) return on_matcher_gave_up({pair.offer, Refusal::Busy});
  ++stats_.pairs;
  const auto& egress = config_.egresses[offer.egress];
  const auto id = MatchId::random(rng_);
  const auto answer_by = std::min(offer.until, now + kAnswerTtl);
  const crypto::LegToken token{id, offer.shard, UnixSeconds{count(unix_now) + crypto::kLegTokenLifetimeSeconds}};
  wire::Assignment assignment;
  assignment.match = id;
  assignment.sdp = offer.sdps[pair.sdp_index];
  assignment.relay_url = egress.relay_url;
  assignment.leg_token = Private<Bytes>(crypto::seal_leg_token(token, egress.leg_key, rng_));
  assignment.client_nat = offer.nat;
  assignment.families = offer.families & poll.families;
  assignment.answer_within = std::chrono::duration_cast<Millis>(answer_by - now);
  poll.reply.assignments.push_back(std::move(assignment));
  due_polls_.push_back(pair.proxy);
  offer.pending.push_back(id);
  matches_.add({id, OpenMatch::State::Assigned, pair.offer, pair.sdp_index, poll.proxy, poll.nat, offer.prefix},
               answer_by);
}

void Broker::on_matcher_gave_up(const OfferEnded& end) {
  const auto found = offers_.find(end.offer);
  if (found == offers_.end()) return;
  found->second.wants_more = false;
  found->second.why_not = end.why;
  due_offers_.push_back(end.offer);
}

// Replies --------------------------------------------------------------------------------------------------------

void Broker::send(RequestKey key, const wire::Response& response) {
  replies_.push_back({key, wire::encode_response(response, rng_)});
}

void Broker::refuse(RequestKey key, Refusal why) {
  if (why != Refusal::NoProxy && why != Refusal::SelfOnly) ++stats_.refused;
  send(key, {.refusal = why, .retry_after = retry_after(why)});
}

Millis Broker::retry_after(Refusal why) {
  switch (why) {
    case Refusal::None:
    case Refusal::Superseded:
    case Refusal::Unknown:
    case Refusal::EgressGone: return Millis{0};
    case Refusal::NoProxy:
    case Refusal::SelfOnly: return kRetryNoProxy;
    case Refusal::Busy:
    case Refusal::Rate:
    case Refusal::Malformed:
    case Refusal::Version: return kRetryBusy;
    case Refusal::Draining: {
      const auto from = std::chrono::duration_cast<Millis>(kDrainSpreadFrom).count();
      const auto to = std::chrono::duration_cast<Millis>(kDrainSpreadTo).count();
      return Millis{rng_.between(static_cast<std::uint64_t>(from), static_cast<std::uint64_t>(to))};
    }
  }
  FB_ASSERT(false);
}

}  // namespace footbridge::core
