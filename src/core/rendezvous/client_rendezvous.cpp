#include "core/rendezvous/client_rendezvous.hpp"

#include <set>
#include <utility>

#include "base/assert.hpp"

namespace footbridge::core {

using wire::Refusal;

void ClientRendezvous::offer(TimePoint now, ClientSearch search) {
  FB_ASSERT(!search.sdps.empty() && search.sdps.size() <= wire::kMaxOfferSdps);
  abandon();
  search_ = std::move(search);
  if (search_.avoid.size() > wire::kMaxAvoided)
    search_.avoid.erase(search_.avoid.begin(), search_.avoid.end() - wire::kMaxAvoided);
  ask(now);
}

void ClientRendezvous::cancel(TimePoint) {
  abandon();
  channel_.stop_waiting();
  search_ = {};
}

void ClientRendezvous::wake(TimePoint now) {
  if (state() == State::Quiet || !wakes_.pass(now)) return;
  abandon();
  channel_.forget_troubles();
  ask(now);
}

void ClientRendezvous::on_response(TimePoint now, std::uint64_t id, ByteView body) {
  if (!channel_.carries(id)) return;
  auto response = wire::parse_response(body);
  if (!response) return back_off(now, Refusal::None, Millis{0});
  if (auto* reply = std::get_if<wire::OfferReply>(&response->body); reply != nullptr && usable(*reply)) {
    channel_.answered();
    search_ = {};
    out_.push_back(Matches{std::move(reply->matches)});
    return;
  }
  // An egress that this broker does not serve: any other will do for the next request.
  if (response->refusal == Refusal::EgressGone) search_.egress.reset();
  back_off(now, response->refusal, response->retry_after);
}

void ClientRendezvous::on_failed(TimePoint now, std::uint64_t id, bool unproven) {
  if (!channel_.carries(id)) return;
  if (!unproven) return back_off(now, Refusal::None, Millis{0});
  out_.push_back(channel_.back_off_unproven(now, rng_));
}

std::optional<ClientRendezvous::Output> ClientRendezvous::poll() {
  if (out_.empty()) return std::nullopt;
  auto output = std::move(out_.front());
  out_.pop_front();
  return output;
}

void ClientRendezvous::on_deadline(TimePoint now) {
  if (const auto due = deadline(); !due || now < *due) return;
  if (state() == State::BackingOff) return ask(now);
  out_.push_back(channel_.give_up());
  back_off(now, Refusal::None, Millis{0}, true);
}

void ClientRendezvous::ask(TimePoint now) {
  wire::Offer offer;
  offer.self_tag = config_.self_tag;
  offer.compartment = config_.compartment;
  offer.nat = config_.nat;
  offer.families = config_.families;
  offer.capabilities = config_.capabilities;
  offer.sdps = search_.sdps;
  offer.egress = search_.egress;
  offer.shard = search_.shard;
  offer.avoid = search_.avoid;
  offer.has_path = search_.has_path;
  offer.outcomes = search_.outcomes;
  offer.invite = config_.invite;
  offer.admission = Private<Bytes>(config_.admission);
  offer.wait = RequestChannel::kHold;
  auto body = wire::encode_request({.body = std::move(offer)}, rng_);
  out_.push_back(channel_.post(now, ++last_id_, RequestChannel::kResponseTimeout, std::move(body)));
}

void ClientRendezvous::abandon() {
  if (const auto gone = channel_.abandon()) out_.push_back(*gone);
}

void ClientRendezvous::back_off(TimePoint now, Refusal why, Millis at_least, bool silent) {
  auto waiting = channel_.back_off(now, why, at_least, rng_);
  waiting.silent = silent;
  out_.push_back(waiting);
}

// A broker may lie; what it may not do is confuse the caller: each SDP is matched at most once, and is one of ours.
bool ClientRendezvous::usable(const wire::OfferReply& reply) const {
  std::set<std::uint32_t> seen;
  for (const auto& match : reply.matches)
    if (match.sdp_index >= search_.sdps.size() || !seen.insert(match.sdp_index).second) return false;
  return !reply.matches.empty();
}

}  // namespace footbridge::core
