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

TEST_F(ProxyQualityTest, TakesAReceiptThatNeverComesForAFailureOncePerRow) {
  for (std::size_t i = 0; i < ProxyQuality::kRow; ++i) {
    proving.note_matched(now, id);
    proving.note_opened(now, id);
    EXPECT_EQ(proving.deadline(), now + ProxyQuality::kReceiptBy);
    now += ProxyQuality::kReceiptBy;
    proving.on_deadline(now);
  }
  EXPECT_EQ(standing(proving).tier, ProxyTier::New);
  proving.note_matched(now, id);
  proving.note_failure(now, id, 42);
  EXPECT_EQ(standing(proving).tier, ProxyTier::New) << "the first of them has faded";
  proving.note_matched(now, id);
  proving.note_failure(now, id, 43);
  EXPECT_EQ(standing(proving).tier, ProxyTier::Poor);
  EXPECT_EQ(standing(proving).slots, 1U);
}

// Of a match that has opened everything was counted then.
TEST_F(ProxyQualityTest, LearnsFromAReceiptOnlyThatItCarriedWhereItsOwnWordCounts) {
  succeed();
  quality.note_matched(now, id);
  for (std::size_t i = 0; i < 2 * ProxyQuality::kRow; ++i) {
    quality.note_receipt(now, id, false, 0);
    quality.note_receipt(now, id, true, ProxyQuality::kUsefulBytesLog2 - 1);
  }
  EXPECT_EQ(standing(quality).tier, ProxyTier::Proven);
  EXPECT_EQ(standing(quality).slots, 3U);
  ProxyQuality fresh{ReceiptsExpected::No};
  fresh.note_matched(now, id);
  fresh.note_receipt(now, id, false, 0);
  EXPECT_EQ(standing(fresh).slots, 0U) << "the match that is pending is another one";
  fresh.note_receipt(now, id, true, kMegabyte);
  EXPECT_EQ(standing(fresh).tier, ProxyTier::Proven);
}

TEST_F(ProxyQualityTest, ChoosesLastWhoNeverReachesTheEgressAndDoesNotBarIt) {
  succeed();
  for (std::size_t i = 0; i < 2 * ProxyQuality::kRow; ++i) {
    quality.note_matched(now, id);
    quality.note_unreached(now, id);
  }
  EXPECT_EQ(standing(quality).tier, ProxyTier::Poor);
  EXPECT_EQ(standing(quality).slots, 3U);
}

TEST_F(ProxyQualityTest, ChoosesAProxyLastAndWithOneClientForAnHourAfterTenFailuresInARow) {
  succeed();
  fail(9);
  EXPECT_EQ(standing(quality).slots, 3U);
  fail(1);
  EXPECT_EQ(standing(quality).tier, ProxyTier::Poor);
  EXPECT_EQ(standing(quality).slots, 1U) << "somebody may have nobody else";
  quality.note_matched(now, id);
  EXPECT_EQ(standing(quality).slots, 0U);
  quality.note_nothing(id);
  now += ProxyQuality::kBarredFor;
  EXPECT_EQ(standing(quality).slots, 1U) << "it has to show again what it can";
}

TEST_F(ProxyQualityTest, BarsNobodyWhoHasCarriedSince) {
  for (std::size_t i = 1; i < ProxyQuality::kRow; ++i) {
    fail(1);
    now += 3 * ProxyQuality::kHalfLife;
  }
  EXPECT_EQ(standing(quality).tier, ProxyTier::New) << "what was has faded";
  fail(1);
  EXPECT_EQ(standing(quality).tier, ProxyTier::Poor);
  succeed();
  EXPECT_EQ(standing(quality).tier, ProxyTier::Proven);
  EXPECT_EQ(standing(quality).slots, 3U);
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
