#include "core/rendezvous/matcher.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"

namespace footbridge::core {
namespace {

using wire::Refusal;

// Of the place of an offer whose client has a path, or is about to: behind all that have none.
constexpr std::uint64_t kBehind = std::uint64_t{1} << 63;

bool is_common(const wire::CompartmentId& compartment) { return compartment == wire::kCommonCompartment; }

// Whom an offer is from.
Audience audience_of(const WaitingOffer& offer) {
  if (!offer.tester) return Audience::People;
  return offer.probe ? audience_of(*offer.probe) : Audience::Testers;
}

}  // namespace

// Proxies that even a client with a mapping per destination can reach, and the others.
std::size_t Matcher::lane(NatClass nat) { return nat_rank(NatClass::Strict, nat) <= kLastGoodNatRank ? 0 : 1; }

Matcher::Matcher() : Matcher(MatcherLimits{}) {}
Matcher::Matcher(const MatcherLimits& limits)
    : max_proxies_(limits.max_proxies),
      max_offers_(limits.max_offers),
      rings_{LiveRing(2 * limits.max_proxies), LiveRing(2 * limits.max_proxies)} {}

void Matcher::add_proxy(TimePoint now, RequestKey key, WaitingProxy wanted) {
  FB_ASSERT(!wanted.compartments.empty() && !proxies_.contains(key));
  if (const auto older = by_id_.find(wanted.id); older != by_id_.end())
    end_proxy(now, older->second, Refusal::Superseded);
  if (proxies_.size() >= max_proxies_) drop_oldest_proxy(now);
  Proxy proxy;
  proxy.place = {wanted.compartments,
                 {wanted.families, classify(wanted.nat), wanted.tier, wanted.native, wanted.audience},
                 next_sequence_++};
  proxy.free_slots = wanted.slots;
  proxy.wanted = std::move(wanted);
  proxy_deadlines_.set(key, proxy.wanted.until);
  by_id_[proxy.wanted.id] = key;
  shares_.came(proxy.wanted.prefix);
  take_place(key, proxy);
  list(key, proxy);
  proxies_.emplace(key, std::move(proxy));
  seek_offers(now, key);
}

void Matcher::remove_proxy(TimePoint now, RequestKey key) {
  const auto found = proxies_.find(key);
  if (found == proxies_.end()) return;
  const auto& proxy = found->second;
  unlist(key, proxy);
  if (std::ranges::any_of(proxy.wanted.compartments, is_common))
    rings_[lane(proxy.place.kind.nat)].leave(now, proxy.wanted.point, key);
  shares_.went(proxy.wanted.prefix);
  proxy_deadlines_.erase(key);
  by_id_.erase(proxy.wanted.id);
  proxies_.erase(found);
}

void Matcher::take_place(RequestKey key, const Proxy& proxy) {
  if (!meets(proxy.place.kind.audience, Audience::People)) return;
  if (!std::ranges::any_of(proxy.wanted.compartments, is_common)) return;
  auto& ring = rings_[lane(proxy.place.kind.nat)];
  if (!ring.shows(proxy.wanted.point, key)) ring.arrive(proxy.wanted.point, key);
}

void Matcher::restate_proxy(TimePoint now, RequestKey key, ProxyStanding standing, Audience audience) {
  const auto found = proxies_.find(key);
  if (found == proxies_.end()) return;
  auto& proxy = found->second;
  unlist(key, proxy);
  proxy.place.kind.tier = standing.tier;
  proxy.place.kind.audience = audience;
  proxy.free_slots = standing.slots;
  if (!meets(audience, Audience::People)) rings_[lane(proxy.place.kind.nat)].leave(now, proxy.wanted.point, key);
  take_place(key, proxy);
  list(key, proxy);
  seek_offers(now, key);
}

// Only who has a slot to sell is in the queues.
void Matcher::list(RequestKey key, const Proxy& proxy) {
  if (proxy.free_slots > 0) proxy_index_.add(proxy.place, key);
}

void Matcher::unlist(RequestKey key, const Proxy& proxy) { proxy_index_.remove(proxy.place, key); }

bool Matcher::add_offer(TimePoint now, RequestKey key, WaitingOffer wanted) {
  FB_ASSERT(wanted.sdps > 0 && wanted.sdps <= wire::kMaxOfferSdps && !offers_.contains(key));
  if (offers_.size() >= max_offers_) return false;
  if (!is_common(wanted.compartment)) wanted.point.reset();
  Offer offer;
  offer.place = {{wanted.compartment},
                 {wanted.families, classify(wanted.nat), {}, {}, audience_of(wanted)},
                 next_sequence_++ | (wanted.has_path || wanted.tester ? kBehind : 0)};
  offer.arrival = offer.place.sequence;
  for (unsigned i = 0; i < wanted.sdps; ++i) offer.open.push_back(i);
  offer.excluded = wanted.avoid;
  offer.wanted = std::move(wanted);
  const auto last_moment = offer.wanted.until - kMinTimeToAnswer;
  offer_deadlines_.set(key, std::max(now, last_moment));
  if (!offer.wanted.tester) offer.patient_until = now + kNatPatience;
  const auto& waiting = offers_.emplace(key, std::move(offer)).first->second;
  // Most are matched at once, and never stand in a queue; pair() lists what is left of the others.
  const bool matched = now < last_moment && seek_proxies(now, key);
  if (!matched) list(key, waiting);
  if (!waiting.open.empty()) be_patient(now, key);
  return true;
}

void Matcher::remove_offer(RequestKey key) {
  const auto found = offers_.find(key);
  if (found == offers_.end()) return;
  unlist(key, found->second);
  offer_deadlines_.erase(key);
  patience_.erase(key);
  offers_.erase(found);
}

void Matcher::list(RequestKey key, const Offer& offer) {
  if (offer.open.empty()) return;
  if (offer.wanted.point)
    sliced_offers_.emplace(*offer.wanted.point, key);
  else
    offer_index_.add(offer.place, key);
}

void Matcher::unlist(RequestKey key, const Offer& offer) {
  if (!offer.wanted.point) return offer_index_.remove(offer.place, key);
  auto [at, end] = sliced_offers_.equal_range(*offer.wanted.point);
  while (at != end && at->second != key) ++at;
  if (at != end) sliced_offers_.erase(at);
}

bool Matcher::reopen(TimePoint now, RequestKey key, unsigned sdp_index) {
  const auto found = offers_.find(key);
  if (found == offers_.end() || found->second.tries >= kMaxTries) return false;
  auto& offer = found->second;
  FB_ASSERT(std::find(offer.open.begin(), offer.open.end(), sdp_index) == offer.open.end());
  unlist(key, offer);
  offer.open.push_back(sdp_index);
  const bool without = !offer.wanted.has_path && offer.open.size() == offer.wanted.sdps;
  if (without) offer.place.sequence = offer.arrival;
  list(key, offer);
  be_patient(now, key);
  seek_proxies(now, key);
  return true;
}

void Matcher::be_patient(TimePoint now, RequestKey key) {
  auto& offer = offers_.at(key);
  offer.takes_anybody = now >= offer.patient_until;
  if (!offer.takes_anybody && offer.patient_until != TimePoint::max()) patience_.set(key, offer.patient_until);
}

std::optional<MatcherEvent> Matcher::poll() {
  if (events_.empty()) return std::nullopt;
  auto event = std::move(events_.front());
  events_.pop_front();
  return event;
}

std::optional<TimePoint> Matcher::deadline() const {
  const auto requests = earlier(proxy_deadlines_.earliest(), offer_deadlines_.earliest());
  // Nobody waits for a place to become free when nobody has a slice.
  const auto places = sliced_offers_.empty() ? std::nullopt : earlier(rings_[0].deadline(), rings_[1].deadline());
  return earlier(earlier(requests, patience_.earliest()), places);
}

void Matcher::on_deadline(TimePoint now) {
  while (const auto key = proxy_deadlines_.pop_due(now)) end_proxy(now, *key, Refusal::None);
  while (const auto key = offer_deadlines_.pop_due(now)) {
    const auto why = offers_.at(*key).met_itself ? Refusal::SelfOnly : Refusal::NoProxy;
    remove_offer(*key);
    events_.push_back(OfferEnded{*key, why});
  }
  while (const auto key = patience_.pop_due(now)) {
    offers_.at(*key).takes_anybody = true;
    seek_proxies(now, *key);
  }
  on_places_free(now);
}

void Matcher::pair(TimePoint now, RequestKey proxy_key, RequestKey offer_key) {
  auto& proxy = proxies_.at(proxy_key);
  auto& offer = offers_.at(offer_key);
  unlist(offer_key, offer);
  const auto sdp_index = offer.open.front();
  offer.open.erase(offer.open.begin());
  offer.excluded.push_back(proxy.wanted.id);
  ++offer.tries;
  offer.met_itself = false;  // it has met somebody else: "only yourself" would be wrong
  events_.push_back(Paired{proxy_key, offer_key, sdp_index});
  if (is_common(offer.wanted.compartment) && !offer.wanted.tester)
    shares_.matched(now, proxy.wanted.prefix, offer.wanted.point.value_or(0), proxy.place.kind.tier == ProxyTier::New);
  // Served once: it goes behind everybody who has nobody yet; without an open SDP it leaves the queue.
  offer.place.sequence = next_sequence_++ | kBehind;
  list(offer_key, offer);
  // Sold once: without a free slot the proxy waits no more.
  FB_ASSERT(proxy.free_slots > 0);
  if (--proxy.free_slots == 0) remove_proxy(now, proxy_key);
}

void Matcher::end_proxy(TimePoint now, RequestKey key, Refusal why) {
  remove_proxy(now, key);
  events_.push_back(ProxyEnded{key, why});
}

void Matcher::drop_oldest_proxy(TimePoint now) {
  // All polls are held about as long, so the one next to its deadline has waited longest.
  const auto oldest = proxy_deadlines_.pop_due(TimePoint::max());
  FB_ASSERT(oldest);
  end_proxy(now, *oldest, Refusal::Busy);
}

}  // namespace footbridge::core
