#include "core/limits/help_summary.hpp"

#include <gtest/gtest.h>

namespace footbridge::core {
namespace {

constexpr std::uint64_t kMib = 1024 * 1024;
const TimePoint kStart{Seconds{1'000}};

TEST(HelpSummary, ComesOnceAnHour) {
  HelpSummary summary(kStart);
  EXPECT_FALSE(summary.poll(kStart + kSummaryEvery - Millis(1), {}));
  EXPECT_EQ(summary.deadline(), kStart + kSummaryEvery);
  EXPECT_TRUE(summary.poll(kStart + kSummaryEvery, {}));
  EXPECT_FALSE(summary.poll(kStart + kSummaryEvery, {}));
  EXPECT_EQ(summary.deadline(), kStart + 2 * kSummaryEvery);
}

TEST(HelpSummary, IsOneForAllHoursThatTheMachineSlept) {
  HelpSummary summary(kStart);
  const auto woke = kStart + 9 * kSummaryEvery;
  EXPECT_TRUE(summary.poll(woke, {}));
  EXPECT_EQ(summary.deadline(), woke + kSummaryEvery);
}

TEST(HelpSummary, SaysWhatIsNewInWholeMib) {
  HelpSummary summary(kStart);
  const auto first = summary.poll(kStart + kSummaryEvery, {3, 5 * kMib / 2, kMib / 2 - 1});
  ASSERT_TRUE(first);
  EXPECT_EQ(first->people, 3U);
  EXPECT_EQ(first->up_mib, 3U);
  EXPECT_EQ(first->down_mib, 0U);
  const auto second = summary.poll(kStart + 2 * kSummaryEvery, {4, 5 * kMib / 2, 9 * kMib});
  ASSERT_TRUE(second);
  EXPECT_EQ(second->people, 1U);
  EXPECT_EQ(second->up_mib, 0U);
  EXPECT_EQ(second->down_mib, 9U);
}

}  // namespace
}  // namespace footbridge::core
