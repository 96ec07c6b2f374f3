#include "core/limits/volunteer_limits.hpp"

#include <gtest/gtest.h>

#include "core/limits/wall_clock_fixture.hpp"

namespace footbridge::core {
namespace {

constexpr std::uint64_t kMb = 1'000'000;
const auto kNoon = on_wall(2026, 11, 21, 12);
const TimePoint kStart{Seconds{1'000}};

struct VolunteerLimitsTest : testing::Test {
  VolunteerLimits limits;
  void allow(std::optional<std::uint64_t> per_day, std::optional<std::uint64_t> per_month = std::nullopt) {
    limits.set({.hours = {}, .bytes_per_day = per_day, .bytes_per_month = per_month});
  }
  LimitVerdict after(CivilTime at, std::uint64_t bytes) {
    limits.on_carried(at, bytes / 2, bytes - bytes / 2);
    return limits.look(at);
  }
};

TEST_F(VolunteerLimitsTest, StopNobodyWhoWishedForNone) { EXPECT_EQ(after(kNoon, UINT64_MAX / 4), LimitVerdict{}); }

TEST_F(VolunteerLimitsTest, PauseAtTheAllowanceOfADayUntilMidnight) {
  allow(50 * kMb);
  EXPECT_EQ(after(kNoon, 50 * kMb - 1).pause, Pause::None);
  EXPECT_EQ(after(kNoon, 1), (LimitVerdict{Pause::DayUsed, false, on_wall(2026, 11, 22)}));
  EXPECT_EQ(limits.look(on_wall(2026, 11, 21, 23, 59, 59)).pause, Pause::DayUsed);
  EXPECT_EQ(limits.look(on_wall(2026, 11, 22)).pause, Pause::None);
}

TEST_F(VolunteerLimitsTest, EndEverythingAHundredthLater) {
  allow(50 * kMb);
  EXPECT_FALSE(after(kNoon, 50 * kMb + kMb / 2 - 1).overrun);
  EXPECT_TRUE(after(kNoon, 1).overrun);
}

TEST_F(VolunteerLimitsTest, PauseAtTheAllowanceOfAMonthUntilTheNext) {
  allow(std::nullopt, 100 * kMb);
  EXPECT_EQ(after(kNoon, 60 * kMb).pause, Pause::None);
  EXPECT_EQ(after(on_wall(2026, 11, 30, 23), 40 * kMb), (LimitVerdict{Pause::MonthUsed, false, on_wall(2026, 12, 1)}));
  EXPECT_EQ(limits.look(on_wall(2026, 12, 1)).pause, Pause::None);
}

TEST_F(VolunteerLimitsTest, ChangeWhileTheyAreUsed) {
  allow(10 * kMb);
  EXPECT_EQ(after(kNoon, 20 * kMb).pause, Pause::DayUsed);
  allow(30 * kMb);
  EXPECT_EQ(limits.look(kNoon).pause, Pause::None);
  allow(0);
  EXPECT_EQ(limits.look(kNoon).pause, Pause::DayUsed);
}

TEST_F(VolunteerLimitsTest, SayWhenTheHoursChange) {
  limits.set({.hours = WeekHours({{.days = 127, .from = 18 * 60, .until = 6 * 60}}), .bytes_per_day = kMb});
  EXPECT_EQ(limits.look(kNoon), (LimitVerdict{Pause::Hours, false, on_wall(2026, 11, 21, 18)}));
  EXPECT_EQ(limits.look(on_wall(2026, 11, 21, 18)), (LimitVerdict{Pause::None, false, on_wall(2026, 11, 22, 6)}));
  EXPECT_EQ(after(on_wall(2026, 11, 21, 19), kMb).changes_at, on_wall(2026, 11, 22)) << "night goes on";
  limits.set({.hours = WeekHours({{.days = 127, .from = 18 * 60, .until = 23 * 60}}), .bytes_per_day = kMb});
  EXPECT_EQ(limits.look(on_wall(2026, 11, 21, 19)).changes_at, on_wall(2026, 11, 22, 18)) << "not at midnight";
}

TEST_F(VolunteerLimitsTest, AreLookedAtAgainWhenTheyChangeAndNeverLaterThanAMinute) {
  const auto in = [](std::optional<CivilTime> change) {
    return VolunteerLimits::deadline(kStart, kNoon, {Pause::Hours, false, change}) - kStart;
  };
  EXPECT_EQ(in(std::nullopt), kWeighAgain);
  EXPECT_EQ(in(CivilTime{kNoon.seconds + 3'600}), kWeighAgain);
  EXPECT_EQ(in(CivilTime{kNoon.seconds + 7}), Seconds(7));
  EXPECT_EQ(in(CivilTime{kNoon.seconds - 7}), Seconds(1)) << "a clock that was set meanwhile";
}

TEST_F(VolunteerLimitsTest, OutliveTheProgram) {
  allow(50 * kMb);
  after(kNoon, 49 * kMb);
  limits.on_helped(kNoon);
  const auto kept = limits.poll_kept(kStart);
  ASSERT_TRUE(kept);
  VolunteerLimits again;
  again.set({.hours = {}, .bytes_per_day = 50 * kMb});
  EXPECT_TRUE(again.restore(kNoon, *kept));
  EXPECT_EQ(again.record().helped, 1U);
  again.on_carried(kNoon, kMb, 0);
  EXPECT_EQ(again.look(kNoon).pause, Pause::DayUsed);
}

TEST_F(VolunteerLimitsTest, AreUsedUpForADayByAClockThatWasAYearAheadAndNotForAYear) {
  allow(50 * kMb);
  after(on_wall(2027, 11, 21, 12), 50 * kMb);
  auto kept = limits.poll_kept(kStart);
  VolunteerLimits today;
  today.set({.hours = {}, .bytes_per_day = 50 * kMb});
  today.restore(kNoon, kept.value());
  EXPECT_EQ(today.look(kNoon).pause, Pause::DayUsed);
  kept = today.poll_kept(kStart);
  ASSERT_TRUE(kept) << "that this day was seen is new";
  VolunteerLimits tomorrow;
  tomorrow.set({.hours = {}, .bytes_per_day = 50 * kMb});
  tomorrow.restore(on_wall(2026, 11, 22, 12), *kept);
  EXPECT_EQ(tomorrow.look(on_wall(2026, 11, 22, 12)).pause, Pause::None);
}

TEST_F(VolunteerLimitsTest, CountARecordThatCannotBeReadAsUsedUp) {
  allow(50 * kMb, 3'000 * kMb);
  EXPECT_FALSE(limits.restore(kNoon, as_bytes("half a reco")));
  EXPECT_EQ(limits.look(kNoon), (LimitVerdict{Pause::DayUsed, false, on_wall(2026, 11, 22)}));
  EXPECT_EQ(limits.look(on_wall(2026, 11, 22)).pause, Pause::None);
  EXPECT_TRUE(limits.poll_kept(kStart)) << "the next start reads this one";
}

TEST_F(VolunteerLimitsTest, LoseAHundredthOfTheSmallerAllowanceOrAMinuteAtMost) {
  allow(100 * kMb, 1'000 * kMb);
  after(kNoon, 10 * kMb);
  EXPECT_TRUE(limits.poll_kept(kStart));
  EXPECT_FALSE(limits.poll_kept(kStart)) << "nothing is new";
  after(kNoon, kMb - 1);
  EXPECT_FALSE(limits.poll_kept(kStart + Seconds(1)));
  after(kNoon, 1);
  EXPECT_TRUE(limits.poll_kept(kStart + Seconds(1)));
  after(kNoon, 1);
  EXPECT_FALSE(limits.poll_kept(kStart + kUnkeptTime));
  EXPECT_TRUE(limits.poll_kept(kStart + Seconds(1) + kUnkeptTime));
  after(kNoon, 1);
  EXPECT_TRUE(limits.poll_kept(kStart + Seconds(62), /*last=*/true));
}

TEST_F(VolunteerLimitsTest, KeepARecordOftenEnoughWithoutAllowancesToo) {
  after(kNoon, 1);
  limits.poll_kept(kStart);
  after(kNoon, kUnkeptBytes - 1);
  EXPECT_FALSE(limits.poll_kept(kStart));
  after(kNoon, 1);
  EXPECT_TRUE(limits.poll_kept(kStart));
}

}  // namespace
}  // namespace footbridge::core
