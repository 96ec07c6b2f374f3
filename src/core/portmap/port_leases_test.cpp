#include "core/portmap/port_leases.hpp"

#include <gtest/gtest.h>
#include <set>

namespace footbridge::core {
namespace {

using Question = PortLeases::Question;

struct PortLeasesTest : testing::Test {
  SeededRng rng{7};
  TimePoint now{Seconds{1'000}};
  PortLeases leases{rng, 2};

  static Private<Endpoint> outside(std::uint16_t port) {
    return Private(Endpoint{IpAddress::parse("203.0.113.7").value(), port});
  }
  Question ask() {
    auto question = leases.next(now);
    EXPECT_TRUE(question.has_value());
    return question.value_or(Question{});
  }
  void grant(const Question& question, Seconds lifetime = PortLeases::kLease) {
    leases.on_granted(now, question, outside(question.local_port), lifetime);
  }
  void grant_all() {
    while (const auto question = leases.next(now)) grant(*question);
  }
  void fail(MapFailure why = MapFailure::Silent) { leases.on_failed(now, ask(), why); }
  void pass_to_deadline() { now = leases.deadline().value(); }
};

TEST_F(PortLeasesTest, AsksForOnePortAfterTheOther) {
  const auto first = ask();
  EXPECT_FALSE(leases.next(now)) << "one question at a time";
  EXPECT_FALSE(leases.deadline());
  EXPECT_EQ(first.lifetime, PortLeases::kLease);
  EXPECT_FALSE(first.held);
  EXPECT_GE(first.local_port, PortLeases::kFirstPort);
  grant(first);
  const auto second = ask();
  EXPECT_NE(second.local_port, first.local_port);
  grant(second);
  EXPECT_FALSE(leases.next(now));
  EXPECT_EQ(leases.held(now), 2U);
}

TEST_F(PortLeasesTest, RenewsAtHalfOfTheLease) {
  grant_all();
  EXPECT_EQ(leases.deadline(), now + PortLeases::kLease / 2);
  now += PortLeases::kLease / 2 - Millis{1};
  EXPECT_FALSE(leases.next(now));
  now += Millis{1};
  const auto again = ask();
  EXPECT_EQ(again.held, outside(again.local_port));
  EXPECT_EQ(again.lifetime, PortLeases::kLease);
}

TEST_F(PortLeasesTest, TriesToRenewUntilTheLeaseIsOverAndThenHasNothing) {
  grant_all();
  const auto end = now + PortLeases::kLease;
  unsigned asked = 0;
  while (leases.held(now) > 0) {
    pass_to_deadline();
    if (now >= end) break;
    fail();
    ++asked;
  }
  EXPECT_EQ(now, end);
  EXPECT_EQ(leases.held(now), 0U);
  EXPECT_FALSE(leases.take(now));
  EXPECT_GT(asked, 4U);
  EXPECT_LT(asked, 40U) << "not a flood either";
}

TEST_F(PortLeasesTest, SaysWhichPortALinkOfOursHas) {
  grant_all();
  const auto taken = leases.take(now);
  ASSERT_TRUE(taken);
  leases.forget(now);
  for (int i = 0; i < 2; ++i) {
    const auto question = ask();
    EXPECT_FALSE(question.held);
    EXPECT_EQ(question.in_use, question.local_port == taken->local_port);
    grant(question);
  }
  EXPECT_EQ(leases.held(now), 2U);
}

TEST_F(PortLeasesTest, BelievesNoPromiseLongerThanItAsked) {
  grant(ask(), Seconds{86'400});
  grant(ask(), Seconds{4'000'000});
  EXPECT_EQ(leases.deadline(), now + PortLeases::kLease / 2);
}

TEST_F(PortLeasesTest, IsNotRunInCirclesByShortLeases) {
  grant(ask(), Seconds{0});
  grant(ask(), Seconds{1});
  EXPECT_EQ(leases.deadline(), now + PortLeases::kShortestRenewal);
}

TEST_F(PortLeasesTest, TriesTheOtherWayThenPausesLongerEachTime) {
  auto pause = PortLeases::kFirstPause;
  for (int round = 0; round < 7; ++round) {
    auto question = ask();
    EXPECT_EQ(question.method, MapMethod::Gateway);
    leases.on_failed(now, question, MapFailure::Silent);
    question = ask();
    EXPECT_EQ(question.method, MapMethod::Upnp);
    leases.on_failed(now, question, MapFailure::Refused);
    EXPECT_FALSE(leases.next(now));
    EXPECT_EQ(leases.deadline(), now + pause) << round;
    now += pause;
    pause = std::min(2 * pause, PortLeases::kLongestPause);
  }
}

TEST_F(PortLeasesTest, StaysWithTheWayThatWorks) {
  fail();
  grant(ask());
  const auto second = ask();
  EXPECT_EQ(second.method, MapMethod::Upnp);
  grant(second);
  EXPECT_EQ(leases.method(), MapMethod::Upnp);
  pass_to_deadline();
  EXPECT_EQ(ask().method, MapMethod::Upnp);
}

TEST_F(PortLeasesTest, LetsARouterThatForwardsOneHaveItsPeace) {
  grant(ask());
  fail(MapFailure::Refused);
  EXPECT_FALSE(leases.next(now));
  EXPECT_EQ(leases.deadline(), now + PortLeases::kFirstPause);
  EXPECT_EQ(leases.held(now), 1U);
}

TEST_F(PortLeasesTest, TakesOtherPortsWhereOneIsTakenButNotForEver) {
  std::set<std::uint16_t> tried;
  for (unsigned i = 0; i < PortLeases::kPortTries; ++i) {
    const auto question = ask();
    EXPECT_EQ(question.method, MapMethod::Gateway);
    EXPECT_TRUE(tried.insert(question.local_port).second);
    leases.on_failed(now, question, i == 0 ? MapFailure::PortInUse : MapFailure::Taken);
  }
  EXPECT_EQ(ask().method, MapMethod::Upnp);
}

TEST_F(PortLeasesTest, GivesEachLinkAPortOfItsOwnTheLongestRestedFirst) {
  grant_all();
  const auto a = leases.take(now).value();
  const auto b = leases.take(now).value();
  EXPECT_NE(a.local_port, b.local_port);
  EXPECT_EQ(a.external, outside(a.local_port));
  EXPECT_FALSE(leases.take(now));
  now += Seconds{1};
  leases.give_back(now, b.local_port);
  now += Seconds{1};
  leases.give_back(now, a.local_port);
  EXPECT_EQ(leases.take(now)->local_port, b.local_port);
  EXPECT_EQ(leases.take(now)->local_port, a.local_port);
}

TEST_F(PortLeasesTest, BeginsNoLinkWithALeaseThatIsNearlyOver) {
  grant_all();
  now += PortLeases::kLease - PortLeases::kLeastLeft;
  EXPECT_TRUE(leases.take(now));
  now += Millis{1};
  EXPECT_FALSE(leases.take(now));
}

TEST_F(PortLeasesTest, ReleasesWhatIsTooMuchOnceNobodyUsesIt) {
  grant_all();
  const auto a = leases.take(now).value();
  const auto b = leases.take(now).value();
  leases.set_ports(1);
  EXPECT_FALSE(leases.next(now));
  leases.give_back(now, a.local_port);
  leases.give_back(now, b.local_port);
  const auto release = ask();
  EXPECT_EQ(release.lifetime, Seconds{0});
  EXPECT_TRUE(release.held);
  leases.on_released(release);
  EXPECT_FALSE(leases.next(now));
  EXPECT_EQ(leases.held(now), 1U);
  leases.set_ports(2);
  EXPECT_EQ(ask().lifetime, PortLeases::kLease);
}

TEST_F(PortLeasesTest, ReleasesEverythingAtTheEndAlsoWhatDoesNotAnswer) {
  grant_all();
  (void)leases.take(now);
  leases.let_go();
  const auto first = ask();
  EXPECT_EQ(first.lifetime, Seconds{0});
  leases.on_released(first);
  const auto second = ask();
  EXPECT_NE(second.local_port, first.local_port);
  leases.on_failed(now, second, MapFailure::Silent);
  EXPECT_FALSE(leases.next(now));
  EXPECT_TRUE(leases.idle());
}

TEST_F(PortLeasesTest, ReleasesAtTheEndWhatMayHaveBeenGrantedUnheard) {
  grant(ask());
  const auto open = ask();
  leases.let_go();
  std::set<std::uint16_t> released;
  while (const auto question = leases.next(now)) {
    EXPECT_EQ(question->lifetime, Seconds{0});
    released.insert(question->local_port);
    leases.on_released(*question);
  }
  EXPECT_EQ(released.size(), 2U);
  EXPECT_TRUE(released.contains(open.local_port));
  EXPECT_TRUE(leases.idle());
}

TEST_F(PortLeasesTest, AsksForNothingAtTheEndThatWasNeverGranted) {
  leases.let_go();
  EXPECT_FALSE(leases.next(now));
  EXPECT_TRUE(leases.idle());
}

TEST_F(PortLeasesTest, BeginsAnewBehindAnotherRouter) {
  grant_all();
  const auto used = leases.take(now).value();
  now += PortLeases::kLease / 2;
  const auto late = ask();
  leases.forget(now);
  EXPECT_EQ(leases.held(now), 0U);
  grant(late);
  EXPECT_EQ(leases.held(now), 0U) << "what the old router says is too late";
  const auto question = ask();
  EXPECT_EQ(question.method, MapMethod::Gateway);
  EXPECT_FALSE(question.held);
  leases.give_back(now, used.local_port);
}

TEST_F(PortLeasesTest, AnswersToNoQuestionChangeNothing) {
  grant(Question{.id = 0, .local_port = 61'000});
  grant(Question{.id = 99, .local_port = 61'000});
  EXPECT_EQ(leases.held(now), 0U);
}

}  // namespace
}  // namespace footbridge::core
