#include "core/limits/set_aside.hpp"

#include <gtest/gtest.h>

#include "core/limits/wall_clock_fixture.hpp"

namespace footbridge::core {
namespace {

const auto kNoon = on_wall(2026, 11, 21, 12);
const auto kOne = on_wall(2026, 11, 21, 13);
const LimitVerdict kFree{Pause::None, false, on_wall(2026, 11, 22)};
const LimitVerdict kUsed{Pause::DayUsed, true, on_wall(2026, 11, 22)};

TEST(SetAside, LeavesLimitsAloneWhereNobodyAskedForAnything) {
  SetAside aside;
  EXPECT_EQ(aside.weigh(kNoon, kFree), kFree);
  EXPECT_EQ(aside.weigh(kNoon, kUsed), kUsed);
}

TEST(SetAside, PausesUntilThatTimeOnTheWallOrAWordToGoOn) {
  SetAside aside;
  aside.pause_until(kOne);
  EXPECT_EQ(aside.weigh(kNoon, kFree), (LimitVerdict{Pause::Asked, false, kOne}));
  EXPECT_EQ(aside.weigh(kOne, kFree), kFree);
  EXPECT_EQ(aside.weigh(kNoon, kFree), kFree) << "it was over once";
  aside.pause_until(kOne);
  aside.resume();
  EXPECT_EQ(aside.weigh(kNoon, kFree), kFree);
}

TEST(SetAside, PausesWhileTheConnectionCosts) {
  SetAside aside;
  aside.set_metered(true);
  EXPECT_EQ(aside.weigh(kNoon, kFree), (LimitVerdict{Pause::Metered, false, std::nullopt}));
  aside.pause_until(kOne);
  EXPECT_EQ(aside.weigh(kNoon, kFree), (LimitVerdict{Pause::Asked, false, std::nullopt})) << "it costs after that, too";
  EXPECT_EQ(aside.weigh(kOne, kFree).pause, Pause::Metered);
  aside.set_metered(false);
  EXPECT_EQ(aside.weigh(kOne, kFree), kFree);
}

TEST(SetAside, NeverHidesAnAllowanceThatIsUsedUp) {
  SetAside aside;
  aside.set_metered(true);
  aside.pause_until(kOne);
  EXPECT_EQ(aside.weigh(kNoon, kUsed), kUsed);
}

TEST(SetAside, IsOverWhenTheClockIsSetBackByFar) {
  SetAside aside;
  aside.pause_until(on_wall(2027, 11, 21, 13));
  EXPECT_EQ(aside.weigh(kNoon, kFree), kFree);
}

}  // namespace
}  // namespace footbridge::core
