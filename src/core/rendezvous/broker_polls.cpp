// Broker, the proxies' side: parked polls, answers and outcomes.
#include <algorithm>
#include <utility>

#include "base/assert.hpp"
#include "core/rendezvous/broker.hpp"

namespace footbridge::core {

using wire::Refusal;

void Broker::on_poll(TimePoint now, RequestKey key, wire::Poll poll) {
  ++stats_.polls;
  if (poll.port_mapped) poll.nat = kNatOfMappedPort;
  // An errand is answered in this turn: whoever brings an answer must not wait for the next client.
  const bool errand = !poll.answers.empty() || !poll.outcomes.empty();
  wire::PollReply reply;
  for (auto& answer : poll.answers) take_answer(now, poll.proxy, std::move(answer), reply);
  for (const auto& outcome : poll.outcomes) take_outcome(now, poll.proxy, outcome);
  if (errand || poll.slots == 0) return send(key, {.body = std::move(reply)});

  // The matcher ends an older poll of this proxy through an event, which settle() carries out.
  const auto hold = std::min<Millis>(poll.wait, kMaxPollHold);
  polls_[key] = {poll.proxy, poll.nat, poll.families, poll.capabilities, {}};
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
                           match->proxy_nat, Private<Bytes>(rng_.bytes(wire::kTicketBytes)),
                           match->proxy_capabilities});
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

}  // namespace footbridge::core
