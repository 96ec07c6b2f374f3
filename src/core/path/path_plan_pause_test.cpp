// What PathPlan makes of failures: when it pauses, and how long.
#include "core/path/path_plan_fixture.hpp"

namespace footbridge::core {
namespace {

TEST_F(PathPlanTest, DoesNotPauseWhileVolunteersGoOneByOne) {
  volunteers = 100;
  start();
  for (int i = 0; i < 50; ++i) {
    pass(Millis{300});
    plan.on_traffic(now);
    lose(any());
    EXPECT_FALSE(plan.pausing()) << i;
    EXPECT_EQ(people(), kTargetPaths) << i;
  }
}

TEST_F(PathPlanTest, PausesWhenAllPathsEndAgainAndAgain) {
  volunteers = 100;
  start();
  for (int i = 0; i < 20; ++i) {
    pass(Millis{300});
    plan.on_traffic(now);
    const auto all = carrying;
    for (const auto& [path, id] : all) end(path, PathPlan::Loss::Volunteer);
    run();
    EXPECT_EQ(plan.pausing(), i > 0);
    pass(Millis{kMostPauseInUse} * 3 / 2);  // with somebody waiting no pause is longer
    EXPECT_FALSE(plan.pausing());
    EXPECT_EQ(people(), kTargetPaths);
  }
}

TEST_F(PathPlanTest, CountsWhatSeveralPathsSufferTogetherAsOneFailure) {
  start();
  pass(Seconds{1});
  const auto paths = carrying;
  connects = false;
  for (const auto& [path, id] : paths) lose(path);
  EXPECT_FALSE(plan.pausing());
  EXPECT_GE(found.size(), 1U);
}

TEST_F(PathPlanTest, CountsAttemptsThatFailTogetherAsOneFailure) {
  start();
  pass(kGoodPathAge);
  connects = false;
  for (const auto& [path, id] : std::map(carrying)) lose(path);
  pass(Seconds{1});
  ASSERT_EQ(found.size(), kTargetPaths);
  const auto together = found;
  for (const auto& [path, id] : together) lose(path);
  EXPECT_FALSE(plan.pausing()) << "they have one reason";
}

TEST_F(PathPlanTest, TriesSomebodyElseAtOnceAndThenMoreSlowly) {
  connects = false;
  start();
  const auto first = found.begin()->second;
  lose(found.begin()->first);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_NE(helps.at(found.begin()->second), helps.at(first));
  lose(found.begin()->first);
  EXPECT_TRUE(plan.pausing());
  EXPECT_TRUE(found.empty());
  const auto before = made;
  pass(Millis{400});
  EXPECT_EQ(made, before);
  pass(Millis{1'200});
  EXPECT_EQ(found.size(), 1U);
}

TEST_F(PathPlanTest, PausesForHalfAMinuteAtMostHoweverOftenAllFailed) {
  volunteers = 100;
  connects = false;
  start();
  for (int i = 0; i < 30; ++i) {
    ASSERT_FALSE(found.empty()) << i;
    lose(found.begin()->first);
    pass(Millis{kMostPause} * 3 / 2);
  }
}

}  // namespace
}  // namespace footbridge::core
