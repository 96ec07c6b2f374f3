// What a matcher has to hear of those who wait already: another standing, a departure, a second proxy. And what it
// leaves aside: an installation's own proxies, and all but the first few of them.
#include <vector>

#include "core/rendezvous/matcher_fixture.hpp"

namespace footbridge::core {
namespace {

using wire::Refusal;

struct MatcherChanges : MatcherFixture {};

TEST_F(MatcherChanges, OfStandingCountForWhoWaitsAlready) {
  const auto fallen = add(proxy());
  const auto good = add(proxy());
  matcher.restate_proxy(now, fallen, {ProxyTier::Poor, 1});
  EXPECT_EQ(got(offer()), good) << "though the other has waited longer";
  EXPECT_EQ(got(offer()), fallen);
}

TEST_F(MatcherChanges, OfTheNumberOfNetworksCountForTheShareOfEach) {
  std::vector<RequestKey> keys;
  for (std::uint64_t prefix = 1; prefix <= MatchShares::kMinPrefixes; ++prefix) {
    auto card = proxy(prefix);
    card.slots = prefix == 1 ? MatchShares::kAlwaysAllowed + 5 : 0;
    keys.push_back(add(card));
  }
  for (std::uint64_t i = 0; i < MatchShares::kAlwaysAllowed; ++i) EXPECT_EQ(got(offer()), keys[0]);
  EXPECT_EQ(got(offer()), 0U) << "it has had its share";
  matcher.remove_proxy(now, keys[1]);
  EXPECT_EQ(got(offer()), keys[0]) << "one network fewer is too few for shares";
}

TEST_F(MatcherChanges, OfWhomItHasMetMakeAnotherReasonToGiveUp) {
  auto client = offer();
  client.until = now + Seconds{10};
  auto own = proxy();
  own.self_tag = client.self_tag;
  const auto itself = add(own);
  const auto key = add(client);
  EXPECT_FALSE(next_pair());
  add(proxy());
  const auto pair = next_pair();
  ASSERT_TRUE(pair);
  matcher.remove_proxy(now, itself);
  ASSERT_TRUE(matcher.reopen(now, key, pair->sdp_index));
  now = client.until;
  matcher.on_deadline(now);
  const auto event = matcher.poll();
  ASSERT_TRUE(event);
  EXPECT_EQ(std::get<OfferEnded>(*event).why, Refusal::NoProxy) << "there was somebody else";
}

TEST_F(MatcherChanges, PutTheNewOfANetworkThatHadTooMuchBehindOtherNewOnes) {
  auto card = proxy(1);
  card.tier = ProxyTier::New;
  card.slots = MatchShares::kAlwaysAllowed;
  add(card);
  for (std::uint64_t prefix = 2; prefix <= 10; ++prefix) {
    card = proxy(prefix);
    card.slots = 0;
    add(card);
  }
  for (std::uint64_t i = 0; i < MatchShares::kAlwaysAllowed; ++i) EXPECT_NE(got(offer()), 0U);
  card = proxy(1);  // fewer clients can use it, so that it would come first
  card.nat = {wire::NatBehaviour::EndpointIndependent, wire::NatBehaviour::AddressAndPortDependent};
  card.tier = ProxyTier::New;
  const auto greedy = add(card);
  card = proxy(2);
  card.nat = {wire::NatBehaviour::EndpointIndependent, wire::NatBehaviour::EndpointIndependent};
  card.tier = ProxyTier::New;
  const auto other = add(card);
  auto client = offer();
  client.nat = card.nat;
  EXPECT_EQ(got(client), other);
  EXPECT_EQ(got(client), greedy);
}

TEST_F(MatcherChanges, GiveWhoTakesAnybodyFirstWhoCanConnectWhateverItsStanding) {
  const wire::Nat strict{wire::NatBehaviour::AddressAndPortDependent, wire::NatBehaviour::AddressAndPortDependent};
  auto client = offer();
  client.nat = strict;
  const auto key = add(client);
  now += Matcher::kNatPatience;
  matcher.on_deadline(now);
  add(proxy());
  const auto first = next_pair();
  ASSERT_TRUE(first);
  auto card = proxy();
  card.nat = strict;
  add(card);
  card = proxy();
  card.nat = {wire::NatBehaviour::EndpointIndependent, wire::NatBehaviour::EndpointIndependent};
  card.tier = ProxyTier::Poor;
  const auto open = add(card);
  ASSERT_TRUE(matcher.reopen(now, key, first->sdp_index));
  const auto pair = next_pair();
  ASSERT_TRUE(pair);
  EXPECT_EQ(pair->proxy, open);
}

TEST_F(MatcherChanges, BringAProxyToTheSliceThatBeginsAtItsPlace) {
  for (std::uint64_t i = 1; i <= LiveRing::kSeenOfSmall; ++i) {
    auto card = proxy();
    card.point = i * 100;
    card.slots = 0;
    add(card);
  }
  auto client = offer();
  client.point = 5'250;
  EXPECT_EQ(got(client), 0U);
  auto card = proxy();
  card.point = 5'250;
  const auto key = add(card);
  const auto pair = next_pair();
  ASSERT_TRUE(pair);
  EXPECT_EQ(pair->proxy, key);
}

// Whom an offer was given at once fails it later: how long it is patient counts from its arrival.
TEST_F(MatcherChanges, AreWaitedForNoLongerByAnOfferWhosePairFailed) {
  const wire::Nat strict{wire::NatBehaviour::AddressAndPortDependent, wire::NatBehaviour::AddressAndPortDependent};
  for (const auto after : {Duration{Seconds{1}}, Duration{Matcher::kNatPatience}}) {
    const auto began = now;
    add(proxy());
    auto client = offer();
    client.nat = strict;
    const auto key = add(client);
    const auto pair = next_pair();
    ASSERT_TRUE(pair);
    now = began + after;
    auto card = proxy();
    card.nat = strict;
    const auto bad = add(card);
    ASSERT_TRUE(matcher.reopen(now, key, pair->sdp_index));
    if (after < Matcher::kNatPatience) {
      EXPECT_EQ(next_sold(), 0U);
      EXPECT_EQ(matcher.deadline(), began + Matcher::kNatPatience);
      now = began + Matcher::kNatPatience;
      matcher.on_deadline(now);
    }
    EXPECT_EQ(next_sold(), bad);
    matcher.remove_offer(key);
  }
}

TEST_F(MatcherChanges, LetNobodyWaitForABrowserOfHisOwn) {
  auto client = offer();
  client.point = 1;
  client.wants_browser = true;
  auto own = proxy();
  own.self_tag = client.self_tag;
  own.slots = 0;
  add(own);
  auto card = proxy();
  card.native = true;
  const auto native = add(card);
  EXPECT_EQ(got(client), native);
}

// Dozens in one place, all of one installation: to look at them costs a bounded time, and who stands behind them is
// found by everybody else.
TEST_F(MatcherChanges, LookAtSoManyOfTheSameInstallationAndNoMore) {
  auto client = offer();
  for (int i = 0; i < 100; ++i) {
    auto own = proxy();
    own.self_tag = client.self_tag;
    add(own);
  }
  const auto behind = add(proxy());
  EXPECT_EQ(got(client), 0U);
  matcher.remove_offer(last);
  for (RequestKey key = 1; key <= 40; ++key) matcher.remove_proxy(now, key);
  EXPECT_EQ(got(client), behind);
}

// Whoever comes first, and also for a proxy whose standing changes while it waits.
TEST_F(MatcherChanges, LeaveNoPoorProxyToWhoHasAPathWhereManyLend) {
  auto poor = proxy(1'000);
  poor.tier = ProxyTier::Poor;
  auto second = offer();
  second.has_path = true;
  const auto alone = add(poor);
  EXPECT_EQ(got(second), alone) << "a few friends have to take whom they have";
  for (std::uint64_t prefix = 1; prefix <= MatchShares::kMinPrefixes; ++prefix) {
    auto busy = proxy(prefix);
    busy.slots = 0;
    add(busy);
  }
  poor.id = ProxyId::random(rng);
  const auto waits = add(poor);
  EXPECT_EQ(got(second), 0U);
  EXPECT_EQ(got(offer()), waits) << "who has nobody takes whom there is";
  poor.id = ProxyId::random(rng);
  const auto mended = add(poor);
  EXPECT_EQ(next_sold(), 0U);
  matcher.restate_proxy(now, mended, {ProxyTier::Proven, 1});
  EXPECT_EQ(next_sold(), mended);
}

}  // namespace
}  // namespace footbridge::core
