// Broker, the proxies' side: parked polls, answers and outcomes.
#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "base/assert.hpp"
#include "core/rendezvous/broker.hpp"
#include "crypto/primitives.hpp"

namespace footbridge::core {

using wire::AnswerFailure;
using wire::OutcomeKind;
using wire::Refusal;

namespace {

// What the proxy did on purpose says nothing about how good it is, and what is wrong with the offer or with the egress
// it is sent to is not its fault.
bool is_excuse(AnswerFailure why) {
  return why == AnswerFailure::Busy || why == AnswerFailure::Stopped || why == AnswerFailure::BadOffer ||
         why == AnswerFailure::RelayRefused;
}

}  // namespace

void Broker::on_poll(TimePoint now, UnixSeconds unix_now, RequestKey key, wire::Poll poll, const RequesterInfo& who) {
  ++stats_.polls;
  // What it was asked for is taken from everybody: a client waits for it, and each match is answered once.
  if (!who.hidden() && !is_expected(poll))
    if (const auto wait = poll_rate_.take(now, who.prefix_hash)) return refuse_rate(key, *wait);
  // An errand is answered in this turn: whoever brings an answer must not wait for the next client.
  const bool errand = !poll.answers.empty() || !poll.outcomes.empty();
  const bool held = !errand && (poll.slots > 0 || poll.wait > Millis{0});
  // Before he is written down anywhere. Who is asked for an answer gives it all the same: its client is there already.
  if (held && !poll.was_warned && config_.tactics.risky_to_help.contains(who.country))
    return refuse(key, Refusal::RiskyPlace);
  const auto guest = admit(unix_now, poll.invite, poll.self_tag);
  if (!guest) return refuse(key, guest.error());
  if (!may_announce_as(poll)) return refuse(key, Refusal::InviteNeeded);
  if (poll.port_mapped) poll.nat = kNatOfMappedPort;
  wire::PollReply reply;
  for (auto& answer : poll.answers) take_answer(now, unix_now, poll.proxy, std::move(answer), reply);
  for (const auto& outcome : poll.outcomes) take_outcome(now, poll.proxy, outcome);
  const bool room = poll.slots > 0 ? !too_loaded_for(polls_.size(), offers_.size()) : !loaded();
  if (held && !room && !poll_of_.contains(poll.proxy)) {
    ++stats_.overloaded;
    return refuse(key, Refusal::Overloaded);
  }
  for (const auto& gone : owed_.take(now, poll.proxy))
    if (reply.withdrawn.size() < wire::kMaxWithdrawn &&
        std::ranges::find(reply.withdrawn, gone) == reply.withdrawn.end())
      reply.withdrawn.push_back(gone);
  if (!held || !reply.withdrawn.empty()) return send(key, {.body = std::move(reply)});

  const auto standing = quality_.standing(now, poll.proxy, std::min<std::uint32_t>(poll.slots, wire::kMaxAssignments));
  const auto network = who.hidden() ? 0 : who.prefix_hash;
  if (sent_away(now, key, poll, standing.tier, network)) return;

  // The matcher ends an older poll of this proxy through an event, which settle() carries out.
  const auto hold = std::min<Millis>(poll.wait, kMaxPollHold);
  poll_of_[poll.proxy] = key;
  // The poll is answered at the first match; more slots than one reply can carry are announced by the next poll.
  const auto slots = std::min<std::uint32_t>(poll.slots, wire::kMaxAssignments);
  const bool native_links_off = config_.tactics.native_links_off.contains(who.country);
  if (!is_measured(poll.nat)) poll.nat = probes_.found(now, poll.proxy, network).value_or(poll.nat);
  auto& parked = polls_[key];
  parked = {poll.proxy, poll.nat, poll.families,    poll.capabilities, slots,
            {},         *guest,   native_links_off, network,           poll.form == wire::ProxyForm::Widget};
  ++polls_behind_.at(static_cast<std::size_t>(classify(parked.nat)));
  WaitingProxy waiting{poll.proxy,     poll.self_tag, poll.nat, poll.families, std::move(poll.compartments),
                       standing.slots, now + hold};
  waiting.point = point_of(poll.proxy, who);
  waiting.prefix = network;
  waiting.country = who.country;
  waiting.native = poll.form == wire::ProxyForm::Daemon;
  waiting.tier = standing.tier;
  waiting.audience = audience(now, parked, standing.tier);
  matcher_.add_proxy(now, key, std::move(waiting));
}

std::size_t Broker::parked_pages() const {
  return static_cast<std::size_t>(std::ranges::count_if(polls_, [](const auto& poll) { return poll.second.page; }));
}

// Who is given to people and needs no test may be probed, where not all is known of what it is behind.
Audience Broker::audience(TimePoint now, const ParkedPoll& poll, ProxyTier tier) const {
  const auto out = tests_.audience(now, poll.proxy, tier);
  const bool v4 = (poll.families & wire::Families::V4) != wire::Families::None;
  if (out != Audience::People || !v4 || is_measured(poll.nat)) return out;
  const auto probe = probes_.due(now, poll.proxy, poll.network);
  return probe ? out | audience_of(*probe) : out;
}

// Who fails its tests and would wait for people alone; nobody in a group is asked for a test.
bool Broker::sent_away(TimePoint now, RequestKey key, const wire::Poll& poll, ProxyTier tier, std::uint64_t network) {
  if (poll.slots == 0) return false;
  const auto out = tests_.on_poll(now, poll.proxy, tier, network);
  if (!out || poll.compartments != std::vector{wire::kCommonCompartment}) return false;
  ++stats_.refused;
  ++stats_.sent_away;
  send(key, {.refusal = out->why, .retry_after = out->again_in, .body = wire::PollReply{}});
  return true;
}

// News about a proxy that is waiting count at once. Called when the matcher has no events left.
void Broker::tell_standing(TimePoint now, const ProxyId& proxy) {
  const auto key = poll_of_.find(proxy);
  if (key == poll_of_.end()) return;
  const auto& poll = polls_.at(key->second);
  const auto left = poll.slots - std::min(poll.slots, static_cast<std::uint32_t>(poll.reply.assignments.size()));
  const auto standing = quality_.standing(now, proxy, left);
  matcher_.restate_proxy(now, key->second, standing, audience(now, poll, standing.tier));
}

// One place for each network, however many ids it has; where networks are hidden one for each id.
RingPoint Broker::point_of(const ProxyId& proxy, const RequesterInfo& who) const {
  std::array<std::byte, 1 + ProxyId::kBytes> place{};
  if (who.hidden()) {
    place[0] = std::byte{1};
    std::memcpy(&place[1], proxy.raw.data(), proxy.raw.size());
  } else {
    std::memcpy(&place[1], &who.prefix_hash, sizeof who.prefix_hash);
  }
  RingPoint point = 0;
  const auto hash = crypto::blake2b<sizeof point>(place, slice_key_.reveal_to_primitive());
  std::memcpy(&point, hash.data(), sizeof point);
  return point;
}

void Broker::take_answer(TimePoint now, UnixSeconds unix_now, const ProxyId& from, wire::Answer answer,
                         wire::PollReply& reply) {
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
    const auto* why = std::get_if<AnswerFailure>(&answer.result);
    const bool excused = why == nullptr || is_excuse(*why);
    if (excused && match->test)
      note_outcome_of_test(now, match->id, OutcomeKind::Stopped);
    else if (excused)
      note_nothing(now, *match);
    else
      note_failure(now, *match);
    return retry_sdp(now, answer.match);
  }
  ++stats_.answers;
  offer.answer_bytes += sdp_bytes;
  marks_.keep(crypto::proxy_mark(match->proxy), match->proxy);
  auto ticket = egresses_.ticket(offer.egress, unix_now, match->id, match->proxy, offer.client, rng_);
  offer.matches.push_back({match->sdp_index, match->id, std::move(*sdp), egresses_.at(offer.egress).id,
                           match->proxy_nat, std::move(ticket), match->proxy_capabilities});
  std::erase(offer.pending, match->id);
  matches_.answered(*match);
  if (offer.matches.size() == 1) offer_deadlines_.set(match->offer, std::min(offer.until, now + kSettle));
  due_offers_.push_back(match->offer);
}

