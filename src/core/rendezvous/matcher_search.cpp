// Matcher: who is found for whom.
#include <algorithm>

#include "base/assert.hpp"
#include "core/rendezvous/matcher.hpp"

namespace footbridge::core {
namespace {

using wire::Families;

// Entries of one queue looked at in one search. Skipped are only an installation's own proxies, those an offer
// excludes, and those of a network that has had its share: a few, unless somebody runs dozens of proxies in one place.
constexpr std::size_t kMaxProbes = 64;
// Fitting entries of one queue looked at for one in another country, of a network that has not had more than others.
constexpr std::size_t kMaxBetterProbes = 8;
// As in matcher.cpp: set in the place of an offer that has somebody already.
constexpr std::uint64_t kBehind = std::uint64_t{1} << 63;

// Who carries comes first; then, up to their share of all, those of whom nobody knows, and before all others for a
// client to whom it costs nothing when they do not carry. Networks that had too much are behind those.
unsigned standing_rank(ProxyTier tier, bool had_too_much, bool newcomers_had_enough, bool has_somebody) {
  switch (tier) {
    case ProxyTier::Proven: return had_too_much ? 4 : 1;
    case ProxyTier::Promising: return had_too_much ? 5 : 2;
    case ProxyTier::New:
      if (newcomers_had_enough || had_too_much) return had_too_much ? 7 : 6;
      return has_somebody ? 0 : 3;
    case ProxyTier::Poor: return 8;
  }
  FB_ASSERT(false);
}

bool contains(const std::vector<ProxyId>& ids, const ProxyId& id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

}  // namespace

bool Matcher::seek_proxies(TimePoint now, RequestKey key) {
  auto& offer = offers_.at(key);
  bool found = false;
  while (!offer.open.empty()) {
    const auto proxy = best_proxy(now, offer);
    if (!proxy) break;
    pair(now, *proxy, key);
    found = true;
  }
  return found;
}

void Matcher::seek_offers(TimePoint now, RequestKey key) {
  // The proxy leaves the table when its last slot is sold.
  for (auto found = proxies_.find(key); found != proxies_.end() && found->second.free_slots > 0;
       found = proxies_.find(key)) {
    const auto offer = oldest_offer(now, key, found->second);
    if (!offer) return;
    pair(now, key, *offer);
  }
}

std::optional<RequestKey> Matcher::best_proxy(TimePoint now, Offer& offer) {
  Best best;
  best.newcomers_had_enough = shares_.newcomers_had_enough(now);
  if (offer.wanted.point)
    look_through_slice(now, offer, best);
  else
    look_through_queues(now, offer, best);
  return best.key;
}

void Matcher::look_through_slice(TimePoint now, Offer& offer, Best& best) {
  const bool browsers_only = waits_for_browser(offer);
  for (const auto& ring : rings_)
    ring.each_of_slice(*offer.wanted.point, [&](RequestKey key) {
      const auto& proxy = proxies_.at(key);
      if (proxy.free_slots > 0 && !(browsers_only && proxy.wanted.native) && may_meet(offer, proxy.place) &&
          acceptable(now, proxy, offer))
        consider(offer, key, proxy, shares_.had(now, proxy.wanted.prefix), best);
    });
}

// A volunteer in a browser is in its slice, and has only no slot at the moment. Offers that see everybody have been
// given one if there is one.
bool Matcher::waits_for_browser(const Offer& offer) const {
  if (!offer.wanted.wants_browser || offer.takes_anybody || !offer.wanted.point) return false;
  bool there = false;
  for (const auto& ring : rings_)
    ring.each_of_slice(*offer.wanted.point, [&](RequestKey key) {
      const auto& proxy = proxies_.at(key);
      there = there || (!proxy.wanted.native && may_meet(offer, proxy.place) &&
                        proxy.wanted.self_tag != offer.wanted.self_tag && !contains(offer.excluded, proxy.wanted.id));
    });
  return there;
}

void Matcher::look_through_queues(TimePoint now, Offer& offer, Best& best) {
  proxy_index_.each_queue(offer.wanted.compartment, [&](const WaitingKind& kind, const WaitingIndex::Queue& queue) {
    const Place like{{}, kind, 0};
    if (!may_meet(offer, like)) return;
    // Nobody in this queue can be better than this one would be.
    if (best.key && score(offer, like, {}, MatchShares::Had::Less, best.newcomers_had_enough) > best.score) return;
    std::size_t probes = 0, fitting = 0;
    for (const auto& [sequence, key] : queue) {
      if (++probes > kMaxProbes) return;
      const auto& proxy = proxies_.at(key);
      if (!acceptable(now, proxy, offer)) continue;
      const auto had = shares_.had(now, proxy.wanted.prefix);
      consider(offer, key, proxy, had, best);
      const bool good = had == MatchShares::Had::Less && !same_country(offer.wanted.country, proxy.wanted.country);
      if (good || ++fitting >= kMaxBetterProbes) return;
    }
  });
}

void Matcher::consider(const Offer& offer, RequestKey key, const Proxy& proxy, MatchShares::Had had, Best& best) const {
  const auto found = score(offer, proxy.place, proxy.wanted.country, had, best.newcomers_had_enough);
  if (best.key && best.score < found) return;
  best.key = key;
  best.score = found;
}

// What all of one kind have in common: whether a pair may be made now.
bool Matcher::may_meet(const Offer& offer, const Place& proxy) const {
  const auto shared = proxy.kind.families & offer.wanted.families;
  const bool in_group = offer.wanted.compartment != wire::kCommonCompartment;
  if (shared == Families::None || !(in_group || meets(offer.place.kind.audience, proxy.kind.audience))) return false;
  // What a probe finds out is which pair it is.
  return offer.takes_anybody || offer.wanted.probe ||
         pair_rank(offer.place.kind.nat, proxy.kind.nat, shared) <= kLastGoodNatRank;
}

Matcher::Score Matcher::score(const Offer& offer, const Place& proxy, Country country, MatchShares::Had had,
                              bool newcomers_had_enough) const {
  const auto rank = pair_rank(offer.place.kind.nat, proxy.kind.nat, proxy.kind.families & offer.wanted.families);
  return {rank > kLastGoodNatRank,
          offer.wanted.wants_browser && proxy.kind.native,
          standing_rank(proxy.kind.tier, had == MatchShares::Had::TooMuch, newcomers_had_enough,
                        (offer.place.sequence & kBehind) != 0 && !offer.wanted.tester),
          rank,
          same_country(offer.wanted.country, country),
          had != MatchShares::Had::Less,
          proxy.sequence};
}

std::optional<RequestKey> Matcher::oldest_offer(TimePoint now, RequestKey proxy_key, const Proxy& proxy) {
  std::optional<RequestKey> best;
  std::uint64_t best_sequence = 0;
  const auto consider_offer = [&](RequestKey key) {
    auto& offer = offers_.at(key);
    if (best && offer.place.sequence > best_sequence) return false;
    if (!may_meet(offer, proxy.place) || !acceptable(now, proxy, offer)) return false;
    if (proxy.wanted.native && waits_for_browser(offer)) return false;
    best = key;
    best_sequence = offer.place.sequence;
    return true;
  };
  for (const auto& compartment : proxy.wanted.compartments) {
    offer_index_.each_queue(compartment, [&](const WaitingKind& kind, const WaitingIndex::Queue& queue) {
      if ((kind.families & proxy.wanted.families) == Families::None) return;
      std::size_t probes = 0;
      for (const auto& [sequence, key] : queue)
        if (++probes > kMaxProbes || (best && sequence > best_sequence) || consider_offer(key)) return;
    });
    // Of its own ring only, and only if it is at its place: other slices must not learn of it.
    if (const auto& ring = rings_[lane(proxy.place.kind.nat)];
        compartment == wire::kCommonCompartment && ring.shows(proxy.wanted.point, proxy_key))
      each_offer_that_sees(ring, proxy.wanted.point, consider_offer);
  }
  return best;
}

template <class Visit>
void Matcher::each_offer_that_sees(const LiveRing& ring, RingPoint point, const Visit& visit) const {
  const auto after = ring.seen_after(point);
  const auto visit_all = [&](auto from, auto to) {
    for (; from != to; ++from) visit(from->second);
  };
  if (!after) return visit_all(sliced_offers_.begin(), sliced_offers_.end());
  const auto from = sliced_offers_.upper_bound(*after);
  const auto to = sliced_offers_.upper_bound(point);
  if (*after < point) return visit_all(from, to);
  visit_all(from, sliced_offers_.end());
  visit_all(sliced_offers_.begin(), to);
}

// Where a proxy has gone for good the slices that had it have somebody else, who may be waiting already.
void Matcher::on_places_free(TimePoint now) {
  std::vector<RequestKey> lucky;
  for (auto& ring : rings_)
    while (const auto point = ring.pop_absent(now))
      each_offer_that_sees(ring, *point, [&](RequestKey key) { lucky.push_back(key); });
  for (const auto key : lucky) seek_proxies(now, key);
}

bool Matcher::acceptable(TimePoint now, const Proxy& proxy, Offer& offer) {
  if (proxy.wanted.self_tag == offer.wanted.self_tag) {
    offer.met_itself = true;
    return false;
  }
  if (contains(offer.excluded, proxy.wanted.id)) return false;
  // Who is in a group chose its volunteers, and often there is one only; and a test is nobody's share.
  if (offer.wanted.compartment != wire::kCommonCompartment || offer.wanted.tester) return true;
  return worth_a_path(proxy, offer) && !shares_.exhausted(now, proxy.wanted.prefix);
}

// Who has nobody takes whom there is. Who has a path loses little by waiting, and a crowd of those who swallow would
// live on the paths that he wants besides. A few friends have to take whom they have.
bool Matcher::worth_a_path(const Proxy& proxy, const Offer& offer) const {
  return !offer.wanted.has_path || proxy.place.kind.tier != ProxyTier::Poor ||
         shares_.live_prefixes() < MatchShares::kMinPrefixes;
}

}  // namespace footbridge::core
