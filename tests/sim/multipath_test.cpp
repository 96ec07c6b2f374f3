// What several paths must give, on virtual time with real QUIC: the floor below the figures of bench/multipath_sim.
#include <gtest/gtest.h>
#include <vector>

#include "sim/stack/bulk.hpp"

namespace footbridge::sim {
namespace {

TEST(Multipath, AddsUpWhatThePathsCarryDownAndUp) {
  for (const bool up : {false, true}) {
    Plan plan;
    plan.up = up;
    Bulk bulk(plan);
    bulk.run_until(Seconds{10});
    EXPECT_GE(bulk.mbit(), 33) << "of 36.7, " << (up ? "up" : "down");
    EXPECT_EQ(bulk.wrong(), 0U);
  }
}

TEST(Multipath, AnswersSmallRequestsSoonDuringADownload) {
  Plan plan;
  plan.requests = true;
  Bulk bulk(plan);
  bulk.run_until(Seconds{15});
  ASSERT_GT(bulk.request_ms().size(), 80U);
  EXPECT_EQ(bulk.unanswered(), 0U);
  EXPECT_LE(percentile(bulk.request_ms(), 0.5), 60) << "ms for 20 KB";
  EXPECT_LE(percentile(bulk.request_ms(), 0.99), 120) << "ms for 20 KB";
}

// One world in six stays a little below 25; the median of five does not.
TEST(Multipath, IsNotSlowedMuchByOnePercentLoss) {
  std::vector<double> all;
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    Plan plan;
    plan.seed = seed;
    plan.loss = 0.01;
    Bulk bulk(plan);
    bulk.run_until(Seconds{20});
    EXPECT_EQ(bulk.wrong(), 0U);
    all.push_back(bulk.mbit());
  }
  EXPECT_GE(percentile(all, 0.5), 25);
}

TEST(Multipath, BarelyFeelsThatAPathDiesInSilence) {
  for (std::size_t which = 0; which < kRoundTripsMs.size(); ++which) {
    Bulk bulk({});
    bulk.run_until(Seconds{5});
    bulk.count_from(bulk.world().now() - Millis{300});
    bulk.world().pipe(bulk.pipes()[which])->cut(true);
    bulk.run_until(Seconds{8});
    EXPECT_LE(bulk.longest_gap_ms(), 350) << "of " << kRoundTripsMs[which] << " ms";
    EXPECT_EQ(bulk.wrong(), 0U);
  }
}

// Whoever died without a word keeps a place for a minute; more of them than there are places must not end a session.
TEST(Multipath, GoesOnWhenMorePathsDiedInSilenceThanASessionHas) {
  Plan plan;
  plan.round_trips = {40};
  Bulk bulk(plan);
  for (int dead = 0; dead < 20; ++dead) {
    bulk.add_path(Millis{40}, 4'000'000);
    bulk.run_until(Seconds{2 * (dead + 1)});
    bulk.world().pipe(bulk.pipes()[bulk.pipes().size() - 2])->cut(true);
  }
  bulk.count_from(bulk.world().now() + Seconds{1});
  bulk.run_until(Seconds{45});
  EXPECT_GT(bulk.mbit(), 2);
  EXPECT_EQ(bulk.wrong(), 0U);
}

}  // namespace
}  // namespace footbridge::sim
