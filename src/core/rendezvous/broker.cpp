#include "core/rendezvous/broker.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"
#include "base/overloaded.hpp"

namespace footbridge::core {

using wire::Refusal;

namespace {

// A sealed poll is of the proxy whose key sealed it, whatever it says. False: it is of nobody, or a proxy says what is
// for others to say.
bool take_proof(wire::Request& request, const std::optional<SealProof>& proof) {
  if (!proof) return true;
  auto* poll = std::get_if<wire::Poll>(&request.body);
  if ((poll != nullptr) != proof->proxy.has_value()) return false;
  if (poll != nullptr) poll->proxy = *proof->proxy;
  return true;
}

}  // namespace

Broker::Broker(BrokerConfig config, Rng& rng)
    : config_(std::move(config)),
      egresses_(std::move(config_.egresses)),
      rng_(rng),
      budget_(config_.slots_per_prefix),
      invites_(std::move(config_.invites)),
      slice_key_(config_.slice_key ? *config_.slice_key : crypto::SecretKey::random(rng)) {}

void Broker::on_request(TimePoint now, UnixSeconds unix_now, RequestKey key, ByteView body, const RequesterInfo& who,
                        const std::optional<SealProof>& proof) {
  FB_ASSERT(!polls_.contains(key) && !offers_.contains(key));
  auto request = wire::parse_request(body);
  if (!request) {
    ++stats_.malformed;
    return refuse(key, request.error() == wire::RendezvousErrc::Version ? Refusal::Version : Refusal::Malformed);
  }
  if (!take_proof(*request, proof)) {
    ++stats_.malformed;
    return refuse(key, Refusal::Malformed);
  }
  if (draining_) return refuse(key, Refusal::Draining);
  std::visit(Overloaded{[&](wire::Poll& poll) { on_poll(now, unix_now, key, std::move(poll), who); },
                        [&](wire::Offer& offer) { on_offer(now, unix_now, key, std::move(offer), who); },
                        [&](const wire::Heartbeat& heartbeat) { on_heartbeat(now, unix_now, key, heartbeat); }},
             request->body);
  settle(now, unix_now);
}

void Broker::on_gone(TimePoint now, UnixSeconds unix_now, RequestKey key) {
  if (const auto poll = polls_.find(key); poll != polls_.end()) {
    matcher_.remove_proxy(now, key);
    forget_poll(poll);
  } else if (const auto offer = offers_.find(key); offer != offers_.end()) {
    end_offer(now, offer);
  }
  settle(now, unix_now);
}

void Broker::set_limits(std::uint32_t slots_per_prefix, std::size_t max_parked) {
  budget_.set_most(slots_per_prefix);
  config_.max_parked = max_parked;
}

void Broker::drain(TimePoint now) {
  draining_ = true;
  while (!polls_.empty()) answer_poll(now, polls_.begin()->first, Refusal::Draining);
  while (!offers_.empty()) {
    refuse(offers_.begin()->first, Refusal::Draining);
    end_offer(now, offers_.begin());
  }
  due_polls_.clear();
  restated_.clear();
}

std::optional<Broker::Reply> Broker::poll() {
  if (replies_.empty()) return std::nullopt;
  auto reply = std::move(replies_.front());
  replies_.pop_front();
  return reply;
}

std::optional<TimePoint> Broker::deadline() const {
  // Proxies owe receipts for hours; that wakes nobody by itself.
  return earlier(earlier(matcher_.deadline(), matches_.deadline()),
                 earlier(earlier(offer_deadlines_.earliest(), egresses_.deadline()),
                         earlier(tests_.deadline(), probes_.deadline())));
}

void Broker::on_deadline(TimePoint now, UnixSeconds unix_now) {
  matcher_.on_deadline(now);
  if (const auto due = egresses_.deadline(); due && *due <= now) {
    egresses_.on_deadline(now);
    move_offers();
  }
  while (const auto id = matches_.pop_due(now)) on_match_due(now, *id);
  while (const auto key = offer_deadlines_.pop_due(now)) finish_offer(now, *key);
  quality_.on_deadline(now, [this](const ReportRun& run) { return egresses_.lasts(run); });
  tests_.on_deadline(now);
  probes_.on_deadline(now);
  settle(now, unix_now);
}

// The end of a turn ----------------------------------------------------------------------------------------------

void Broker::settle(TimePoint now, UnixSeconds unix_now) {
  // Each pass uses up an event or looks once at an offer that changed, and neither makes more of the other for ever:
  // an SDP is paired at most kMaxTries times.
  for (;;) {
    while (const auto event = matcher_.poll())
      std::visit(Overloaded{[&](const Paired& pair) { assign(now, unix_now, pair); },
                            [&](const ProxyEnded& end) { answer_poll(now, end.proxy, end.why); },
                            [&](const OfferEnded& end) { on_matcher_gave_up(end); }},
                 *event);
    for (const auto key : std::exchange(due_offers_, {})) finish_if_complete(now, key);
    while (const auto proxy = tests_.poll_changed()) restate(*proxy);
    while (const auto proxy = probes_.poll_changed()) restate(*proxy);
    // Only here: while events are on their way the matcher has sold slots that no reply carries yet. Each proxy once:
    // what its standing sells must arrive before it is told another.
    if (restated_.empty()) break;
    for (const auto& proxy : std::exchange(restated_, {})) tell_standing(now, proxy);
  }
  for (const auto key : std::exchange(due_polls_, {})) answer_poll(now, key, Refusal::None);
}

void Broker::assign(TimePoint now, UnixSeconds unix_now, const Paired& pair) {
  const auto found = polls_.find(pair.proxy);
  const auto wanting = offers_.find(pair.offer);
  // Whatever becomes of the pair, a slot of this poll is sold: it may have been the last, and the matcher has forgotten
  // the poll together with its deadline.
  due_polls_.push_back(pair.proxy);
  if (wanting == offers_.end()) return;  // ended earlier in this turn
  auto& offer = wanting->second;
  if (found == polls_.end() || found->second.reply.assignments.size() >= wire::kMaxAssignments)
    return reopen(now, pair.offer, offer, pair.sdp_index);
  auto& poll = found->second;
  if (matches_.full()) return on_matcher_gave_up({pair.offer, Refusal::Busy});
  ++stats_.pairs;
  const auto& egress = egresses_.at(offer.egress);
  const auto id = MatchId::random(rng_);
  const auto answer_by = std::min(offer.until, now + kAnswerTtl);
  wire::Assignment assignment;
  assignment.match = id;
  assignment.sdp = offer.sdps[pair.sdp_index];
  assignment.relay_url = egress.relay_url;
  assignment.relay_udp_port = egress.udp_port;
  assignment.leg_token = egresses_.leg_token(offer.egress, unix_now, id, offer.shard, rng_);
  assignment.client_nat = offer.nat;
  assignment.client_country = offer.client.country;
  assignment.families = offer.families & poll.families;
  assignment.answer_within = std::chrono::duration_cast<Millis>(answer_by - now);
  const auto kept = offer.native_links_off || poll.native_links_off ? ~wire::kNativeLinkCapability : ~std::uint64_t{0};
  assignment.client_capabilities = offer.capabilities & kept;
  poll.reply.assignments.push_back(std::move(assignment));
  note_matched(now, id, offer, poll);
  offer.asked_somebody = true;
  offer.pending.push_back(id);
  matches_.add(
      {id, OpenMatch::State::Assigned, pair.offer, pair.sdp_index, poll.proxy, poll.nat, offer.prefix, offer.network,
       poll.capabilities & kept, egresses_.run(offer.egress), offer.alone, /*complained_of=*/false, offer.test},
      answer_by);
}

void Broker::note_matched(TimePoint now, const MatchId& match, const ParkedOffer& offer, const ParkedPoll& poll) {
  if (offer.probe) return probes_.note_begun(now, match, poll.proxy, poll.network);
  if (offer.test)
    return tests_.note_begun(now, match, poll.proxy, egresses_.run(offer.egress),
                             quality_.standing(now, poll.proxy, 1).tier);
  quality_.note_matched(now, poll.proxy);
  probes_.note_match();
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
  if (why != Refusal::NoProxy && why != Refusal::SelfOnly && why != Refusal::NoAnswer) ++stats_.refused;
  send(key, {.refusal = why, .retry_after = retry_after(why)});
}

void Broker::refuse_rate(RequestKey key, Duration wait) {
  ++stats_.refused;
  ++stats_.rate_limited;
  send(key, {.refusal = Refusal::Rate, .retry_after = std::chrono::ceil<Millis>(wait)});
}

// Nearly full: who is scarce may still enter, because each of them makes room for two.
bool Broker::loaded() const { return (polls_.size() + offers_.size()) * 100 >= config_.max_parked * kLoadedPercent; }

std::size_t Broker::remembered() const {
  return matches_.open() + matches_.past() + owed_.size() + owed_.proxies() + budget_.prefixes() + offer_rate_.keys() +
         poll_rate_.keys() + guest_rate_.keys() + quality_.known() + tests_.remembered() + probes_.remembered() +
         matcher_.remembered();
}

Millis Broker::retry_after(Refusal why) {
  switch (why) {
    case Refusal::None:
    case Refusal::Superseded:
    case Refusal::Unknown:
    case Refusal::Unreachable:  // as long as until the next test
    case Refusal::LeadsNowhere:
    case Refusal::EgressGone: return Millis{0};
    case Refusal::NoProxy:
    case Refusal::SelfOnly: return kRetryNoProxy;
    case Refusal::Busy:
    case Refusal::Rate:
    case Refusal::NoAnswer:
    case Refusal::Malformed:
    case Refusal::Version: return kRetryBusy;
    case Refusal::InviteNeeded:
    case Refusal::InviteOver:
    case Refusal::InviteRevoked:
    case Refusal::InviteUsedUp: return kRetryInvite;
    case Refusal::Overloaded: return kRetryLoaded;
    case Refusal::RiskyPlace: return kRetryRisky;
    case Refusal::Draining: {
      const auto from = std::chrono::duration_cast<Millis>(kDrainSpreadFrom).count();
      const auto to = std::chrono::duration_cast<Millis>(kDrainSpreadTo).count();
      return Millis{rng_.between(static_cast<std::uint64_t>(from), static_cast<std::uint64_t>(to))};
    }
  }
  FB_ASSERT(false);
}

}  // namespace footbridge::core
