#include "core/network/directory_refresh.hpp"

#include <gtest/gtest.h>

namespace footbridge::core {
namespace {

constexpr std::uint64_t kHour = 3600;
constexpr std::uint64_t kFrom = 1'800'000'000;
UnixSeconds clock_at(std::uint64_t seconds) { return UnixSeconds{kFrom + seconds}; }
const wire::Validity kTwoDays{clock_at(0), clock_at(48 * kHour)};
const TimePoint kStart{Seconds{1000}};

TEST(DirectoryRefresh, AsksAtOnceWhereNothingServes) {
  SeededRng rng(1);
  DirectoryRefresh refresh(rng);
  refresh.on_kept(std::nullopt);
  EXPECT_TRUE(refresh.due(kStart, clock_at(0)));
  EXPECT_EQ(refresh.next(kStart, clock_at(0)), kStart);
}

TEST(DirectoryRefresh, AsksInTheQuarterAfterHalfOfALifeAndNotAllAtOnce) {
  std::uint64_t earliest = UINT64_MAX;
  std::uint64_t latest = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    SeededRng rng(seed);
    DirectoryRefresh refresh(rng);
    refresh.on_kept(kTwoDays);
    ASSERT_FALSE(refresh.due(kStart, clock_at(24 * kHour - 1)));
    ASSERT_TRUE(refresh.due(kStart, clock_at(36 * kHour)));
    std::uint64_t at = 24 * kHour;
    while (!refresh.due(kStart, clock_at(at))) at += 60;
    earliest = std::min(earliest, at);
    latest = std::max(latest, at);
  }
  EXPECT_LT(earliest, 25 * kHour);
  EXPECT_GT(latest, 35 * kHour);
}

TEST(DirectoryRefresh, AsksAgainLaterWhenThereIsNoneYet) {
  SeededRng rng(2);
  DirectoryRefresh refresh(rng);
  refresh.on_kept(kTwoDays);
  refresh.on_asked(kStart);
  refresh.on_known(kStart);
  EXPECT_FALSE(refresh.due(kStart + kKnownPause - Seconds{1}, clock_at(40 * kHour)));
  EXPECT_TRUE(refresh.due(kStart + kKnownPause * 3 / 2, clock_at(41 * kHour)));
}

TEST(DirectoryRefresh, AsksSoonWhileNothingServesAndPatientlyWhileSomethingDoes) {
  SeededRng rng(3);
  DirectoryRefresh refresh(rng);
  refresh.on_kept(std::nullopt);
  refresh.on_failed(kStart, false);
  EXPECT_FALSE(refresh.due(kStart, clock_at(0)));
  EXPECT_TRUE(refresh.due(kStart + Seconds{2}, clock_at(2)));
  for (int i = 0; i < 20; ++i) refresh.on_failed(kStart, false);
  EXPECT_TRUE(refresh.due(kStart + Seconds{91}, clock_at(91))) << "a minute, and half as much by chance";
  refresh.on_failed(kStart, true);
  EXPECT_FALSE(refresh.due(kStart + kFailedPause - Seconds{1}, clock_at(299)));
  EXPECT_TRUE(refresh.due(kStart + kFailedPause * 3 / 2, clock_at(450)));
}

TEST(DirectoryRefresh, LooksForANewerOneWhenItMetSomethingUnknownButNotMoreThanOnceAMinute) {
  SeededRng rng(4);
  DirectoryRefresh refresh(rng);
  refresh.on_kept(kTwoDays);
  EXPECT_FALSE(refresh.due(kStart, clock_at(0)));
  refresh.wish(kStart);
  EXPECT_TRUE(refresh.due(kStart, clock_at(0)));
  refresh.on_asked(kStart);
  refresh.on_known(kStart);
  EXPECT_FALSE(refresh.due(kStart, clock_at(0)));
  refresh.wish(kStart + Seconds{1});
  EXPECT_FALSE(refresh.due(kStart + Seconds{59}, clock_at(59)));
  EXPECT_EQ(refresh.next(kStart + Seconds{1}, clock_at(1)), kStart + kWishPause);
  EXPECT_TRUE(refresh.due(kStart + kWishPause, clock_at(60)));
}

TEST(DirectoryRefresh, LooksAtTheClockNowAndThenBecauseMachinesSleep) {
  SeededRng rng(5);
  DirectoryRefresh refresh(rng);
  refresh.on_kept(kTwoDays);
  EXPECT_EQ(refresh.next(kStart, clock_at(0)), kStart + kLookAtAge);
  EXPECT_EQ(refresh.next(kStart + kLookAtAge, clock_at(47 * kHour)), kStart + kLookAtAge) << "it slept for two days";
}

}  // namespace
}  // namespace footbridge::core
