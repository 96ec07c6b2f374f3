#include "core/sealing/replay_guard.hpp"

#include <gtest/gtest.h>

namespace footbridge::core {
namespace {

using Verdict = ReplayGuard::Verdict;

constexpr std::int64_t kWindow = ReplayGuard::kWindow.count();

struct ReplayGuardTest : testing::Test {
  static constexpr std::uint64_t kNow = 240 * 7'500'000;  // a span begins here
  SeededRng rng{1};
  ReplayGuard guard{rng};

  static UnixSeconds at(std::int64_t seconds) {
    return UnixSeconds{static_cast<std::uint64_t>(static_cast<std::int64_t>(kNow) + seconds)};
  }
  Verdict look(std::int64_t now, std::int64_t stamp, std::string_view name) {
    return guard.look(at(now), at(stamp), as_bytes(name));
  }
  bool hear(std::int64_t now, std::int64_t stamp, std::string_view name) {
    return look(now, stamp, name) == Verdict::Fresh && guard.remember(at(stamp), as_bytes(name));
  }
};

TEST_F(ReplayGuardTest, HearsEachNameOnce) {
  EXPECT_TRUE(hear(0, 0, "one"));
  EXPECT_TRUE(hear(0, 0, "two"));
  EXPECT_EQ(look(0, 0, "one"), Verdict::Replayed);
  EXPECT_EQ(look(100, 0, "two"), Verdict::Replayed);
}

TEST_F(ReplayGuardTest, TakesTheWindowAndNotASecondMore) {
  EXPECT_EQ(look(0, -kWindow, "x"), Verdict::Fresh);
  EXPECT_EQ(look(0, kWindow, "x"), Verdict::Fresh);
  EXPECT_EQ(look(0, -kWindow - 1, "x"), Verdict::Stale);
  EXPECT_EQ(look(0, kWindow + 1, "x"), Verdict::Stale);
  EXPECT_EQ(guard.look(UnixSeconds{0}, UnixSeconds{UINT64_MAX}, {}), Verdict::Stale);
  EXPECT_EQ(guard.look(UnixSeconds{UINT64_MAX}, UnixSeconds{0}, {}), Verdict::Stale);
}

// Whatever second of a span it is stamped with, early, in time or late: it is refused in every second from then on,
// first because it was said before and then because it is old, with other requests in every second between.
TEST_F(ReplayGuardTest, RefusesASecondTimeInEverySecondAfterwards) {
  for (std::int64_t stamp = 1000; stamp < 1000 + 2 * ReplayGuard::kSpan.count(); stamp += 7) {
    for (const auto early : {kWindow, std::int64_t{0}, -kWindow}) {
      ReplayGuard fresh(rng);
      std::swap(guard, fresh);
      const auto heard = stamp - early;
      ASSERT_TRUE(hear(heard, stamp, "it")) << stamp;
      for (auto now = heard; now <= stamp + kWindow + 1; ++now) {
        const auto expected = now <= stamp + kWindow ? Verdict::Replayed : Verdict::Stale;
        ASSERT_EQ(look(now, stamp, "it"), expected) << "stamped " << stamp << ", at " << now;
        const auto other = std::to_string(now);
        ASSERT_TRUE(hear(now, now, other));
        ASSERT_TRUE(hear(now, now - kWindow, other + " late"));
        ASSERT_TRUE(hear(now, now + kWindow, other + " early"));
      }
    }
  }
}

TEST_F(ReplayGuardTest, ForgetsWhatIsPastAndKeepsTheRest) {
  for (std::int64_t now = 0; now < 5000; now += 10) {
    EXPECT_TRUE(hear(now, now, "the same name in another request"));
    EXPECT_EQ(look(now, now, "the same name in another request"), Verdict::Replayed);
    now += ReplayGuard::kSpan.count();  // a name is one within a span
  }
}

TEST_F(ReplayGuardTest, RefusesWhenFullAndHearsAgainWhenTheSpanIsPast) {
  guard = ReplayGuard(rng, ReplayTable::kFirstSlots);
  std::int64_t in = 0;
  while (in < 2 * std::int64_t{ReplayTable::kFirstSlots} && guard.remember(at(0), rng.bytes(16))) ++in;
  EXPECT_EQ(in, ReplayTable::kFirstSlots / 8 * 7);
  EXPECT_FALSE(hear(0, 0, "one more"));
  EXPECT_FALSE(hear(0, 0, "one more")) << "and forgets nothing";
  EXPECT_TRUE(hear(360, 360, "in the next span"));
  EXPECT_TRUE(hear(480, 480, "where the full one was"));
}

// Who sets the clock back lets nobody say again what was said at that time.
TEST_F(ReplayGuardTest, HearsNothingWhenTheClockGoesBackUntilItHasCaughtUp) {
  ASSERT_TRUE(hear(0, 0, "then"));
  ASSERT_TRUE(hear(3600, 3600, "now"));
  ASSERT_TRUE(hear(3600 + 240, 3600 + 240, "now"));
  EXPECT_EQ(look(0, 0, "then"), Verdict::Stale);
  EXPECT_EQ(look(1, 1, "never said"), Verdict::Stale);
  EXPECT_TRUE(guard.blocked(at(1)));
  EXPECT_FALSE(guard.blocked(at(3600)));
  EXPECT_TRUE(hear(3601, 3601, "caught up"));
}

// A clock that was ahead for a moment in which nobody came has done no harm.
TEST_F(ReplayGuardTest, MovesOnWithRequestsOnlyAndNotWithTheClock) {
  ASSERT_TRUE(hear(0, 0, "before"));
  EXPECT_EQ(look(86'400, 0, "before"), Verdict::Stale);
  EXPECT_EQ(look(86'400, 86'400, "nobody said this"), Verdict::Fresh);
  EXPECT_EQ(look(1, 0, "before"), Verdict::Replayed);
  EXPECT_FALSE(guard.blocked(at(1)));
}

}  // namespace
}  // namespace footbridge::core
