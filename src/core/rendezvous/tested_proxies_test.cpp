#include "core/rendezvous/tested_proxies.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <vector>

#include "base/rng.hpp"

namespace footbridge::core {
namespace {

using wire::OutcomeKind;
using wire::Refusal;

struct TestedProxiesTest : testing::Test {
  SeededRng rng{7};
  TestedProxies tests;
  TimePoint now{Seconds{1'000}};
  ProxyId fresh = ProxyId::random(rng);

  void pass(Duration by) {
    const auto until = now + by;
    while (tests.deadline() && *tests.deadline() <= until) {
      now = std::max(now, *tests.deadline());
      tests.on_deadline(now);
    }
    now = until;
  }
  // Its poll is held, and nobody comes.
  bool waits(const ProxyId& id, ProxyTier tier = ProxyTier::New, std::uint64_t network = 0) {
    return !tests.on_poll(now, id, tier, network);
  }
  Audience audience(const ProxyId& id, ProxyTier tier = ProxyTier::New) { return tests.audience(now, id, tier); }
  MatchId begin(const ProxyId& id, ProxyTier tier = ProxyTier::New) {
    const auto match = MatchId::random(rng);
    tests.note_begun(now, match, id, {}, tier);
    return match;
  }
  bool test(const ProxyId& id, OutcomeKind kind, ProxyTier tier = ProxyTier::New) {
    return tests.note_outcome(now, begin(id, tier), kind).has_value();
  }
  void fail_others(unsigned count) {
    for (unsigned i = 0; i < count; ++i) {
      const auto id = ProxyId::random(rng);
      ASSERT_TRUE(waits(id));
      test(id, OutcomeKind::LinkTimeout);
    }
  }
};

TEST_F(TestedProxiesTest, HoldNobodyWithoutATester) {
  EXPECT_TRUE(waits(fresh));
  EXPECT_EQ(audience(fresh), Audience::People);
  EXPECT_EQ(tests.remembered(), 0U);
}

TEST_F(TestedProxiesTest, HoldANewcomerForTheTesterAloneUntilItPasses) {
  tests.note_tester(now);
  EXPECT_TRUE(waits(fresh));
  EXPECT_EQ(audience(fresh), Audience::Testers);
  EXPECT_TRUE(test(fresh, OutcomeKind::Opened));
  EXPECT_EQ(audience(fresh), Audience::People) << "and it is not tested again";
}

TEST_F(TestedProxiesTest, LeaveThoseWhoAreKnownToCarryAlone) {
  tests.note_tester(now);
  for (const auto tier : {ProxyTier::Proven, ProxyTier::Promising}) {
    EXPECT_TRUE(waits(fresh, tier));
    EXPECT_EQ(audience(fresh, tier), Audience::People);
  }
}

TEST_F(TestedProxiesTest, GiveANewcomerToPeopleWhenTheTesterHasNoTimeForIt) {
  tests.note_tester(now);
  ASSERT_TRUE(waits(fresh));
  for (auto left = TestedProxies::kPatience; left > Seconds{0}; left -= Seconds{10}) {
    EXPECT_EQ(audience(fresh), Audience::Testers);
    pass(Seconds{10});
    tests.note_tester(now);
  }
  EXPECT_EQ(audience(fresh), Audience::Both);
  EXPECT_EQ(tests.poll_changed(), fresh) << "who waits hears of it";
}

TEST_F(TestedProxiesTest, HoldNobodyWhenTheTesterFellSilent) {
  tests.note_tester(now);
  EXPECT_EQ(tests.poll_state(), TestedProxies::State::Active);
  pass(TestedProxies::kTesterLasts - Seconds{1});
  ASSERT_TRUE(waits(fresh));
  ASSERT_EQ(audience(fresh), Audience::Testers);
  pass(Seconds{1});
  EXPECT_EQ(tests.poll_state(), TestedProxies::State::Silent);
  EXPECT_EQ(audience(fresh), Audience::People);
  EXPECT_EQ(tests.poll_changed(), fresh);
}

TEST_F(TestedProxiesTest, TestNobodyTwiceAtTheSameTime) {
  tests.note_tester(now);
  ASSERT_TRUE(waits(fresh));
  begin(fresh);
  EXPECT_EQ(audience(fresh), Audience::Nobody);
  pass(TestedProxies::kVerdictBy);
  tests.note_tester(now);
  EXPECT_EQ(tests.poll_changed(), fresh);
  EXPECT_EQ(audience(fresh), Audience::Testers) << "the tester never said what came of it";
}

TEST_F(TestedProxiesTest, SendAwayWhoFailsTwiceAndTestItAgain) {
  tests.note_tester(now);
  ASSERT_TRUE(waits(fresh));
  test(fresh, OutcomeKind::LinkTimeout);
  EXPECT_TRUE(waits(fresh)) << "it may have been a lost packet";
  test(fresh, OutcomeKind::LinkTimeout);
  const auto out = tests.on_poll(now, fresh, ProxyTier::New, 0);
  ASSERT_TRUE(out);
  EXPECT_EQ(out->why, Refusal::Unreachable);
  EXPECT_EQ(out->again_in, TestedProxies::kAgainAfter);
  pass(TestedProxies::kAgainAfter);
  tests.note_tester(now);
  EXPECT_TRUE(waits(fresh));
  EXPECT_EQ(audience(fresh), Audience::Testers);
  EXPECT_TRUE(test(fresh, OutcomeKind::Opened));
  EXPECT_EQ(audience(fresh), Audience::People);
}

// Or a hundred of them would keep the tester from newcomers.
TEST_F(TestedProxiesTest, TestWhoFailsAgainAndAgainLessAndLessOften) {
  tests.note_tester(now);
  ASSERT_TRUE(waits(fresh));
  std::vector<Millis> pauses;
  for (unsigned i = 0; i < 9; ++i) {
    test(fresh, OutcomeKind::LinkTimeout);
    if (const auto out = tests.on_poll(now, fresh, ProxyTier::New, 0)) pauses.push_back(out->again_in);
  }
  EXPECT_EQ(pauses.front(), TestedProxies::kAgainAfter);
  EXPECT_EQ(pauses[1], 2 * TestedProxies::kAgainAfter);
  EXPECT_EQ(pauses.back(), TestedProxies::kMostPause);
}

TEST_F(TestedProxiesTest, SayWhetherTheLinkOrTheWayBehindItFails) {
  tests.note_tester(now);
  ASSERT_TRUE(waits(fresh));
  for (unsigned i = 0; i < TestedProxies::kFailures; ++i) test(fresh, OutcomeKind::DialFailed);
  EXPECT_EQ(tests.on_poll(now, fresh, ProxyTier::New, 0)->why, Refusal::LeadsNowhere);
}

TEST_F(TestedProxiesTest, ForgiveWhoFailedWhenNobodySaysSoAgain) {
  tests.note_tester(now);
  ASSERT_TRUE(waits(fresh));
  for (unsigned i = 0; i < TestedProxies::kFailures; ++i) test(fresh, OutcomeKind::LinkFailed);
  pass(TestedProxies::kAgainAfter + TestedProxies::kOutFor - Seconds{1});
  EXPECT_TRUE(waits(fresh));
  EXPECT_EQ(audience(fresh), Audience::Nobody);
  pass(Seconds{1});
  EXPECT_EQ(audience(fresh), Audience::People);
}

TEST_F(TestedProxiesTest, CountNothingThatIsNotTheProxysFault) {
  tests.note_tester(now);
  ASSERT_TRUE(waits(fresh));
  for (unsigned i = 0; i < 2 * TestedProxies::kFailures; ++i) test(fresh, OutcomeKind::Unknown);
  EXPECT_TRUE(waits(fresh));
}

TEST_F(TestedProxiesTest, HoldWhoHasAnExcuseEachTime) {
  tests.note_tester(now);
  ASSERT_TRUE(waits(fresh));
  for (Duration waited{}; waited <= TestedProxies::kPatience; waited += Seconds{30}) {
    test(fresh, OutcomeKind::Stopped);
    pass(Seconds{30});
    tests.note_tester(now);
  }
  EXPECT_EQ(audience(fresh), Audience::Testers);
}

TEST_F(TestedProxiesTest, GiveATesterThatOnlySeesFailuresWhoIsKnownToCarry) {
  tests.note_tester(now);
  EXPECT_EQ(audience(fresh, ProxyTier::Proven), Audience::People);
  fail_others(TestedProxies::kControlAfter);
  EXPECT_EQ(audience(fresh, ProxyTier::Proven), Audience::Both);
  EXPECT_TRUE(test(fresh, OutcomeKind::Opened, ProxyTier::Proven));
  EXPECT_EQ(audience(fresh, ProxyTier::Proven), Audience::People);
}

// Its own network fails, or a stranger brings many that fail; then all is as if there were no tester.
TEST_F(TestedProxiesTest, BelieveNoTesterThatSeesNothingButFailures) {
  tests.note_tester(now);
  ASSERT_TRUE(waits(fresh));
  for (unsigned i = 0; i < TestedProxies::kFailures; ++i) test(fresh, OutcomeKind::LinkTimeout);
  ASSERT_FALSE(waits(fresh));
  fail_others(TestedProxies::kMistrustAfter - 1);
  EXPECT_EQ(tests.state(), TestedProxies::State::Mistrusted);
  EXPECT_TRUE(waits(fresh));
  EXPECT_TRUE(meets(audience(fresh), Audience::People));
  const auto other = ProxyId::random(rng);
  ASSERT_TRUE(waits(other));
  EXPECT_EQ(audience(other), Audience::Both);
  const auto unlucky = ProxyId::random(rng);
  ASSERT_TRUE(waits(unlucky));
  for (unsigned i = 0; i < TestedProxies::kFailures; ++i) test(unlucky, OutcomeKind::LinkTimeout);
  test(other, OutcomeKind::Opened);
  EXPECT_EQ(tests.state(), TestedProxies::State::Active);
  EXPECT_TRUE(waits(unlucky)) << "what it said meanwhile does not count";
  EXPECT_FALSE(waits(fresh));
}

TEST_F(TestedProxiesTest, TakeOneProxyThatFailsAgainAndAgainForOne) {
  tests.note_tester(now);
  ASSERT_TRUE(waits(fresh));
  for (unsigned i = 0; i < 2 * TestedProxies::kMistrustAfter; ++i) test(fresh, OutcomeKind::LinkTimeout);
  EXPECT_EQ(tests.state(), TestedProxies::State::Active);
}

TEST_F(TestedProxiesTest, TestOneNetworkNoMoreOftenThanItsShare) {
  constexpr std::uint64_t kNetwork = 77;
  tests.note_tester(now);
  ASSERT_TRUE(waits(fresh, ProxyTier::New, kNetwork));
  for (unsigned i = 0; i < TestedProxies::kOfNetworkBurst; ++i) {
    const auto id = ProxyId::random(rng);
    ASSERT_TRUE(waits(id, ProxyTier::New, kNetwork));
    EXPECT_EQ(audience(id), Audience::Testers);
    begin(id);
  }
  EXPECT_EQ(audience(fresh), Audience::Nobody);
  std::vector<ProxyId> heard;
  while (const auto id = tests.poll_changed()) heard.push_back(*id);
  EXPECT_NE(std::ranges::find(heard, fresh), heard.end()) << "it waits, and was for the tester until now";
  const auto elsewhere = ProxyId::random(rng);
  ASSERT_TRUE(waits(elsewhere, ProxyTier::New, kNetwork + 1));
  EXPECT_EQ(audience(elsewhere), Audience::Testers);
}

TEST_F(TestedProxiesTest, ForgetEverybodyInTheEnd) {
  tests.note_tester(now);
  ASSERT_TRUE(waits(fresh));
  for (unsigned i = 0; i < TestedProxies::kFailures; ++i) test(fresh, OutcomeKind::LinkTimeout);
  begin(ProxyId::random(rng));
  pass(TestedProxies::kVerdictBy + TestedProxies::kForgetAfter);
  EXPECT_EQ(tests.remembered(), 0U);
}

TEST_F(TestedProxiesTest, HoldNoMoreRecordsThanTheirBound) {
  tests.note_tester(now);
  for (std::size_t i = 0; i < TestedProxies::kMaxProxies + 100; ++i) ASSERT_TRUE(waits(ProxyId::random(rng)));
  for (std::size_t i = 0; i < TestedProxies::kMaxOpen + 100; ++i) begin(ProxyId::random(rng));
  EXPECT_EQ(tests.remembered(), TestedProxies::kMaxProxies + TestedProxies::kMaxOpen);
}

}  // namespace
}  // namespace footbridge::core
