#include "core/egress/stream_limits.hpp"

#include <gtest/gtest.h>

namespace footbridge::core {
namespace {

using namespace std::chrono_literals;
constexpr TimePoint kStart = TimePoint{} + 1000s;

TEST(StreamLimits, AScanOfSilentAddressesStopsAtSixtyAMinute) {
  StreamLimits limits;
  TimePoint now = kStart;
  std::size_t sent = 0;
  for (int i = 0; i < 1000; ++i, now += 10ms)
    if (limits.on_open(now) == StreamVerdict::Allowed) ++sent;
  EXPECT_EQ(sent, kMaxFailedDestinationsPerMinute);
  for (std::size_t i = 0; i < sent; ++i) limits.on_failed(now);  // they time out
  EXPECT_EQ(limits.on_open(now), StreamVerdict::TooManyFailures);
  EXPECT_EQ(limits.on_open(now + 59s), StreamVerdict::TooManyFailures);
  EXPECT_EQ(limits.on_open(now + 61s), StreamVerdict::Allowed);
}

TEST(StreamLimits, NeverMoreThanSixtyFailuresInAnyMinute) {
  StreamLimits limits;
  std::vector<TimePoint> failures;
  for (TimePoint now = kStart; now < kStart + 600s; now += 170ms)
    if (limits.on_open(now) == StreamVerdict::Allowed) limits.on_failed(now), failures.push_back(now);
  for (std::size_t i = kMaxFailedDestinationsPerMinute; i < failures.size(); ++i)
    ASSERT_GT(failures[i] - failures[i - kMaxFailedDestinationsPerMinute], 59s);
  EXPECT_GE(failures.size(), 9 * kMaxFailedDestinationsPerMinute);
}

TEST(StreamLimits, BrowsingThatSucceedsIsBoundedAtSixHundredAMinute) {
  StreamLimits limits;
  TimePoint now = kStart;
  std::size_t opened = 0;
  for (int i = 0; i < 5000; ++i, now += 10ms) {
    const auto verdict = limits.on_open(now);
    if (verdict != StreamVerdict::Allowed) {
      EXPECT_EQ(verdict, StreamVerdict::TooManyDestinations);
      continue;
    }
    limits.on_connected();
    limits.on_closed();
    ++opened;
  }
  EXPECT_EQ(opened, kMaxDestinationsPerMinute);
}

TEST(StreamLimits, HoldsAtMostTwoHundredAndFiftySixStreams) {
  StreamLimits limits;
  for (std::size_t i = 0; i < kMaxConcurrentStreams; ++i) {
    ASSERT_EQ(limits.on_open(kStart), StreamVerdict::Allowed);
    limits.on_connected();
  }
  EXPECT_EQ(limits.on_open(kStart), StreamVerdict::TooManyStreams);
  limits.on_closed();
  EXPECT_EQ(limits.on_open(kStart), StreamVerdict::Allowed);
}

TEST(MinuteCount, ForgetsAfterALongPause) {
  MinuteCount count;
  for (int i = 0; i < 100; ++i) count.add(kStart + i * 500ms);
  EXPECT_EQ(count.total(kStart + 50s), 100U);
  EXPECT_EQ(count.total(kStart + 100000s), 0U);
}

}  // namespace
}  // namespace footbridge::core
