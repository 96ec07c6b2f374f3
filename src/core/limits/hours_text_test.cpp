#include "core/limits/hours_text.hpp"

#include <gtest/gtest.h>

#include "core/limits/wall_clock_fixture.hpp"

namespace footbridge::core {
namespace {

TEST(HoursTextTest, IsReadAsPeopleWriteIt) {
  EXPECT_EQ(parse_hours("18:00-23:30"), (Hours{127, 18 * 60, 23 * 60 + 30}));
  EXPECT_EQ(parse_hours("mon,wed 08:00-12:00"), (Hours{0b101, 8 * 60, 12 * 60}));
  EXPECT_EQ(parse_hours("fri-mon 22:00-06:00"), (Hours{0b1110001, 22 * 60, 6 * 60}));
  EXPECT_EQ(parse_hours("sat 00:00-24:00"), (Hours{0b100000, 0, kDayMinutes}));
}

TEST(HoursTextTest, IsWrittenAsItIsRead) {
  for (const auto* text : {"18:00-23:30", "mon,wed 08:00-12:00", "sat,sun 00:00-24:00"})
    EXPECT_EQ(hours_text(parse_hours(text).value()), text);
}

TEST(HoursTextTest, ThatIsSomethingElseIsNone) {
  for (const auto* text :
       {"", "-", "18:00", "18-23", "8:00-12:00", "18:00-18:00", "24:00-06:00", "18:00-24:01", "18:60-19:00",
        "+1:00-02:00", "mon", "mo 08:00-12:00", "mon, 08:00-12:00", ",mon 08:00-12:00", "mon-08:00-12:00",
        "mon  08:00-12:00", "18:00-23:00 ", "1a:00-23:00", "08:0b-12:00"})
    EXPECT_FALSE(parse_hours(text)) << text;
}

TEST(HoursTextTest, OfATimeIsItsDateAndHour) {
  EXPECT_EQ(civil_text(on_wall(2026, 2, 3, 4, 5, 59)), "2026-02-03 04:05");
  EXPECT_EQ(civil_text(std::nullopt), "");
}

}  // namespace
}  // namespace footbridge::core
