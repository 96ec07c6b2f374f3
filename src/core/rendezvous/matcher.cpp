#include "core/rendezvous/matcher.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"

namespace footbridge::core {
namespace {

using wire::Families;
using wire::Refusal;

// Entries of one queue looked at in one search. Skipped are only an installation's own proxies and those an offer
// excludes: at most kMaxAvoided and a few tried ones, unless somebody runs dozens of proxies under one self tag.
constexpr std::size_t kMaxProbes = 64;

// Of the place of an offer whose client has a path, or is about to: behind all that have none.
constexpr std::uint64_t kBehind = std::uint64_t{1} << 63;

bool contains(const std::vector<ProxyId>& ids, const ProxyId& id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

}  // namespace

void Matcher::add_proxy(RequestKey key, WaitingProxy wanted) {
  FB_ASSERT(wanted.slots > 0 && !wanted.compartments.empty() && !proxies_.contains(key));
  if (const auto older = by_id_.find(wanted.id); older != by_id_.end()) end_proxy(older->second, Refusal::Superseded);
  if (proxies_.size() >= kMaxProxies) drop_oldest_proxy();
  Proxy proxy;
  proxy.place = {wanted.compartments, wanted.families, classify(wanted.nat), next_sequence_++};
  proxy.free_slots = wanted.slots;
  proxy.wanted = std::move(wanted);
  proxy_index_.add(proxy.place, key);
  proxy_deadlines_.set(key, proxy.wanted.until);
  by_id_[proxy.wanted.id] = key;
  proxies_.emplace(key, std::move(proxy));
  seek_offers(key);
}

void Matcher::remove_proxy(RequestKey key) {
  const auto found = proxies_.find(key);
  if (found == proxies_.end()) return;
  proxy_index_.remove(found->second.place, key);
  proxy_deadlines_.erase(key);
  by_id_.erase(found->second.wanted.id);
  proxies_.erase(found);
}

bool Matcher::add_offer(TimePoint now, RequestKey key, WaitingOffer wanted) {
  FB_ASSERT(wanted.sdps > 0 && wanted.sdps <= wire::kMaxOfferSdps && !offers_.contains(key));
  if (offers_.size() >= kMaxOffers) return false;
  Offer offer;
  offer.place = {
      {wanted.compartment}, wanted.families, classify(wanted.nat), next_sequence_++ | (wanted.has_path ? kBehind : 0)};
  offer.arrival = offer.place.sequence;
  for (unsigned i = 0; i < wanted.sdps; ++i) offer.open.push_back(i);
  offer.excluded = wanted.avoid;
  offer.wanted = std::move(wanted);
  const auto last_moment = offer.wanted.until - kMinTimeToAnswer;
  offer_deadlines_.set(key, std::max(now, last_moment));
  patience_.set(key, now + kNatPatience);
  offer_index_.add(offer.place, key);
  offers_.emplace(key, std::move(offer));
  if (now < last_moment) seek_proxies(key);
  return true;
}

void Matcher::remove_offer(RequestKey key) {
  const auto found = offers_.find(key);
  if (found == offers_.end()) return;
  offer_index_.remove(found->second.place, key);
  offer_deadlines_.erase(key);
  patience_.erase(key);
  offers_.erase(found);
}

bool Matcher::reopen(RequestKey key, unsigned sdp_index) {
  const auto found = offers_.find(key);
  if (found == offers_.end() || found->second.tries >= kMaxTries) return false;
  auto& offer = found->second;
  FB_ASSERT(std::find(offer.open.begin(), offer.open.end(), sdp_index) == offer.open.end());
  offer_index_.remove(offer.place, key);
  offer.open.push_back(sdp_index);
  const bool without = !offer.wanted.has_path && offer.open.size() == offer.wanted.sdps;
  if (without) offer.place.sequence = offer.arrival;
  offer_index_.add(offer.place, key);
  seek_proxies(key);
  return true;
}

std::optional<MatcherEvent> Matcher::poll() {
  if (events_.empty()) return std::nullopt;
  auto event = std::move(events_.front());
  events_.pop_front();
  return event;
}

std::optional<TimePoint> Matcher::deadline() const {
  return earlier(earlier(proxy_deadlines_.earliest(), offer_deadlines_.earliest()), patience_.earliest());
}

void Matcher::on_deadline(TimePoint now) {
  while (const auto key = proxy_deadlines_.pop_due(now)) end_proxy(*key, Refusal::None);
  while (const auto key = offer_deadlines_.pop_due(now)) {
    const auto why = offers_.at(*key).met_itself ? Refusal::SelfOnly : Refusal::NoProxy;
    remove_offer(*key);
    events_.push_back(OfferEnded{*key, why});
  }
  while (const auto key = patience_.pop_due(now)) {
    offers_.at(*key).any_nat = true;
    seek_proxies(*key);
  }
}

void Matcher::seek_proxies(RequestKey key) {
  auto& offer = offers_.at(key);
  while (!offer.open.empty()) {
    const auto proxy = best_proxy(offer);
    if (!proxy) return;
    pair(*proxy, key);
  }
}

void Matcher::seek_offers(RequestKey key) {
  // The proxy leaves the table when its last slot is sold.
  for (auto found = proxies_.find(key); found != proxies_.end(); found = proxies_.find(key)) {
    const auto offer = oldest_offer(found->second);
    if (!offer) return;
    pair(key, *offer);
  }
}

std::optional<RequestKey> Matcher::best_proxy(Offer& offer) {
  std::optional<RequestKey> best;
  unsigned best_rank = 0;
  std::uint64_t best_sequence = 0;
  proxy_index_.each_queue(offer.wanted.compartment,
                          [&](Families families, NatClass nat, const WaitingIndex::Queue& queue) {
                            const auto shared = families & offer.wanted.families;
                            if (shared == Families::None) return;
                            const auto rank = pair_rank(offer.place.nat, nat, shared);
                            if (rank > kLastGoodNatRank && !offer.any_nat) return;
                            if (best && rank > best_rank) return;
                            std::size_t probes = 0;
                            for (const auto& [sequence, key] : queue) {
                              if (++probes > kMaxProbes || (best && rank == best_rank && sequence > best_sequence))
                                return;
                              if (!acceptable(proxies_.at(key), offer)) continue;
                              best = key;
                              best_rank = rank;
                              best_sequence = sequence;
                              return;
                            }
                          });
  return best;
}

std::optional<RequestKey> Matcher::oldest_offer(const Proxy& proxy) {
  std::optional<RequestKey> best;
  std::uint64_t best_sequence = 0;
  for (const auto& compartment : proxy.wanted.compartments)
    offer_index_.each_queue(compartment, [&](Families families, NatClass nat, const WaitingIndex::Queue& queue) {
      const auto shared = families & proxy.wanted.families;
      if (shared == Families::None) return;
      const bool good = pair_rank(nat, proxy.place.nat, shared) <= kLastGoodNatRank;
      std::size_t probes = 0;
      for (const auto& [sequence, key] : queue) {
        if (++probes > kMaxProbes || (best && sequence > best_sequence)) return;
        auto& offer = offers_.at(key);
        if ((!good && !offer.any_nat) || !acceptable(proxy, offer)) continue;
        best = key;
        best_sequence = sequence;
        return;
      }
    });
  return best;
}

bool Matcher::acceptable(const Proxy& proxy, Offer& offer) const {
  if (proxy.wanted.self_tag == offer.wanted.self_tag) {
    offer.met_itself = true;
    return false;
  }
  return !contains(offer.excluded, proxy.wanted.id);
}

void Matcher::pair(RequestKey proxy_key, RequestKey offer_key) {
  auto& proxy = proxies_.at(proxy_key);
  auto& offer = offers_.at(offer_key);
  const auto sdp_index = offer.open.front();
  offer.open.erase(offer.open.begin());
  offer.excluded.push_back(proxy.wanted.id);
  ++offer.tries;
  offer.met_itself = false;  // it has met somebody else: "only yourself" would be wrong
  events_.push_back(Paired{proxy_key, offer_key, sdp_index});
  // Served once: it goes behind everybody who has nobody yet; without an open SDP it leaves the queue.
  offer_index_.remove(offer.place, offer_key);
  offer.place.sequence = next_sequence_++ | kBehind;
  if (!offer.open.empty()) offer_index_.add(offer.place, offer_key);
  // Sold once: without a free slot the proxy waits no more.
  FB_ASSERT(proxy.free_slots > 0);
  if (--proxy.free_slots == 0) remove_proxy(proxy_key);
}

void Matcher::end_proxy(RequestKey key, Refusal why) {
  remove_proxy(key);
  events_.push_back(ProxyEnded{key, why});
}

void Matcher::drop_oldest_proxy() {
  // All polls are held about as long, so the one next to its deadline has waited longest.
  const auto oldest = proxy_deadlines_.pop_due(TimePoint::max());
  FB_ASSERT(oldest);
  end_proxy(*oldest, Refusal::Busy);
}

}  // namespace footbridge::core
