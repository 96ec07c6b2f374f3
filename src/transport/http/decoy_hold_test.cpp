#include "transport/http/decoy_hold.hpp"

#include <gtest/gtest.h>

namespace footbridge::http {
namespace {

TEST(DecoyHoldTest, IsNeverShorterThanTheLeastAndSpreadEvenlyOverTheRest) {
  SeededRng rng(3);
  const TimePoint arrived(Seconds{100});
  constexpr int kDraws = 4'000;
  int early = 0;
  for (int i = 0; i < kDraws; ++i) {
    const auto held = DecoyHold().over(arrived, rng) - arrived;
    ASSERT_GE(held, kDecoyHold);
    ASSERT_LE(held, kDecoyHold + kDecoyHoldSpread);
    if (held < kDecoyHold + Duration(kDecoyHoldSpread) / 4) ++early;
  }
  EXPECT_NEAR(early, kDraws / 4, 150);  // five standard deviations
}

TEST(DecoyHoldTest, ASpreadOfNothingIsAFixedTime) {
  SeededRng rng(3);
  const DecoyHold fixed{.least = Millis{5}, .spread = {}};
  for (int i = 0; i < 3; ++i) EXPECT_EQ(fixed.over(TimePoint(Seconds{1}), rng), TimePoint(Seconds{1}) + Millis{5});
}

}  // namespace
}  // namespace footbridge::http
