#include "core/limits/set_aside.hpp"

#include <gtest/gtest.h>

#include "core/limits/wall_clock_fixture.hpp"

namespace footbridge::core {
namespace {

const auto kNoon = on_wall(2026, 11, 21, 12);
const auto kOne = on_wall(2026, 11, 21, 13);
const TimePoint kNow{std::chrono::hours(100)};
const TimePoint kInAnHour = kNow + Seconds(3'600);
const LimitVerdict kFree{Pause::None, false, on_wall(2026, 11, 22)};
const LimitVerdict kUsed{Pause::DayUsed, true, on_wall(2026, 11, 22)};

TEST(SetAside, LeavesLimitsAloneWhereNobodyAskedForAnything) {
  SetAside aside;
  EXPECT_EQ(aside.weigh(kNow, kNoon, kFree), kFree);
  EXPECT_EQ(aside.weigh(kNow, kNoon, kUsed), kUsed);
}

TEST(SetAside, PausesForThatTimeOrUntilAWordToGoOn) {
  SetAside aside;
  aside.pause_until(kInAnHour);
  EXPECT_EQ(aside.weigh(kNow, kNoon, kFree), (LimitVerdict{Pause::Asked, false, kOne}));
  EXPECT_EQ(aside.weigh(kInAnHour, kOne, kFree), kFree);
  EXPECT_EQ(aside.weigh(kNow, kNoon, kFree), kFree) << "it was over once";
  aside.pause_until(kInAnHour);
  aside.resume();
  EXPECT_EQ(aside.weigh(kNow, kNoon, kFree), kFree);
}

TEST(SetAside, PausesWhileTheConnectionCosts) {
  SetAside aside;
  aside.set_metered(true);
  EXPECT_EQ(aside.weigh(kNow, kNoon, kFree), (LimitVerdict{Pause::Metered, false, std::nullopt}));
  aside.pause_until(kInAnHour);
  EXPECT_EQ(aside.weigh(kNow, kNoon, kFree), (LimitVerdict{Pause::Asked, false, std::nullopt}))
      << "it costs after that, too";
  EXPECT_EQ(aside.weigh(kInAnHour, kOne, kFree).pause, Pause::Metered);
  aside.set_metered(false);
  EXPECT_EQ(aside.weigh(kInAnHour, kOne, kFree), kFree);
}

TEST(SetAside, NeverHidesAnAllowanceThatIsUsedUp) {
  SetAside aside;
  aside.set_metered(true);
  aside.pause_until(kInAnHour);
  EXPECT_EQ(aside.weigh(kNow, kNoon, kUsed), kUsed);
}

TEST(SetAside, PausesAsLongWhateverTheClockOnTheWallIsSetTo) {
  SetAside aside;
  aside.pause_until(kNow + kLongestPause);
  const auto back = on_wall(2026, 11, 20);
  EXPECT_EQ(aside.weigh(kNow, back, kFree), (LimitVerdict{Pause::Asked, false, on_wall(2026, 11, 27)}));
  const auto ahead = on_wall(2027, 11, 21, 12);
  EXPECT_EQ(aside.weigh(kInAnHour, ahead, kFree), (LimitVerdict{Pause::Asked, false, on_wall(2027, 11, 28, 11)}));
  EXPECT_EQ(aside.weigh(kNow + kLongestPause, back, kFree), kFree);
}

}  // namespace
}  // namespace footbridge::core