// Does it bring what an open match of this proxy waits for?
bool Broker::is_expected(const wire::Poll& poll) {
  const auto waits = [&](const MatchId& id, OpenMatch::State state) {
    const auto* match = matches_.find(id);
    return match != nullptr && match->proxy == poll.proxy && match->state == state;
  };
  return std::ranges::any_of(poll.answers, [&](const auto& a) { return waits(a.match, OpenMatch::State::Assigned); }) ||
         std::ranges::any_of(poll.outcomes, [&](const auto& o) { return waits(o.match, OpenMatch::State::Delivered); });
}

void Broker::take_outcome(TimePoint now, const ProxyId& from, const wire::Outcome& outcome) {
  const auto* match = matches_.find(outcome.match);
  if (match == nullptr || match->proxy != from || match->state != OpenMatch::State::Delivered) return;
  if (match->test) {  // of a test the tester has the word
    budget_.give_back(match->prefix, 1);
    matches_.close(now, outcome.match);
    return;
  }
  ++(outcome.kind == OutcomeKind::Opened ? stats_.links_opened : stats_.links_failed);
  switch (outcome.kind) {
    case OutcomeKind::Opened:
      quality_.note_opened(now, from, match->run, match->alone);
      if (match->complained_of) quality_.note_complaint(now, from, match->run, match->network);
      break;
    case OutcomeKind::Stopped: quality_.note_nothing(from); break;
    case OutcomeKind::Unknown:
    case OutcomeKind::LinkTimeout:
    case OutcomeKind::LinkFailed: quality_.note_failure(now, from, match->network); break;
    case OutcomeKind::DialFailed: quality_.note_unreached(now, from); break;
  }
  budget_.give_back(match->prefix, 1);
  if (outcome.kind == OutcomeKind::Opened)
    matches_.close_opened(now, outcome.match);
  else
    matches_.close(now, outcome.match);
  restate(from);
}

void Broker::answer_poll(TimePoint now, RequestKey key, Refusal why) {
  const auto poll = polls_.find(key);
  if (poll == polls_.end()) return;
  wire::Response response;
  response.refusal = why;
  response.retry_after = retry_after(why);
  response.body = std::move(poll->second.reply);
  matcher_.remove_proxy(now, key);
  forget_poll(poll);
  send(key, std::move(response));
}

void Broker::forget_poll(PollMap::iterator poll) {
  const auto current = poll_of_.find(poll->second.proxy);
  if (current != poll_of_.end() && current->second == poll->first) poll_of_.erase(current);
  --polls_behind_.at(static_cast<std::size_t>(classify(poll->second.nat)));
  polls_.erase(poll);
}

}  // namespace footbridge::core
