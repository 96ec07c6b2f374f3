#include "core/netstate/state_keeper.hpp"

#include <gtest/gtest.h>

namespace footbridge::core {
namespace {

using wire::NodeRole;
using wire::NodeState;

struct Keeper {
  SeededRng rng{1};
  StateKeeper keeper{NodeRole::Volunteer, "berlin", std::nullopt, rng};
  TimePoint now{};
  wire::EgressName egress = wire::EgressName::random(rng);

  void helps(std::uint32_t people) {
    keeper.set(now, {.state = NodeState::Helping, .legs = {{egress, people}}, .up_kib = 64});
  }
};

TEST(StateKeeperTest, SaysAtOnceWhatItIsAndThenOnlyTheNewest) {
  Keeper k;
  EXPECT_FALSE(k.keeper.next()) << "nothing is known yet";
  k.helps(1);
  const auto first = k.keeper.take(k.now);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->sequence, 1U);
  EXPECT_EQ(first->tag, "berlin");
  for (std::uint32_t people = 2; people <= 100; ++people) k.helps(people);
  EXPECT_FALSE(k.keeper.next()) << "one request at a time, whatever happens meanwhile";
  EXPECT_FALSE(k.keeper.take(k.now + Seconds{100}));
  k.keeper.on_taken(k.now += Millis{300});
  EXPECT_EQ(k.keeper.next(), TimePoint{} + kReportGap);
  const auto second = k.keeper.take(k.now = TimePoint{} + kReportGap);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->legs.front().people, 100U) << "99 states were never told";
  EXPECT_EQ(second->sequence, 2U);
}

TEST(StateKeeperTest, RepeatsItselfEveryThirtySecondsAndSoonerOnlyWhenSomethingChanged) {
  Keeper k;
  k.helps(1);
  ASSERT_TRUE(k.keeper.take(k.now));
  k.keeper.on_taken(k.now += Millis{10});
  EXPECT_EQ(k.keeper.next(), TimePoint{} + kReportIdle);
  k.keeper.set(k.now, {.state = NodeState::Helping, .legs = {{k.egress, 1}}, .up_kib = 6400});
  EXPECT_EQ(k.keeper.next(), TimePoint{} + kReportIdle) << "bytes are no change";
  EXPECT_FALSE(k.keeper.take(TimePoint{} + kReportIdle - Millis{1}));
  k.keeper.set(k.now, {.state = NodeState::Draining, .legs = {{k.egress, 1}}, .up_kib = 6400});
  EXPECT_EQ(k.keeper.next(), TimePoint{} + kReportGap);
}

TEST(StateKeeperTest, WaitsLongerAfterEachFailureAndTellsTheNewestThen) {
  Keeper k;
  k.helps(1);
  Seconds nominal = kReportPauseFrom;
  for (int i = 0; i < 8; ++i) {
    ASSERT_TRUE(k.keeper.take(k.now)) << i;
    k.keeper.on_failed(k.now, std::nullopt);
    const auto wait = *k.keeper.next() - k.now;
    EXPECT_GE(wait, nominal);
    EXPECT_LE(wait, nominal + nominal / 2);
    k.now = *k.keeper.next();
    nominal = std::min(2 * nominal, kReportPauseTo);
  }
  EXPECT_LE(nominal + nominal / 2, Seconds{60}) << "a minute after netstate is back everybody has been heard";
  k.helps(5);
  const auto told = k.keeper.take(k.now);
  ASSERT_TRUE(told);
  EXPECT_EQ(told->legs.front().people, 5U);
  k.keeper.on_taken(k.now);
  k.helps(6);
  EXPECT_EQ(k.keeper.next(), k.now + kReportGap) << "forgiven";
}

TEST(StateKeeperTest, WaitsAsLongAsItIsToldButNotForGood) {
  Keeper k;
  k.helps(1);
  ASSERT_TRUE(k.keeper.take(k.now));
  k.keeper.on_failed(k.now, Seconds{40});
  EXPECT_EQ(k.keeper.next(), k.now + Seconds{40});
  ASSERT_TRUE(k.keeper.take(k.now += Seconds{40}));
  k.keeper.on_failed(k.now, Seconds{1'000'000});
  EXPECT_EQ(k.keeper.next(), k.now + kReportLongestWait);
}

TEST(StateKeeperTest, KeepsToTheBoundsOfAReportWhateverItIsGiven) {
  Keeper k;
  wire::StateReport large{.state = NodeState::Helping};
  for (std::size_t i = 0; i < wire::kMaxReportLegs + 1; ++i)
    large.legs.push_back({wire::EgressName::random(k.rng), UINT32_MAX});
  large.sessions = UINT32_MAX;
  k.keeper.set(k.now, large);
  const auto told = k.keeper.take(k.now);
  ASSERT_TRUE(told);
  EXPECT_TRUE(wire::parse_state_report(wire::encode_state_report(*told)));
  StateKeeper broker(NodeRole::Broker, "", std::nullopt, k.rng);
  broker.set(k.now, large);
  EXPECT_TRUE(broker.take(k.now)->legs.empty()) << "only carriers have legs";
}

TEST(StateKeeperTest, IsAnotherNodeInEachRun) {
  SeededRng rng{1};
  const StateKeeper one(NodeRole::Page, "", std::nullopt, rng), two(NodeRole::Page, "", std::nullopt, rng);
  EXPECT_NE(one.node(), two.node());
}

}  // namespace
}  // namespace footbridge::core
