#include "core/rendezvous/nat_probes.hpp"

#include <gtest/gtest.h>

#include "base/rng.hpp"
#include "core/rendezvous/nat_pairs.hpp"

namespace footbridge::core {
namespace {

using wire::OutcomeKind;

constexpr std::uint64_t kHome = 7;
constexpr std::uint64_t kElsewhere = 8;

struct NatProbesTest : testing::Test {
  SeededRng rng{3};
  NatProbes probes;
  TimePoint now{Seconds{1'000}};
  ProxyId proxy = ProxyId::random(rng);

  MatchId begin(const ProxyId& id, std::uint64_t network = kHome) {
    EXPECT_TRUE(probes.due(now, id, network));
    const auto match = MatchId::random(rng);
    probes.note_begun(now, match, id, network);
    return match;
  }
  void probe(const ProxyId& id, bool opens) {
    EXPECT_TRUE(probes.note_outcome(now, begin(id), opens ? OutcomeKind::Opened : OutcomeKind::LinkTimeout));
  }
  std::optional<NatClass> found(const ProxyId& id, std::uint64_t network = kHome) const {
    const auto nat = probes.found(now, id, network);
    return nat ? std::optional(classify(*nat)) : std::nullopt;
  }
  // Enough of them that probes may cost what they like.
  void people_meet() {
    for (std::size_t i = 0; i < 100 * NatProbes::kMostAtOnce; ++i) probes.note_match();
  }
  ProxyId other() {
    people_meet();
    return ProxyId::random(rng);
  }
  // A whole series of which nothing opens.
  void fail(const ProxyId& id) {
    probe(id, false);
    probe(id, false);
  }
};

TEST_F(NatProbesTest, FindsOpenWhoIsReachedAsStrictAndAsksNoMore) {
  EXPECT_EQ(probes.due(now, proxy, kHome), NatProbe::AsStrict);
  probe(proxy, true);
  EXPECT_EQ(found(proxy), NatClass::Open);
  EXPECT_FALSE(probes.due(now, proxy, kHome));
}

TEST_F(NatProbesTest, FindsModerateWhoIsReachedAsModerateOnly) {
  probe(proxy, false);
  EXPECT_FALSE(found(proxy)) << "one that failed says nothing yet";
  EXPECT_EQ(probes.due(now, proxy, kHome), NatProbe::AsModerate);
  probe(proxy, true);
  EXPECT_EQ(found(proxy), NatClass::Moderate);
}

TEST_F(NatProbesTest, FindsStrictWhoIsReachedAsNeither) {
  fail(proxy);
  EXPECT_EQ(found(proxy), NatClass::Strict);
  EXPECT_FALSE(probes.due(now, proxy, kHome));
}

TEST_F(NatProbesTest, ForgetsADayLaterAndOnAnotherNetwork) {
  probe(proxy, true);
  EXPECT_FALSE(found(proxy, kElsewhere));
  EXPECT_EQ(probes.due(now, proxy, kElsewhere), NatProbe::AsStrict);
  now += NatProbes::kFoundFor - Seconds{1};
  EXPECT_TRUE(found(proxy));
  now += Seconds{1};
  EXPECT_FALSE(found(proxy));
  EXPECT_EQ(probes.due(now, proxy, kHome), NatProbe::AsStrict);
}

TEST_F(NatProbesTest, ProbesNobodyTwiceAtOnceAndAgainWhenNothingWasHeard) {
  begin(proxy);
  EXPECT_FALSE(probes.due(now, proxy, kHome));
  now += NatProbes::kProbeLimit;
  EXPECT_EQ(probes.deadline(), now);
  probes.on_deadline(now);
  EXPECT_EQ(probes.poll_changed(), proxy);
  EXPECT_EQ(probes.due(now, proxy, kHome), NatProbe::AsStrict);
  EXPECT_TRUE(probes.note_outcome(now, begin(proxy), OutcomeKind::Stopped)) << "its volunteer went away";
  EXPECT_EQ(probes.due(now, proxy, kHome), NatProbe::AsStrict);
  EXPECT_EQ(probes.stats().untold, 2U);
}

TEST_F(NatProbesTest, LeavesAloneForTheDayOfWhomNothingIsHeardAgainAndAgain) {
  for (unsigned i = 0; i < NatProbes::kMaxProbes; ++i) EXPECT_TRUE(probes.note_nothing(begin(proxy)));
  EXPECT_FALSE(probes.due(now, proxy, kHome));
  now += NatProbes::kFoundFor;
  EXPECT_TRUE(probes.due(now, proxy, kHome));
}

TEST_F(NatProbesTest, TakesALinkThatOpenedForOpenWhateverCameAfterIt) {
  probes.note_outcome(now, begin(proxy), OutcomeKind::DialFailed);
  EXPECT_EQ(found(proxy), NatClass::Open);
}

TEST_F(NatProbesTest, KnowsNoMatchTwiceAndNoneThatIsNoProbe) {
  EXPECT_FALSE(probes.note_outcome(now, MatchId::random(rng), OutcomeKind::Opened));
  const auto match = begin(proxy);
  EXPECT_TRUE(probes.note_outcome(now, match, OutcomeKind::LinkFailed));
  EXPECT_FALSE(probes.note_outcome(now, match, OutcomeKind::Opened));
  EXPECT_FALSE(probes.note_nothing(match));
  EXPECT_FALSE(found(proxy));
}

TEST_F(NatProbesTest, SaysNothingOfAnotherNetworkThanTheOneItBeganOn) {
  const auto match = begin(proxy);
  const auto there = begin(proxy, kElsewhere);
  probes.note_outcome(now, match, OutcomeKind::Opened);
  EXPECT_FALSE(found(proxy, kHome));
  EXPECT_FALSE(found(proxy, kElsewhere));
  probes.note_outcome(now, there, OutcomeKind::Opened);
  EXPECT_EQ(found(proxy, kElsewhere), NatClass::Open);
}

TEST_F(NatProbesTest, CallsNobodyStrictOnceItSeemsBrokenUntilALinkOpens) {
  for (unsigned i = 0; i + 1 < NatProbes::kBrokenRow; ++i) fail(other());
  now += NatProbes::kBrokenAfter;
  fail(proxy);
  EXPECT_FALSE(found(proxy)) << "ten in ten minutes";
  EXPECT_EQ(probes.stats().doubtful, 1U);
  probe(other(), true);
  const auto next = other();
  fail(next);
  EXPECT_EQ(found(next), NatClass::Strict);
}

TEST_F(NatProbesTest, CostsAPartOfPeoplesMatchesAndAFewAnHour) {
  for (unsigned i = 0; i < NatProbes::kProbesAnHour; ++i) probe(ProxyId::random(rng), true);
  EXPECT_FALSE(probes.due(now, proxy, kHome));
  for (unsigned i = 0; i < 100 / NatProbes::kProbesPerCent; ++i) {
    EXPECT_FALSE(probes.due(now, proxy, kHome)) << i;
    probes.note_match();
  }
  probe(proxy, true);
  EXPECT_FALSE(probes.due(now, ProxyId::random(rng), kHome));
  now += Seconds{3'600 / NatProbes::kProbesAnHour + 1};
  probe(ProxyId::random(rng), true);
  EXPECT_FALSE(probes.due(now, ProxyId::random(rng), kHome));
}

TEST_F(NatProbesTest, HasSoManyUnderWayAndNoMore) {
  people_meet();
  for (std::size_t i = 0; i < NatProbes::kMostAtOnce; ++i) begin(ProxyId::random(rng));
  people_meet();
  EXPECT_FALSE(probes.due(now, proxy, kHome));
  now += NatProbes::kProbeLimit;
  probes.on_deadline(now);
  EXPECT_TRUE(probes.due(now, proxy, kHome));
}

TEST_F(NatProbesTest, ForgetsWhoWasProbedFirstWhenItIsFull) {
  probe(proxy, true);
  now += Seconds{1};
  for (std::size_t i = 1; i < NatProbes::kMaxProbed; ++i) {
    for (unsigned matches = 0; matches < 100; ++matches) probes.note_match();
    probes.note_nothing(begin(ProxyId::random(rng)));
  }
  people_meet();
  EXPECT_TRUE(found(proxy));
  begin(other());
  EXPECT_FALSE(found(proxy));
  EXPECT_EQ(probes.remembered(), NatProbes::kMaxProbed + 1) << "the records, and what is under way";
}

TEST_F(NatProbesTest, KnowsAProbeByWhatItsOfferSaysOfItself) {
  for (const auto probe : {NatProbe::AsStrict, NatProbe::AsModerate}) EXPECT_EQ(probe_of(nat_of(probe)), probe);
  EXPECT_FALSE(probe_of({}));
  EXPECT_FALSE(probe_of({wire::NatBehaviour::EndpointIndependent, wire::NatBehaviour::Unknown}));
}

}  // namespace
}  // namespace footbridge::core
