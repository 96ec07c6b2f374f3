// Whom of several proxies a client gets, whom it never sees, and how many of the possible pairs are made.
#include <map>
#include <vector>

#include "core/rendezvous/matcher_fixture.hpp"

namespace footbridge::core {
namespace {

using wire::NatBehaviour;

constexpr wire::Nat kNats[] = {{},
                               {NatBehaviour::EndpointIndependent, NatBehaviour::EndpointIndependent},
                               {NatBehaviour::EndpointIndependent, NatBehaviour::AddressAndPortDependent},
                               {NatBehaviour::AddressAndPortDependent, NatBehaviour::AddressAndPortDependent}};

struct MatcherRules : MatcherFixture {};

TEST_F(MatcherRules, PreferAProxyInAnotherCountryAndTakeOneInTheSame) {
  const auto home = Country::parse("AA").value();
  auto near = proxy();
  near.country = home;
  auto far = proxy();
  far.country = Country::parse("BB").value();
  const auto at_home = add(near);
  const auto abroad = add(far);
  auto client = offer();
  client.country = home;
  EXPECT_EQ(got(client), abroad) << "though the other has waited longer";
  EXPECT_EQ(got(client), at_home);
}

TEST_F(MatcherRules, TakeWhereNobodyKnowsCountriesWhoHasWaitedLongest) {
  const auto first = add(proxy());
  add(proxy());
  EXPECT_EQ(got(offer()), first);
}

TEST_F(MatcherRules, GiveNoNativeProxyToAClientOfASensitiveCountryWhileABrowserWaits) {
  auto daemon = proxy();
  daemon.native = true;
  const auto native = add(daemon);
  const auto browser = add(proxy());
  auto client = offer();
  client.wants_browser = true;
  EXPECT_EQ(got(client), browser);
  EXPECT_EQ(got(client), native) << "better than nobody";
}

TEST_F(MatcherRules, TakeTheProvenFirstThenTheNewThenThePoor) {
  auto card = proxy();
  card.tier = ProxyTier::Poor;
  const auto poor = add(card);
  card = proxy();
  card.tier = ProxyTier::New;
  const auto fresh = add(card);
  const auto proven = add(proxy());
  for (const auto expected : {proven, fresh, poor}) EXPECT_EQ(got(offer()), expected);
}

TEST_F(MatcherRules, LetThoseWhoHaveAPathTryTheNew) {
  const auto proven = add(proxy());
  auto card = proxy();
  card.tier = ProxyTier::New;
  const auto fresh = add(card);
  auto client = offer();
  client.has_path = true;
  EXPECT_EQ(got(client), fresh);
  EXPECT_EQ(got(client), proven);
}

TEST_F(MatcherRules, SellNothingOfWhoIsOnlyThereAndAtOnceWhatItMaySellLater) {
  auto card = proxy();
  card.slots = 0;
  const auto there = add(card);
  EXPECT_EQ(got(offer()), 0U);
  matcher.restate_proxy(now, there, {ProxyTier::Proven, 1});
  EXPECT_EQ(next_sold(), there);
}

struct MatcherSlices : MatcherRules {
  static constexpr std::uint64_t kMany = LiveRing::kSeenOfSmall / LiveRing::kSlice + 10;
  void fill(std::uint32_t slots = 1) {
    for (std::uint64_t i = 1; i <= kMany; ++i) {
      auto card = proxy();
      card.point = i * 100;
      card.slots = slots;
      add(card);  // its key is i
    }
  }
  WaitingOffer from(RingPoint point) {
    auto out = offer();
    out.point = point;
    return out;
  }
};

TEST_F(MatcherSlices, ShowAClientItsSliceHoweverOftenItAsks) {
  fill();
  for (std::uint64_t i = 2; i < 2 + LiveRing::kSlice; ++i) EXPECT_EQ(got(from(150)), i);
  EXPECT_EQ(got(from(150)), 0U) << "the others of the pool are not for it";
  EXPECT_NE(got(from(5'000)), 0U) << "but for others";
  EXPECT_NE(got(offer()), 0U);
}

TEST_F(MatcherSlices, LetTheNextMoveUpWhenOneHasGoneForGood) {
  fill();
  for (std::uint64_t i = 2; i < 2 + LiveRing::kSlice; ++i) got(from(150));
  now += LiveRing::kLiveFor - Seconds{20};
  matcher.on_deadline(now);  // the polls have ended, too
  next_sold();
  auto card = proxy();
  card.point = (2 + LiveRing::kSlice) * 100;
  card.until = now + Seconds{300};
  const auto next = add(card);
  auto patient = from(150);
  patient.until = now + Seconds{100};
  EXPECT_EQ(got(patient), 0U);
  now += Seconds{20};
  ASSERT_LE(*matcher.deadline(), now);
  matcher.on_deadline(now);
  EXPECT_EQ(next_sold(), next) << "the offer has waited for it";
}

TEST_F(MatcherSlices, GiveAProxyThatComesToThoseWhoMaySeeIt) {
  fill(0);
  EXPECT_EQ(got(from(150)), 0U);
  EXPECT_EQ(got(from(5'150)), 0U);
  const auto second = last;
  auto card = proxy();
  card.point = 5'230;
  matcher.add_proxy(now, ++last, card);
  const auto event = matcher.poll();
  ASSERT_TRUE(event);
  EXPECT_EQ(std::get<Paired>(*event).offer, second);
}

// One network has a place on each ring, where there is a proxy of that kind: who sees one must not be given the other.
TEST_F(MatcherSlices, KeepTheTwoRingsApartForWhoWaits) {
  fill(0);
  auto moderate = proxy();
  moderate.nat = kNats[2];
  moderate.point = 5'230;
  moderate.slots = 0;
  add(moderate);
  EXPECT_EQ(got(from(100)), 0U);  // sees all of the other ring, and three of the first
  auto open = proxy();
  open.point = 5'230;
  add(open);
  EXPECT_EQ(next_sold(), 0U) << "far away on its own ring";
  EXPECT_NE(got(from(5'200)), 0U);
}

TEST_F(MatcherSlices, GiveNobodyThoseWhoAreTooManyAtOnePlace) {
  fill(0);
  for (std::size_t i = 1; i < LiveRing::kMostAtPlace; ++i) {
    auto card = proxy();
    card.point = 200;
    card.slots = 0;
    add(card);
  }
  EXPECT_EQ(got(from(150)), 0U);
  auto beyond = proxy();
  beyond.point = 200;
  const auto key = add(beyond);
  EXPECT_EQ(next_sold(), 0U);
  EXPECT_EQ(got(offer()), key) << "who sees everybody sees it";
}

TEST_F(MatcherSlices, LetAClientOfASensitiveCountryWaitAMomentForABrowserThatIsThere) {
  auto card = proxy();
  card.slots = 0;
  add(card);
  card = proxy();
  card.native = true;
  const auto native = add(card);
  auto client = from(150);
  client.wants_browser = true;
  EXPECT_EQ(got(client), 0U);
  card = proxy();
  card.native = true;
  add(card);
  EXPECT_EQ(next_sold(), 0U) << "nor one that comes";
  EXPECT_EQ(got(from(150)), native) << "others are not asked to wait";
  card = proxy();
  const auto browser = add(card);
  EXPECT_EQ(next_sold(), browser);
}

TEST_F(MatcherSlices, GiveAClientOfASensitiveCountryANativeProxyInTheEnd) {
  auto card = proxy();
  card.slots = 0;
  const auto browser = card.id;
  add(card);
  card = proxy();
  card.native = true;
  card.slots = 3;
  const auto native = add(card);
  auto client = from(150);
  client.wants_browser = true;
  client.avoid = {browser};
  EXPECT_EQ(got(client), native) << "the browser is of no use to it";
  client.avoid.clear();
  EXPECT_EQ(got(client), 0U);
  now += Matcher::kNatPatience;
  matcher.on_deadline(now);
  EXPECT_EQ(next_sold(), native);
}

struct MatcherShares : MatcherRules {
  static constexpr std::uint64_t kNetworks = 10;
  // One proxy of each network waits, that of the first for longest, and one that sells nothing, so that they stay ten;
  // `mine` matches of the first, one of each other.
  std::vector<RequestKey> crowd(std::uint64_t mine, ProxyTier first = ProxyTier::Proven) {
    std::vector<RequestKey> keys;
    for (std::uint64_t i = 0; i < mine; ++i) sell(1);
    for (std::uint64_t prefix = 2; prefix <= kNetworks; ++prefix) sell(prefix);
    for (std::uint64_t prefix = 1; prefix <= kNetworks; ++prefix) {
      auto card = proxy();
      card.prefix = prefix;
      card.tier = prefix == 1 ? first : ProxyTier::Proven;
      keys.push_back(add(card));
      card = proxy();
      card.prefix = prefix;
      card.slots = 0;
      add(card);
    }
    return keys;
  }
  void sell(std::uint64_t prefix) {
    auto card = proxy();
    card.prefix = prefix;
    add(card);
    EXPECT_NE(got(offer()), 0U);
  }
};

TEST_F(MatcherShares, PutANetworkThatHadMoreThanOthersBehindThem) {
  const auto keys = crowd(2);
  for (std::size_t i = 1; i < keys.size(); ++i) EXPECT_NE(got(offer()), keys[0]);
  EXPECT_EQ(got(offer()), keys[0]) << "better than nobody";
}

TEST_F(MatcherShares, PutOneThatHadFarTooMuchBehindNewcomersUntilTheseHadEnough) {
  const auto keys = crowd(30);
  auto card = proxy();
  card.tier = ProxyTier::New;
  card.slots = MatchShares::kAlwaysAllowed + 5;
  const auto fresh = add(card);
  for (std::size_t i = 1; i < keys.size(); ++i) {
    const auto pair = got(offer());
    EXPECT_TRUE(pair != keys[0] && pair != fresh);
  }
  for (std::uint64_t i = 0; i < MatchShares::kAlwaysAllowed; ++i) EXPECT_EQ(got(offer()), fresh);
  EXPECT_EQ(got(offer()), keys[0]);
  EXPECT_EQ(got(offer()), fresh);
}

TEST_F(MatcherShares, LetNobodyTryTheNewOnesOfANetworkThatHadTooMuch) {
  const auto keys = crowd(30, ProxyTier::New);
  auto client = offer();
  client.has_path = true;
  for (std::size_t i = 1; i < keys.size(); ++i) EXPECT_NE(got(client), keys[0]);
  EXPECT_EQ(got(client), keys[0]);
}

TEST_F(MatcherRules, TakeThoseWhoPromiseBeforeTheNewAndBehindTheProven) {
  std::vector<RequestKey> keys;
  for (const auto tier : {ProxyTier::New, ProxyTier::Promising, ProxyTier::Proven}) {
    auto card = proxy();
    card.tier = tier;
    keys.push_back(add(card));
  }
  for (const auto expected : {keys[2], keys[1], keys[0]}) EXPECT_EQ(got(offer()), expected);
}

TEST_F(MatcherSlices, DoNotExistInAPersonalCompartment) {
  const auto friends = wire::CompartmentId::random(rng);
  for (std::uint64_t i = 1; i <= kMany; ++i) {
    auto card = proxy();
    card.compartments = {friends};
    add(card);
  }
  auto client = from(150);
  client.compartment = friends;
  for (std::uint64_t i = 1; i <= kMany; ++i) EXPECT_EQ(got(client), i);
}

// Pairs in a random crowd, against the most that could be made of it (Kuhn's algorithm).
struct Bipartite {
  std::vector<std::vector<std::size_t>> fits;  // proxies of each client
  std::vector<std::size_t> taken_by;           // 1 + client; 0: nobody

  bool place(std::size_t client, std::vector<bool>& seen) {
    for (const auto proxy : fits[client]) {
      if (seen[proxy]) continue;
      seen[proxy] = true;
      if (taken_by[proxy] != 0 && !place(taken_by[proxy] - 1, seen)) continue;
      taken_by[proxy] = 1 + client;
      return true;
    }
    return false;
  }
  std::size_t most(std::size_t proxies) {
    taken_by.assign(proxies, 0);
    std::size_t pairs = 0;
    for (std::size_t client = 0; client < fits.size(); ++client) {
      std::vector<bool> seen(proxies);
      if (place(client, seen)) ++pairs;
    }
    return pairs;
  }
};

TEST_F(MatcherRules, MakeNearlyAllPairsThatCouldBeMadeAndNoneKnownToFailWhileAnotherProxyWaits) {
  for (int trial = 0; trial < 100; ++trial) {
    matcher = Matcher();
    std::vector<wire::Nat> proxies(rng.between(20, 60)), clients(rng.between(20, 60));
    std::map<RequestKey, std::size_t> proxy_of, client_of;
    for (std::size_t i = 0; i < proxies.size(); ++i) {
      auto card = proxy();
      card.nat = proxies[i] = kNats[rng.between(1, 3)];
      proxy_of[add(card)] = i;
    }
    Bipartite graph;
    const auto good = [&](wire::Nat client, wire::Nat proxy_nat) {
      return nat_rank(classify(client), classify(proxy_nat)) <= kLastGoodNatRank;
    };
    std::size_t made = 0;
    for (auto& nat : clients) {
      nat = kNats[rng.between(1, 3)];
      graph.fits.emplace_back();
      for (std::size_t i = 0; i < proxies.size(); ++i)
        if (good(nat, proxies[i])) graph.fits.back().push_back(i);
      auto client = offer();
      client.nat = nat;
      if (const auto pair = got(client); pair != 0) {
        ++made;
        ASSERT_TRUE(good(nat, proxies[proxy_of.at(pair)]));
      }
    }
    const auto most = graph.most(proxies.size());
    ASSERT_GE(static_cast<double>(made), 0.95 * static_cast<double>(most)) << "trial " << trial << ": of " << most;
  }
}

}  // namespace
}  // namespace footbridge::core
