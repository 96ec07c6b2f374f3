#include "core/limits/civil_time.hpp"

#include <gtest/gtest.h>
#include <limits>

#include "core/limits/wall_clock_fixture.hpp"

namespace footbridge::core {
namespace {

TEST(CivilTimeTest, IsWhatTheZoneShows) {
  const UnixSeconds noon{1'795'262'400};  // 2026-11-21 12:00 UTC
  EXPECT_EQ(civil_time(noon, 0), on_wall(2026, 11, 21, 12));
  EXPECT_EQ(civil_time(noon, 14 * 3600), on_wall(2026, 11, 22, 2));
  EXPECT_EQ(civil_time(noon, -12 * 3600), on_wall(2026, 11, 21, 0));
  EXPECT_EQ(civil_time(noon, 5 * 3600 + 1800), on_wall(2026, 11, 21, 17, 30));
}

TEST(CivilTimeTest, HasMonthsOfTheirOwnLengths) {
  EXPECT_EQ(days_in_month(on_wall(2026, 2, 10)), 28U);
  EXPECT_EQ(days_in_month(on_wall(2028, 2, 10)), 29U);
  EXPECT_EQ(days_in_month(on_wall(2100, 2, 10)), 28U);
  EXPECT_EQ(month_of(on_wall(2027, 1, 1)), month_of(on_wall(2026, 12, 31, 23, 59, 59)) + 1);
  EXPECT_EQ(next_month(on_wall(2026, 12, 31, 23, 59)), on_wall(2027, 1, 1));
  EXPECT_EQ(next_month(on_wall(2028, 1, 31, 12)), on_wall(2028, 2, 1));
  EXPECT_EQ(next_midnight(on_wall(2026, 11, 21)), on_wall(2026, 11, 22));
}

TEST(CivilTimeTest, OfAClockThatIsOutOfItsMindIsTheFirstOrTheLast) {
  EXPECT_EQ(civil_time(UnixSeconds{0}, -3600).seconds, 0);
  EXPECT_EQ(civil_time(UnixSeconds{std::numeric_limits<std::uint64_t>::max()}, 3600).seconds, kLastCivilSecond);
  EXPECT_EQ(static_cast<int>(date_of({kLastCivilSecond}).year()), 9999);
}

}  // namespace
}  // namespace footbridge::core
