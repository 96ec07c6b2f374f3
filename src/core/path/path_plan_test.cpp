#include "core/path/path_plan_fixture.hpp"

namespace footbridge::core {
namespace {

TEST_F(PathPlanTest, MakesTheFirstPathAloneAndThenTheOthersTogether) {
  gathers = false;
  plan.start(now);
  run();
  EXPECT_EQ(gathering.size(), 1U);
  offer_all();
  run();
  EXPECT_EQ(carrying.size(), 1U);
  EXPECT_EQ(gathering.size(), kTargetPaths - 1);
  EXPECT_EQ(searches, 1U);
  offer_all();
  run();
  EXPECT_EQ(searches, 2U) << "one request for both";
  EXPECT_EQ(people(), kTargetPaths);
  EXPECT_EQ(plan.sound(), kTargetPaths);
  EXPECT_EQ(plan.standby(), 0U);
}

TEST_F(PathPlanTest, SaysWhetherItHasAPathAndSaysSoAnewWhenItHasLostTheLast) {
  volunteers = 0;
  start();
  EXPECT_FALSE(search->has_path);
  volunteers = 1, match(), run();
  EXPECT_TRUE(search->has_path);
  volunteers = 0;
  const auto before = searches;
  suspect(any());
  EXPECT_FALSE(search->has_path) << "on a silent one it cannot rely";
  hear(any());
  EXPECT_EQ(searches, before + 1) << "its place at the broker is kept";
}

TEST_F(PathPlanTest, WaitsOnlyAMomentForAnOfferThatTakesItsTime) {
  gathers = false;
  plan.start(now);
  run();
  offer_all();
  run();
  plan.on_offered(now, *gathering.begin());
  run();
  EXPECT_EQ(searches, 1U);
  pass(kOffersTogether);
  EXPECT_EQ(searches, 2U);
  EXPECT_EQ(carrying.size(), 2U);
}

TEST_F(PathPlanTest, KeepsTheQuickestPathWhenNothingIsCarriedAndGrowsOnTheFirstByte) {
  start();
  Millis round_trip{90};
  for (const auto& [path, id] : carrying) plan.on_round_trip(path, round_trip), round_trip -= Millis{20};
  const auto quickest = carrying.rbegin()->first;
  pass(kIdleAfter - Millis{1});
  EXPECT_EQ(carrying.size(), kTargetPaths);
  pass(Millis{1});
  ASSERT_EQ(carrying.size(), 1U);
  EXPECT_EQ(any(), quickest);
  EXPECT_FALSE(plan.active());
  EXPECT_EQ(plan.standby(), 1U);
  const auto before = searches;
  pass(Seconds{3'600});
  EXPECT_EQ(searches, before) << "an idle client asks nothing of anybody";
  plan.on_traffic(now);
  run();
  EXPECT_EQ(people(), kTargetPaths);
  EXPECT_EQ(plan.standby(), 0U);
}

TEST_F(PathPlanTest, StaysGrownWhileBytesMove) {
  start();
  for (int i = 0; i < 10; ++i) {
    pass(kIdleAfter - Millis{1});
    plan.on_traffic(now);
  }
  EXPECT_EQ(carrying.size(), kTargetPaths);
}

TEST_F(PathPlanTest, ReplacesASuspectedPathAtOnceAndKeepsIt) {
  start();
  const auto silent = any();
  suspect(silent);
  EXPECT_EQ(carrying.size(), kTargetPaths + 1) << "it may be heard again";
  EXPECT_TRUE(carrying.contains(silent));
  EXPECT_EQ(people(), kTargetPaths + 1) << "somebody else replaces it";
  plan.on_long_silence(now, silent);
  run();
  EXPECT_EQ(carrying.size(), kTargetPaths);
  EXPECT_FALSE(carrying.contains(silent)) << "replaced, and silent for long: it goes";
}

TEST_F(PathPlanTest, MakesOneReplacementAtATimeWhenAllPathsFallSilent) {
  start();
  gathers = false;
  const auto paths = carrying;
  for (const auto& [path, id] : paths) suspect(path);
  EXPECT_EQ(gathering.size(), 1U) << "it is our own network, most of the time";
  for (const auto& [path, id] : paths) plan.on_long_silence(now, path);
  run();
  EXPECT_EQ(gathering.size(), kTargetPaths) << "it was not";
}

TEST_F(PathPlanTest, KeepsWhatCameForNothingAsASpareForAWhile) {
  start();
  const auto silent = any();
  suspect(silent);
  hear(silent);
  EXPECT_EQ(carrying.size(), kTargetPaths + 1);
  EXPECT_EQ(plan.standby(), 1U);
  pass(kSpareFor - Millis{1});
  EXPECT_EQ(carrying.size(), kTargetPaths + 1);
  pass(Millis{1});
  EXPECT_EQ(carrying.size(), kTargetPaths);
  EXPECT_FALSE(carrying.contains(silent)) << "of equals the one that cried wolf goes";
}

TEST_F(PathPlanTest, NamesThoseThroughWhomNothingEverCameApartFromThoseItUses) {
  start();
  ASSERT_EQ(carrying.size(), kTargetPaths);
  end(any(), PathPlan::Loss::Volunteer);  // it carried
  connects = false;
  run();
  ASSERT_EQ(found.size(), 1U);
  const auto [path, match] = *found.begin();
  volunteers = 0;
  end(path, PathPlan::Loss::Volunteer);
  run();
  ASSERT_TRUE(search);
  EXPECT_TRUE(search->has_path);
  EXPECT_GT(search->avoid.size(), 2U);
  EXPECT_EQ(search->failed, std::vector{match});
}

TEST_F(PathPlanTest, DoesNotAskAnybodyForAPathThatFlaps) {
  start();
  const auto flapping = any();
  volunteers = 3;
  suspect(flapping);
  hear(flapping);
  pass(Seconds{1});
  const auto before = searches, offers = made;
  for (int i = 0; i < 100; ++i) {
    suspect(flapping);
    pass(Millis{100});
    hear(flapping);
    pass(Millis{200});
  }
  EXPECT_LE(searches - before, 2U);
  EXPECT_LE(made - offers, 2U);
}

TEST_F(PathPlanTest, ReplacesAFlappingPathThatStaysSilent) {
  start();
  const auto flapping = any();
  for (int i = 0; i < 8; ++i) suspect(flapping), hear(flapping);
  pass(kSpareFor);
  const auto path = any();
  const auto before = searches;
  for (int i = 0; i < 8; ++i) {
    suspect(path);
    pass(Millis{1});
    hear(path);
  }
  suspect(path);
  pass(kMostGrace - Millis{1});
  EXPECT_LE(searches - before, 1U);
  pass(Millis{1});
  EXPECT_GE(plan.sound(), kTargetPaths) << "no grace lasts for ever";
}

TEST_F(PathPlanTest, ReplacesAPathWhoseVolunteerLeavesBeforeItIsGone) {
  start();
  const auto leaving = any();
  connects = false;
  plan.on_leaving(now, leaving);
  run();
  EXPECT_EQ(found.size(), 1U);
  EXPECT_TRUE(carrying.contains(leaving)) << "nothing carries in its place yet";
  connects = true;
  run();
  EXPECT_FALSE(carrying.contains(leaving));
  EXPECT_EQ(people(), kTargetPaths);
}

TEST_F(PathPlanTest, StaysWithTheOnlyVolunteerUntilItHasLeft) {
  volunteers = 1;
  start();
  plan.on_leaving(now, any());
  run();
  pass(Seconds{30});
  EXPECT_EQ(carrying.size(), 1U);
}

TEST_F(PathPlanTest, AsksLittleWhenThereIsOnlyOneVolunteer) {
  volunteers = 1;
  start();
  EXPECT_EQ(carrying.size(), 1U);
  const auto first = searches;
  const auto begun = made;
  for (int i = 0; i < 60; ++i) {
    plan.on_traffic(now);
    pass(Seconds{10});
  }
  EXPECT_EQ(carrying.size(), 1U) << "one path of one person";
  EXPECT_LE(searches - first, 10U) << "an offer is renewed each minute";
  EXPECT_LE(made - begun, 11U);
}

TEST_F(PathPlanTest, GrowsWhenVolunteersCome) {
  volunteers = 1;
  start();
  volunteers = 5;
  nobody_since = 0;  // somebody new has come to the broker
  run();
  EXPECT_EQ(people(), kTargetPaths);
}

TEST_F(PathPlanTest, DoesNotPauseForTheLossOfGoodPaths) {
  start();
  pass(kGoodPathAge);
  plan.on_traffic(now);
  for (int i = 0; i < 10; ++i) {
    for (const auto& [path, id] : std::map(carrying)) lose(path);
    EXPECT_FALSE(plan.pausing());
    EXPECT_EQ(people(), kTargetPaths);
    pass(kGoodPathAge);
    plan.on_traffic(now);
  }
}

TEST_F(PathPlanTest, MeetsTheOnlyVolunteerAgainWhenNobodyElseIsThere) {
  volunteers = 1;
  connects = false;
  start();
  lose(found.begin()->first);
  EXPECT_TRUE(found.empty()) << "others come first";
  connects = true;
  pass(kAvoidPatience);
  EXPECT_EQ(carrying.size(), 1U);
}

TEST_F(PathPlanTest, BlamesNoVolunteerWhenNothingCarriesAnyMore) {
  volunteers = 1;
  start();
  lose(any());
  EXPECT_EQ(carrying.size(), 1U) << "it is met again at once";
}

TEST_F(PathPlanTest, LeavesAVolunteerAloneWhoseYoungPathDiesWhileOthersLive) {
  start();
  const auto lost = carrying.begin()->second;
  lose(any());
  for (const auto& [path, id] : carrying) EXPECT_NE(helps.at(id), helps.at(lost));
}

TEST_F(PathPlanTest, BeginsANewSessionWithOnePathAndWithoutAPause) {
  start();
  pass(Seconds{1});
  connects = false;
  for (const auto& [path, id] : std::map(carrying)) lose(path);  // the egress has died, a moment after the start
  ASSERT_FALSE(found.empty());
  lose(found.begin()->first, PathPlan::Loss::Session);  // one of them learns that it has forgotten the session
  EXPECT_FALSE(plan.pausing());
  connects = true;
  run();
  pass(kAvoidPatience);
  EXPECT_EQ(people(), kTargetPaths);
}

TEST_F(PathPlanTest, DoesNotPauseBecauseSeveralPathsLearnThatTheSessionIsGone) {
  start();
  pass(kGoodPathAge);
  connects = false;
  for (const auto& [path, id] : std::map(carrying)) lose(path);
  ASSERT_EQ(found.size(), kTargetPaths);
  const auto joining = found;
  lose(joining.begin()->first, PathPlan::Loss::Session);
  lose(std::next(joining.begin())->first, PathPlan::Loss::Stale);
  lose(joining.rbegin()->first, PathPlan::Loss::Stale);
  EXPECT_FALSE(plan.pausing());
  EXPECT_EQ(found.size(), 1U) << "the first path of the next session";
}

TEST_F(PathPlanTest, AsksForOnePathOnlyWhileThereIsNoSession) {
  start();
  connects = false;
  plan.on_session_gone(now);
  run();
  EXPECT_EQ(found.size(), 1U);
  EXPECT_EQ(plan.sound(), 0U) << "those of the old session count no more";
}

TEST_F(PathPlanTest, ForgivesEverythingWhenTheNetworkChanges) {
  connects = false;
  start();
  for (int i = 0; i < 5; ++i) {
    lose(found.begin()->first);
    pass(Seconds{30});
    if (found.empty()) break;
  }
  while (!found.empty()) lose(found.begin()->first);
  ASSERT_TRUE(plan.pausing());
  connects = true;
  plan.on_network_change(now);
  run();
  EXPECT_EQ(people(), 1U) << "at once";
}

TEST_F(PathPlanTest, MeetsVolunteersAgainThatFellSilentBecauseTheNetworkChanged) {
  volunteers = kTargetPaths;
  start();
  pass(Seconds{20});
  plan.on_traffic(now);
  plan.on_network_change(now);
  run();
  EXPECT_EQ(carrying.size(), kTargetPaths) << "whatever is heard stays";
  const auto old = carrying;
  for (const auto& [path, id] : old) suspect(path);
  EXPECT_EQ(people(), kTargetPaths);
  for (const auto& [path, id] : old) EXPECT_FALSE(carrying.contains(path)) << "replaced through the same person";
}

TEST_F(PathPlanTest, LeavesStaleOffersWhenTheNetworkChanges) {
  volunteers = 0;
  start();
  const auto before = made;
  plan.on_network_change(now);
  run();
  EXPECT_EQ(made, before + 1);
  EXPECT_EQ(plan.size(), 1U);
}

TEST_F(PathPlanTest, WantsNothingOnceStopped) {
  start();
  plan.stop(now);
  run();
  EXPECT_TRUE(carrying.empty());
  EXPECT_EQ(plan.size(), 0U);
  EXPECT_FALSE(plan.deadline());
  start();
  EXPECT_EQ(people(), kTargetPaths);
}

}  // namespace
}  // namespace footbridge::core
