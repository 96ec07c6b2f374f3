#include "core/proxy/slot_activity.hpp"

#include <gtest/gtest.h>

namespace footbridge::core {
namespace {

struct SlotActivityTest : ::testing::Test {
  void carry(std::uint64_t bytes) { activity.observe(now, total += bytes); }
  TimePoint now{Seconds{100}};
  SlotActivity activity{now};
  std::uint64_t total = 0;
};

TEST_F(SlotActivityTest, HelpsFromTheStartAndStandsByWhenNothingIsCarried) {
  EXPECT_TRUE(activity.helping(now));
  EXPECT_TRUE(activity.helping(now + kStandbyAfter - Millis{1}));
  EXPECT_FALSE(activity.helping(now + kStandbyAfter));
  EXPECT_EQ(activity.helping_until(), now + kStandbyAfter);
}

TEST_F(SlotActivityTest, TakesNoSignOfLifeForHelp) {
  for (int i = 0; i < 100; ++i) {
    now += Seconds{15};
    for (int message = 0; message < 6; ++message) carry(850);  // with all their fillers, and at the shortest interval
  }
  EXPECT_FALSE(activity.helping(now));
}

TEST_F(SlotActivityTest, HelpsAgainWithTheFirstPage) {
  now += Seconds{600};
  carry(100);
  EXPECT_FALSE(activity.helping(now));
  for (int i = 0; i < 20; ++i) now += Millis{20}, carry(1'100);
  EXPECT_TRUE(activity.helping(now));
}

TEST_F(SlotActivityTest, HelpsWhileALittleIsCarriedAgainAndAgain) {
  for (int i = 0; i < 50; ++i) {
    now += kStandbyAfter / 2;
    carry(kHelpingBytes);
    EXPECT_TRUE(activity.helping(now));
  }
}

}  // namespace
}  // namespace footbridge::core
