#include "core/rendezvous/proxy_quality.hpp"

#include <gtest/gtest.h>

#include "base/rng.hpp"

namespace footbridge::core {
namespace {

constexpr unsigned kMegabyte = 20;  // log2

struct ProxyQualityTest : testing::Test {
  SeededRng rng{1};
  ProxyQuality quality{ReceiptsExpected::No};
  ProxyQuality proving{ReceiptsExpected::Yes};
  ProxyId id = ProxyId::random(rng);
  TimePoint now{Seconds{1'000}};

  ProxyStanding standing(const ProxyQuality& of) const { return of.standing(now, id, 3); }
  void succeed() {
    quality.note_matched(now, id);
    quality.note_opened(now, id);
  }
  // Each time with a client of another network.
  void fail(int times) {
    for (int i = 0; i < times; ++i) {
      quality.note_matched(now, id);
      quality.note_failure(now, id, rng.next_u64());
    }
  }
};

TEST_F(ProxyQualityTest, GivesANewProxyOneClientUntilItHasCarried) {
  EXPECT_EQ(standing(quality).tier, ProxyTier::New);
  EXPECT_EQ(standing(quality).slots, 1U);
  quality.note_matched(now, id);
  EXPECT_EQ(standing(quality).slots, 0U);
  quality.note_opened(now, id);
  EXPECT_EQ(standing(quality).tier, ProxyTier::Proven);
  EXPECT_EQ(standing(quality).slots, 3U);
}

TEST_F(ProxyQualityTest, BelievesAReceiptAndNotTheProxyWhereThereAreReceipts) {
  proving.note_matched(now, id);
  proving.note_opened(now, id);
  EXPECT_EQ(standing(proving).slots, 0U) << "it says so itself";
  proving.note_receipt(now, id, true, kMegabyte);
  EXPECT_EQ(standing(proving).tier, ProxyTier::Proven);
  EXPECT_EQ(standing(proving).slots, 3U);
}

TEST_F(ProxyQualityTest, IsNotImpressedByAFewBytes) {
  proving.note_matched(now, id);
  proving.note_receipt(now, id, true, ProxyQuality::kUsefulBytesLog2 - 1);
  EXPECT_EQ(standing(proving).tier, ProxyTier::New);
  EXPECT_EQ(standing(proving).slots, 1U);
}

TEST_F(ProxyQualityTest, TakesAReceiptThatNeverComesForAFailure) {
  for (std::size_t i = 0; i < ProxyQuality::kRow; ++i) {
    proving.note_matched(now, id);
    proving.note_opened(now, id);
    EXPECT_EQ(proving.deadline(), now + ProxyQuality::kReceiptBy);
    now += ProxyQuality::kReceiptBy;
    proving.on_deadline(now);
  }
  EXPECT_EQ(standing(proving).slots, 0U);
}

TEST_F(ProxyQualityTest, LeavesAProxyAloneForAnHourAfterTenFailuresInARow) {
  succeed();
  fail(9);
  EXPECT_GT(standing(quality).slots, 0U);
  fail(1);
  EXPECT_EQ(standing(quality).slots, 0U);
  now += ProxyQuality::kBarredFor - Millis{1};
  EXPECT_EQ(standing(quality).slots, 0U);
  now += Millis{1};
  EXPECT_EQ(standing(quality).slots, 1U) << "then it has to show again what it can";
}

TEST_F(ProxyQualityTest, StartsTheRowAnewWithEachSuccess) {
  for (int i = 0; i < 5; ++i) {
    fail(9);
    succeed();
  }
  EXPECT_GT(standing(quality).slots, 0U);
}

// Else whoever asks often and never comes could take volunteers away from everybody.
TEST_F(ProxyQualityTest, CountsOneFailureOfAClientNetworkInARow) {
  succeed();
  for (int i = 0; i < 100; ++i) {
    quality.note_matched(now, id);
    quality.note_failure(now, id, 42);
  }
  EXPECT_EQ(standing(quality).tier, ProxyTier::Proven);
  EXPECT_EQ(standing(quality).slots, 3U);
}

TEST_F(ProxyQualityTest, ChoosesLastWhoFailsMoreOftenThanNot) {
  succeed();
  succeed();
  fail(1);
  EXPECT_EQ(standing(quality).tier, ProxyTier::Proven);
  fail(2);
  EXPECT_EQ(standing(quality).tier, ProxyTier::Poor);
}

TEST_F(ProxyQualityTest, DoesNotCallANewProxyPoorForOneFailure) {
  fail(1);
  EXPECT_EQ(standing(quality).tier, ProxyTier::New);
  fail(1);
  EXPECT_EQ(standing(quality).tier, ProxyTier::Poor);
}

TEST_F(ProxyQualityTest, LetsWhatWasFadeByTheHour) {
  succeed();
  now += 3 * ProxyQuality::kHalfLife;
  EXPECT_EQ(standing(quality).tier, ProxyTier::New) << "nobody knows any more";
  fail(3);
  EXPECT_EQ(standing(quality).tier, ProxyTier::Poor);
  now += ProxyQuality::kHalfLife;
  EXPECT_EQ(standing(quality).tier, ProxyTier::Poor);
  now += ProxyQuality::kHalfLife;
  EXPECT_EQ(standing(quality).tier, ProxyTier::New);
}

TEST_F(ProxyQualityTest, LearnsNothingFromAClientThatLeft) {
  quality.note_matched(now, id);
  quality.note_nothing(id);
  EXPECT_EQ(standing(quality).tier, ProxyTier::New);
  EXPECT_EQ(standing(quality).slots, 1U);
}

TEST_F(ProxyQualityTest, ForgetsWhoWasWithoutNewsForADayAndHoldsSoManyAndNoMore) {
  succeed();
  now += ProxyQuality::kForgetAfter;
  quality.on_deadline(now);
  EXPECT_EQ(quality.known(), 0U);
  for (std::size_t i = 0; i < ProxyQuality::kMaxProxies + 10; ++i) quality.note_matched(now, ProxyId::random(rng));
  EXPECT_EQ(quality.known(), ProxyQuality::kMaxProxies);
}

}  // namespace
}  // namespace footbridge::core
