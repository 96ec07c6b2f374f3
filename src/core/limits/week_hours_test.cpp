#include "core/limits/week_hours.hpp"

#include <gtest/gtest.h>

#include "core/limits/wall_clock_fixture.hpp"

namespace footbridge::core {
namespace {

constexpr std::uint8_t kEveryDay = 127;
constexpr std::uint8_t kMonday = 1;
constexpr std::uint8_t kSunday = 64;

Hours stretch(std::uint8_t days, int from_hour, int until_hour) {
  return {days, static_cast<std::uint16_t>(60 * from_hour), static_cast<std::uint16_t>(60 * until_hour)};
}

TEST(WeekHoursTest, AreAlwaysWhereNoneAreNamed) {
  const WeekHours always;
  EXPECT_TRUE(always.open(on_wall(2026, 11, 21, 3)));
  EXPECT_FALSE(always.next_change(on_wall(2026, 11, 21, 3)));
}

TEST(WeekHoursTest, BeginAndEndOnTheMinute) {
  const WeekHours evening({stretch(kEveryDay, 18, 23)});
  EXPECT_FALSE(evening.open(on_wall(2026, 11, 21, 17, 59, 59)));
  EXPECT_TRUE(evening.open(on_wall(2026, 11, 21, 18)));
  EXPECT_TRUE(evening.open(on_wall(2026, 11, 21, 22, 59, 59)));
  EXPECT_FALSE(evening.open(on_wall(2026, 11, 21, 23)));
  EXPECT_EQ(evening.next_change(on_wall(2026, 11, 21, 17, 59, 59)), on_wall(2026, 11, 21, 18));
  EXPECT_EQ(evening.next_change(on_wall(2026, 11, 21, 18)), on_wall(2026, 11, 21, 23));
  EXPECT_EQ(evening.next_change(on_wall(2026, 11, 21, 23)), on_wall(2026, 11, 22, 18));
}

TEST(WeekHoursTest, GoOnAfterMidnightOfTheDayOnWhichTheyBegan) {
  const WeekHours night({stretch(kSunday, 22, 6)});  // 2026-11-22 is a Sunday
  EXPECT_FALSE(night.open(on_wall(2026, 11, 22, 5)));
  EXPECT_TRUE(night.open(on_wall(2026, 11, 22, 23)));
  EXPECT_TRUE(night.open(on_wall(2026, 11, 23, 5, 59))) << "the week has gone round";
  EXPECT_FALSE(night.open(on_wall(2026, 11, 23, 6)));
  EXPECT_FALSE(night.open(on_wall(2026, 11, 23, 23)));
  EXPECT_EQ(night.next_change(on_wall(2026, 11, 22, 23)), on_wall(2026, 11, 23, 6));
  EXPECT_EQ(night.next_change(on_wall(2026, 11, 23, 6)), on_wall(2026, 11, 29, 22));
}

TEST(WeekHoursTest, ThatTouchOrOverlapAreOneStretch) {
  const WeekHours touching({stretch(kMonday, 8, 12), stretch(kMonday, 11, 24), stretch(kMonday << 1, 0, 3)});
  EXPECT_EQ(touching.next_change(on_wall(2026, 11, 23, 9)), on_wall(2026, 11, 24, 3));
  const WeekHours whole({stretch(kEveryDay, 0, 24)});
  EXPECT_TRUE(whole.open(on_wall(2026, 11, 23)));
  EXPECT_FALSE(whole.next_change(on_wall(2026, 11, 23)));
}

// Central Europe. Spring: 01:59:59 is followed by 03:00; autumn: 02:59:59 by 02:00. Who calls says the offset.
TEST(WeekHoursTest, GoByTheClockOnTheWallInTheNightsWhenItIsSet) {
  const WeekHours small_hours({stretch(kEveryDay, 2, 3)});
  const auto at = [](std::uint64_t unix_seconds, int zone_hours) {
    return civil_time(UnixSeconds{unix_seconds}, zone_hours * 3600);
  };
  constexpr std::uint64_t kSpring = 1'774'746'000;  // 2026-03-29 01:00 UTC
  EXPECT_FALSE(small_hours.open(at(kSpring - 1, 1)));
  EXPECT_FALSE(small_hours.open(at(kSpring, 2))) << "that hour does not come";
  constexpr std::uint64_t kAutumn = 1'792'890'000;  // 2026-10-25 01:00 UTC
  EXPECT_TRUE(small_hours.open(at(kAutumn - 3600, 2)));
  EXPECT_TRUE(small_hours.open(at(kAutumn - 1, 2)));
  EXPECT_TRUE(small_hours.open(at(kAutumn, 1))) << "that hour comes twice";
  EXPECT_FALSE(small_hours.open(at(kAutumn + 3600, 1)));
}

TEST(WeekHoursTest, AreNoneWithoutDaysOrLengthOrBeyondTheDay) {
  EXPECT_TRUE(is_stretch({kEveryDay, 0, kDayMinutes}));
  EXPECT_TRUE(is_stretch({kMonday, kDayMinutes - 1, 0}));
  EXPECT_FALSE(is_stretch({0, 0, 60}));
  EXPECT_FALSE(is_stretch({128, 0, 60}));
  EXPECT_FALSE(is_stretch({kMonday, 60, 60}));
  EXPECT_FALSE(is_stretch({kMonday, kDayMinutes, 60}));
  EXPECT_FALSE(is_stretch({kMonday, 0, kDayMinutes + 1}));
  EXPECT_DEATH(WeekHours(std::vector<Hours>(kMaxHours + 1, stretch(kMonday, 1, 2))), "broken invariant");
}

TEST(WeekHoursTest, NamesAChangeExactlyWhereItIsOtherwise) {
  const WeekHours some({stretch(kMonday | kSunday, 20, 4), stretch(16, 3, 5), stretch(kEveryDay, 12, 13)});
  for (std::int64_t hour = 0; hour < 8 * 24; ++hour) {
    const CivilTime now{on_wall(2026, 11, 20).seconds + hour * 3600 + 17};
    const auto next = some.next_change(now);
    ASSERT_TRUE(next);
    EXPECT_NE(some.open(*next), some.open(now));
    EXPECT_EQ(some.open({next->seconds - 1}), some.open(now));
  }
}

}  // namespace
}  // namespace footbridge::core
