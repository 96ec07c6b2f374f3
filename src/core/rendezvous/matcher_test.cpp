#include "core/rendezvous/matcher.hpp"

#include <gtest/gtest.h>
#include <map>
#include <set>

#include "base/overloaded.hpp"

namespace footbridge::core {
namespace {

using wire::Families;
using wire::NatBehaviour;
using wire::Refusal;

constexpr wire::Nat kOpen{NatBehaviour::EndpointIndependent, NatBehaviour::EndpointIndependent};
constexpr wire::Nat kModerate{NatBehaviour::EndpointIndependent, NatBehaviour::AddressAndPortDependent};
constexpr wire::Nat kStrict{NatBehaviour::AddressAndPortDependent, NatBehaviour::AddressAndPortDependent};

struct MatcherTest : testing::Test {
  SeededRng rng{3};
  Matcher matcher;
  TimePoint now{Seconds{1'000}};
  RequestKey next_key = 1;
  std::vector<Paired> pairs;
  std::map<RequestKey, Refusal> ended;

  WaitingProxy proxy(wire::Nat nat = kOpen) {
    WaitingProxy p;
    p.id = ProxyId::random(rng);
    p.self_tag = SelfTag::random(rng);
    p.nat = nat;
    p.compartments = {wire::kCommonCompartment};
    p.slots = 1;
    p.until = now + Seconds{25};
    return p;
  }
  WaitingOffer offer(unsigned sdps = 1, wire::Nat nat = kOpen) {
    WaitingOffer o;
    o.self_tag = SelfTag::random(rng);
    o.compartment = wire::kCommonCompartment;
    o.nat = nat;
    o.sdps = sdps;
    o.until = now + Seconds{25};
    return o;
  }
  RequestKey add(WaitingProxy p) {
    matcher.add_proxy(now, next_key, std::move(p));
    drain();
    return next_key++;
  }
  RequestKey add(WaitingOffer o) {
    EXPECT_TRUE(matcher.add_offer(now, next_key, std::move(o)));
    drain();
    return next_key++;
  }
  void pass(Duration by) {
    const auto until = now + by;
    while (matcher.deadline() && *matcher.deadline() <= until) {
      now = std::max(now, *matcher.deadline());
      matcher.on_deadline(now);
      drain();
    }
    now = until;
  }
  void drain() {
    while (const auto event = matcher.poll())
      std::visit(
          Overloaded{[&](const Paired& p) { pairs.push_back(p); }, [&](const ProxyEnded& e) { ended[e.proxy] = e.why; },
                     [&](const OfferEnded& e) { ended[e.offer] = e.why; }},
          *event);
  }
};

// P16: in a network of many, a family has one volunteer, and may have him as often as it likes.
TEST_F(MatcherTest, HoldsNoGroupToThePartOfANetwork) {
  auto stranger = proxy();
  for (stranger.prefix = 1; stranger.prefix <= MatchShares::kMinPrefixes; ++stranger.prefix) {
    stranger.id = ProxyId::random(rng);
    add(stranger);
  }
  for (std::uint64_t i = 1; i <= 2 * MatchShares::kAlwaysAllowed; ++i) {
    auto own = proxy();
    auto client = offer();
    own.compartments = {client.compartment = wire::CompartmentId{{std::byte{7}}}};
    own.prefix = 1;
    add(own);
    add(client);
    ASSERT_EQ(pairs.size(), i);
  }
}

TEST_F(MatcherTest, HoldsAnOfferUntilAProxyComes) {
  const auto client = add(offer());
  pass(Seconds{20});
  EXPECT_TRUE(pairs.empty());
  const auto volunteer = add(proxy());
  ASSERT_EQ(pairs.size(), 1U);
  EXPECT_EQ(pairs[0].offer, client);
  EXPECT_EQ(pairs[0].proxy, volunteer);
  EXPECT_TRUE(ended.empty());
}

TEST_F(MatcherTest, EndsAnOfferThatNobodyFitsShortlyBeforeItsDeadline) {
  const auto client = add(offer());
  pass(Seconds{23} - Millis{1});
  EXPECT_TRUE(ended.empty());
  pass(Millis{1});
  EXPECT_EQ(ended.at(client), Refusal::NoProxy);
  EXPECT_EQ(matcher.offers(), 0U);
  EXPECT_FALSE(matcher.deadline());
}

TEST_F(MatcherTest, MakesNoPairThatLeavesNoTimeToAnswer) {
  add(proxy());
  auto hasty = offer();
  hasty.until = now + Seconds{2};
  add(hasty);
  EXPECT_TRUE(pairs.empty());
}

TEST_F(MatcherTest, SellsASlotOnce) {
  auto volunteer = proxy();
  volunteer.slots = 2;
  add(volunteer);
  for (int i = 0; i < 5; ++i) add(offer());
  EXPECT_EQ(pairs.size(), 2U);
  EXPECT_EQ(matcher.proxies(), 0U);
  EXPECT_EQ(matcher.offers(), 5U);
}

TEST_F(MatcherTest, NeverOffersTheSameProxyTwiceToOneClient) {
  auto volunteer = proxy();
  volunteer.slots = 10;
  add(volunteer);
  add(offer(4));
  EXPECT_EQ(pairs.size(), 1U);
  for (int i = 0; i < 5; ++i) add(proxy());
  ASSERT_EQ(pairs.size(), 4U);
  std::set<RequestKey> proxies;
  std::set<unsigned> sdps;
  for (const auto& pair : pairs) {
    proxies.insert(pair.proxy);
    sdps.insert(pair.sdp_index);
  }
  EXPECT_EQ(proxies.size(), 4U);
  EXPECT_EQ(sdps.size(), 4U);
}

TEST_F(MatcherTest, GivesASecondProxyOnlyAfterEverybodyHasOne) {
  const auto greedy = add(offer(2));
  const auto modest = add(offer());
  for (int i = 0; i < 3; ++i) add(proxy());
  ASSERT_EQ(pairs.size(), 3U);
  EXPECT_EQ(pairs[0].offer, greedy);
  EXPECT_EQ(pairs[1].offer, modest);
  EXPECT_EQ(pairs[2].offer, greedy);
}

TEST_F(MatcherTest, NeverPairsAnInstallationWithItself) {
  auto mine = proxy();
  auto me = offer();
  mine.self_tag = me.self_tag;
  add(mine);
  const auto client = add(me);
  mine.id = ProxyId::random(rng);
  add(mine);
  pass(Seconds{25});
  EXPECT_TRUE(pairs.empty());
  EXPECT_EQ(ended.at(client), Refusal::SelfOnly);
}

TEST_F(MatcherTest, DoesNotBlameTheSelfTagWhenNobodyElseEverCame) {
  auto mine = proxy();
  auto me = offer();
  mine.self_tag = me.self_tag;
  mine.compartments = {wire::CompartmentId::random(rng)};
  add(mine);
  const auto client = add(me);
  pass(Seconds{25});
  EXPECT_EQ(ended.at(client), Refusal::NoProxy);
}

TEST_F(MatcherTest, KeepsCompartmentsApart) {
  auto friends = proxy();
  friends.compartments = {wire::CompartmentId::random(rng), wire::CompartmentId::random(rng)};
  const auto volunteer = add(friends);
  add(offer());
  EXPECT_TRUE(pairs.empty());
  auto friendly = offer();
  friendly.compartment = friends.compartments[1];
  add(friendly);
  ASSERT_EQ(pairs.size(), 1U);
  EXPECT_EQ(pairs[0].proxy, volunteer);
}

TEST_F(MatcherTest, PairsOnlyThoseWhoShareAnAddressFamily) {
  auto six = proxy();
  six.families = Families::V6;
  add(six);
  add(offer());
  EXPECT_TRUE(pairs.empty());
  auto both = offer();
  both.families = Families::Both;
  add(both);
  EXPECT_EQ(pairs.size(), 1U);
}

TEST_F(MatcherTest, PassesOverTheProxiesAClientAskedToAvoid) {
  const auto known = proxy();
  auto again = offer();
  again.avoid = {known.id};
  add(known);
  add(again);
  EXPECT_TRUE(pairs.empty());
  add(proxy());
  EXPECT_EQ(pairs.size(), 1U);
}

TEST_F(MatcherTest, KeepsOpenProxiesForThoseWhoNeedThem) {
  const auto open = add(proxy(kOpen));
  const auto strict = add(proxy(kStrict));
  add(offer(1, kOpen));
  add(offer(1, kStrict));
  ASSERT_EQ(pairs.size(), 2U);
  EXPECT_EQ(pairs[0].proxy, strict);
  EXPECT_EQ(pairs[1].proxy, open);
}

TEST_F(MatcherTest, PrefersTheProxyThatHasWaitedLongest) {
  const auto first = add(proxy());
  add(proxy());
  add(offer());
  EXPECT_EQ(pairs.at(0).proxy, first);
}

TEST_F(MatcherTest, TriesAPairKnownToFailOnlyAfterPatience) {
  add(proxy(kStrict));
  add(proxy(kModerate));
  add(offer(1, kStrict));
  pass(Matcher::kNatPatience - Millis{1});
  EXPECT_TRUE(pairs.empty());
  pass(Millis{1});
  ASSERT_EQ(pairs.size(), 1U);
}

TEST_F(MatcherTest, TakesTheCompatibleProxyThatComesWithinPatience) {
  add(proxy(kStrict));
  add(offer(1, kStrict));
  pass(Seconds{2});
  const auto open = add(proxy(kOpen));
  ASSERT_EQ(pairs.size(), 1U);
  EXPECT_EQ(pairs[0].proxy, open);
  pass(Seconds{10});
  EXPECT_EQ(pairs.size(), 1U);
}

TEST_F(MatcherTest, DoesNotMindBadNatsWhenBothHaveIpv6) {
  auto volunteer = proxy(kStrict);
  volunteer.families = Families::Both;
  auto client = offer(1, kStrict);
  client.families = Families::Both;
  add(volunteer);
  add(client);
  EXPECT_EQ(pairs.size(), 1U);
}

TEST_F(MatcherTest, LooksForAnotherProxyWhenAPairDidNotWorkOut) {
  auto volunteer = proxy();
  volunteer.slots = 5;
  add(volunteer);
  const auto client = add(offer());
  ASSERT_EQ(pairs.size(), 1U);
  EXPECT_TRUE(matcher.reopen(now, client, pairs[0].sdp_index));
  drain();
  EXPECT_EQ(pairs.size(), 1U) << "not the same proxy again";
  const auto other = add(proxy());
  ASSERT_EQ(pairs.size(), 2U);
  EXPECT_EQ(pairs[1].proxy, other);
}

TEST_F(MatcherTest, GivesUpAnOfferAfterADozenProxies) {
  const auto client = add(offer());
  for (std::size_t i = 0; i < 40; ++i) {
    add(proxy());
    if (!pairs.empty() && pairs.size() == i + 1 && !matcher.reopen(now, client, 0)) break;
  }
  EXPECT_EQ(pairs.size(), Matcher::kMaxTries);
}

TEST_F(MatcherTest, LetsANewerPollOfTheSameProxyTakeThePlaceOfTheOlder) {
  const auto poll = proxy();
  const auto older = add(poll);
  const auto newer = add(poll);
  EXPECT_EQ(ended.at(older), Refusal::Superseded);
  add(offer());
  add(offer());
  ASSERT_EQ(pairs.size(), 1U);
  EXPECT_EQ(pairs[0].proxy, newer);
}

TEST_F(MatcherTest, EndsAPollQuietlyAtItsDeadline) {
  const auto volunteer = add(proxy());
  pass(Seconds{25});
  EXPECT_EQ(ended.at(volunteer), Refusal::None);
  add(offer());
  EXPECT_TRUE(pairs.empty());
}

TEST_F(MatcherTest, ForgetsWhoHasGone) {
  matcher.remove_proxy(now, add(proxy()));
  matcher.remove_offer(add(offer()));
  add(offer());
  EXPECT_TRUE(pairs.empty());
  EXPECT_EQ(matcher.offers(), 1U);
  EXPECT_EQ(matcher.proxies(), 0U);
}

TEST_F(MatcherTest, DropsTheOldestProxyWhenFullAndRefusesTheNewestOffer) {
  const auto oldest = add(proxy());
  now += Millis{1};
  for (std::size_t i = 0; i < Matcher::kMaxProxies; ++i) add(proxy());
  EXPECT_EQ(matcher.proxies(), Matcher::kMaxProxies);
  EXPECT_EQ(ended.size(), 1U);
  EXPECT_EQ(ended.at(oldest), Refusal::Busy);

  auto lonely = offer();
  lonely.compartment = wire::CompartmentId::random(rng);
  for (std::size_t i = 0; i < Matcher::kMaxOffers; ++i) add(lonely);
  EXPECT_FALSE(matcher.add_offer(now, next_key, lonely));
  EXPECT_EQ(matcher.offers(), Matcher::kMaxOffers);
}

// Whatever comes and goes: no slot is sold twice, nobody meets himself, no client meets a proxy twice.
TEST_F(MatcherTest, KeepsItsPromisesInARandomWorld) {
  struct Known {
    SelfTag tag;
    ProxyId id;
    std::uint32_t slots;
  };
  std::map<RequestKey, Known> proxies;
  std::map<RequestKey, SelfTag> offers;
  std::set<std::pair<RequestKey, ProxyId>> met;
  std::array<SelfTag, 5> tags;
  for (auto& tag : tags) tag = SelfTag::random(rng);
  const wire::Nat nats[] = {{}, kOpen, kModerate, kStrict};
  std::size_t checked = 0;
  for (int step = 0; step < 4'000; ++step) {
    switch (rng.between(0, 5)) {
      case 0:
      case 1: {
        auto p = proxy(nats[rng.between(0, 3)]);
        p.self_tag = tags[rng.between(0, 4)];
        p.slots = static_cast<std::uint32_t>(rng.between(1, 4));
        p.families = static_cast<Families>(rng.between(1, 3));
        proxies[next_key] = {p.self_tag, p.id, p.slots};
        add(p);
        break;
      }
      case 2:
      case 3: {
        auto o = offer(static_cast<unsigned>(rng.between(1, 4)), nats[rng.between(0, 3)]);
        o.self_tag = tags[rng.between(0, 4)];
        o.families = static_cast<Families>(rng.between(1, 3));
        offers[next_key] = o.self_tag;
        add(o);
        break;
      }
      case 4:
        if (!pairs.empty()) {
          const auto& pair = pairs[rng.between(0, pairs.size() - 1)];
          if (!ended.contains(pair.offer)) matcher.remove_offer(pair.offer);
        }
        break;
      default: pass(Millis{static_cast<int>(rng.between(0, 3'000))});
    }
    drain();
    for (; checked < pairs.size(); ++checked) {
      auto& p = proxies.at(pairs[checked].proxy);
      ASSERT_GT(p.slots--, 0U);
      ASSERT_NE(p.tag, offers.at(pairs[checked].offer));
      ASSERT_TRUE(met.emplace(pairs[checked].offer, p.id).second);
    }
  }
  EXPECT_GT(checked, 500U);
  pass(Seconds{60});
  EXPECT_EQ(matcher.proxies() + matcher.offers(), 0U);
  EXPECT_FALSE(matcher.deadline());
}

}  // namespace
}  // namespace footbridge::core
