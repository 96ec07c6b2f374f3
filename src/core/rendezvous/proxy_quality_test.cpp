#include "core/rendezvous/proxy_quality.hpp"

#include <gtest/gtest.h>

#include "base/rng.hpp"

namespace footbridge::core {
namespace {

constexpr unsigned kMegabyte = 20;  // log2

struct ProxyQualityTest : testing::Test {
  SeededRng rng{1};
  static constexpr ReportRun kSilent{};
  static constexpr ReportRun kRun{0, 1};
  static constexpr ProxyQuality::Receipt kGood{true, kMegabyte};
  static constexpr ProxyQuality::Receipt kBad{false, 0};
  ProxyQuality quality;
  ProxyQuality proving;  // with an egress that reports
  ProxyId id = ProxyId::random(rng);
  TimePoint now{Seconds{1'000}};

  ProxyStanding standing(const ProxyQuality& of) const { return of.standing(now, id, 3); }
  void succeed() {
    quality.note_matched(now, id);
    quality.note_opened(now, id, kSilent, true);
  }
  void prove(const ReportRun& run, const ProxyQuality::Receipt& receipt) {
    proving.note_matched(now, id);
    proving.note_opened(now, id, run, true);
    EXPECT_TRUE(proving.note_receipt(now, id, run, receipt));
  }
  void wait_for_receipts(bool reporting = true) {
    now += ProxyQuality::kReceiptBy;
    proving.on_deadline(now, [=](const ReportRun&) { return reporting; });
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
  quality.note_opened(now, id, kSilent, true);
  EXPECT_EQ(standing(quality).tier, ProxyTier::Proven);
  EXPECT_EQ(standing(quality).slots, 3U);
}

TEST_F(ProxyQualityTest, BelievesAReceiptAndNotTheProxyWhereThereAreReceipts) {
  proving.note_matched(now, id);
  EXPECT_EQ(standing(proving).slots, 0U);
  proving.note_opened(now, id, kRun, true);
  EXPECT_EQ(standing(proving).tier, ProxyTier::New);
  EXPECT_EQ(standing(proving).slots, 0U) << "it says so itself";
  EXPECT_TRUE(proving.note_receipt(now, id, kRun, kGood));
  EXPECT_EQ(standing(proving).tier, ProxyTier::Proven);
  EXPECT_EQ(standing(proving).slots, 3U);
}

TEST_F(ProxyQualityTest, LearnsNothingFromAStandbyThatMovedAFewBytes) {
  prove(kRun, {true, ProxyQuality::kUsefulBytesLog2 - 1});
  EXPECT_EQ(standing(proving).tier, ProxyTier::New);
  EXPECT_EQ(standing(proving).slots, 1U);
  prove(kRun, {true, ProxyQuality::kUsefulBytesLog2});
  EXPECT_EQ(standing(proving).tier, ProxyTier::Proven);
}

// What an egress says counts once for each match that was made with it: it can neither praise nor blame at will.
TEST_F(ProxyQualityTest, TakesNoReceiptThatIsNotOwed) {
  EXPECT_FALSE(proving.note_receipt(now, id, kRun, kGood)) << "never matched";
  EXPECT_EQ(proving.known(), 0U);
  proving.note_opened(now, id, kRun, false);
  EXPECT_FALSE(proving.note_receipt(now, id, kRun, kGood)) << "nor is one that it invents";
  proving.note_matched(now, id);
  EXPECT_FALSE(proving.note_receipt(now, id, kRun, kGood)) << "not open yet";
  proving.note_opened(now, id, kRun, true);
  EXPECT_FALSE(proving.note_receipt(now, id, {1, 2}, kGood)) << "of another egress";
  EXPECT_FALSE(proving.note_receipt(now, id, {0, 3}, kGood)) << "of another run";
  EXPECT_EQ(standing(proving).tier, ProxyTier::New);
  EXPECT_TRUE(proving.note_receipt(now, id, kRun, kGood));
  EXPECT_FALSE(proving.note_receipt(now, id, kRun, kBad)) << "twice";
  succeed();
  EXPECT_FALSE(quality.note_receipt(now, id, kRun, kBad)) << "its own word was enough: the egress did not report";
  EXPECT_EQ(standing(quality).tier, ProxyTier::Proven);
}

TEST_F(ProxyQualityTest, DoubtsAProxyWhoseReceiptDoesNotComeFromAnEgressThatReports) {
  for (const std::uint32_t egress : {0U, 1U, 2U}) {
    proving.note_matched(now, id);
    proving.note_opened(now, id, {egress, 1 + egress}, true);
    EXPECT_EQ(proving.deadline(), now + ProxyQuality::kReceiptBy);
  }
  wait_for_receipts();
  EXPECT_EQ(standing(proving).tier, ProxyTier::Poor) << "three egresses say so";
  EXPECT_EQ(standing(proving).slots, 1U);
}

TEST_F(ProxyQualityTest, BlamesNobodyForTheReceiptsOfAnEgressThatFellSilent) {
  for (const std::uint32_t egress : {0U, 1U, 2U}) {
    proving.note_matched(now, id);
    proving.note_opened(now, id, {egress, 1 + egress}, false);
  }
  wait_for_receipts(false);
  EXPECT_EQ(standing(proving).tier, ProxyTier::New);
  EXPECT_EQ(standing(proving).slots, 1U) << "and the matches are no longer pending";
}

TEST_F(ProxyQualityTest, LetsNoEgressAloneMakeAProxyPoorThatCarriesElsewhere) {
  for (int i = 0; i < 50; ++i) {
    prove(kRun, kGood);
    for (int times = 0; times < 9; ++times) prove({1, 2}, kBad);
  }
  EXPECT_EQ(standing(proving).tier, ProxyTier::Proven);
  EXPECT_EQ(standing(proving).slots, 3U);
  for (int i = 0; i < 50; ++i) {
    prove(kRun, kGood);
    prove({1, 2}, kBad);
  }
  EXPECT_EQ(standing(proving).tier, ProxyTier::Proven);
}

TEST_F(ProxyQualityTest, WaitsForTheReceiptsOfEachEgressOnTheirOwn) {
  proving.note_matched(now, id);
  proving.note_opened(now, id, kRun, false);
  now += Seconds{100};
  proving.note_matched(now, id);
  proving.note_opened(now, id, {1, 2}, false);
  now -= Seconds{100};
  wait_for_receipts();
  EXPECT_FALSE(proving.note_receipt(now, id, kRun, kGood)) << "too late";
  EXPECT_TRUE(proving.note_receipt(now, id, {1, 2}, kGood));
}

TEST_F(ProxyQualityTest, WaitsForTheOtherReceiptsAnewWhenOneHasCome) {
  for (int i = 0; i < 2; ++i) {
    proving.note_matched(now, id);
    proving.note_opened(now, id, kRun, false);
  }
  const auto first = now + ProxyQuality::kReceiptBy;
  EXPECT_EQ(proving.deadline(), first);
  now += Seconds{60};
  EXPECT_TRUE(proving.note_receipt(now, id, kRun, kGood));
  EXPECT_EQ(proving.deadline(), first + Seconds{60});
}

TEST_F(ProxyQualityTest, ForgetsTheSuccessesOfAProxyThatOnlySwallowsNow) {
  for (int i = 0; i < 20; ++i) prove(kRun, kGood);
  int needed = 0;
  for (; standing(proving).tier == ProxyTier::Proven && needed < 200; ++needed) prove(kRun, kBad);
  EXPECT_GT(needed, 10) << "a bad evening is forgiven";
  EXPECT_LT(needed, 60);
  EXPECT_EQ(standing(proving).slots, 1U);
}

TEST_F(ProxyQualityTest, ExpectsReceiptsOfSoManyEgressesAndNothingOfTheOldestBeyond) {
  for (std::uint32_t egress = 0; egress <= ProxyQuality::kMaxRuns; ++egress) {
    proving.note_matched(now, id);
    proving.note_opened(now, id, {egress, 1 + egress}, true);
    now += Seconds{1};
  }
  EXPECT_FALSE(proving.note_receipt(now, id, {0, 1}, kBad));
  for (std::uint32_t egress = 1; egress <= ProxyQuality::kMaxRuns; ++egress)
    EXPECT_TRUE(proving.note_receipt(now, id, {egress, 1 + egress}, {true, 0}));
  EXPECT_EQ(standing(proving).tier, ProxyTier::New) << "nothing is known";
  EXPECT_EQ(standing(proving).slots, 1U) << "nothing is pending";
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

// Doubts weigh half, and these have faded: nothing but the row speaks against it.
TEST_F(ProxyQualityTest, ChoosesWhomTenEgressesDoubtInARowLastForAnHourAndNotLonger) {
  for (std::uint32_t egress = 0; egress < ProxyQuality::kRow; ++egress) {
    now += 3 * ProxyQuality::kHalfLife;
    EXPECT_EQ(standing(proving).tier, ProxyTier::New);
    prove({egress, 1}, kBad);
  }
  EXPECT_EQ(standing(proving).tier, ProxyTier::Poor);
  now += ProxyQuality::kBarredFor - Millis{1};
  EXPECT_EQ(standing(proving).tier, ProxyTier::Poor);
  now += Millis{1};
  EXPECT_EQ(standing(proving).tier, ProxyTier::New);
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

TEST_F(ProxyQualityTest, CallsWhoFailsItsFirstClientPoorForAFewHours) {
  fail(1);
  EXPECT_EQ(standing(quality).tier, ProxyTier::Poor);
  EXPECT_EQ(standing(quality).slots, 1U) << "for those who have nobody else";
  now += Seconds{7'200};
  EXPECT_EQ(standing(quality).tier, ProxyTier::Poor);
  now += Seconds{3'600};
  EXPECT_EQ(standing(quality).tier, ProxyTier::New);
}

TEST_F(ProxyQualityTest, GivesANewcomerItsNextClientWhenTheFirstHasStayedForAWhile) {
  const auto open_one = [&](bool alone) {
    proving.note_matched(now, id);
    EXPECT_EQ(standing(proving).slots, 0U);
    proving.note_opened(now, id, kRun, alone);
    now += ProxyQuality::kTrial - Millis{1};
    EXPECT_EQ(standing(proving).slots, 0U);
    now += Millis{1};
    EXPECT_EQ(standing(proving).slots, 1U) << "one more, and not all";
  };
  open_one(false);
  EXPECT_EQ(standing(proving).tier, ProxyTier::New) << "who had others would not have complained";
  open_one(true);
  EXPECT_EQ(standing(proving).tier, ProxyTier::Promising);
  open_one(false);
  EXPECT_EQ(standing(proving).tier, ProxyTier::Promising);
  proving.note_matched(now, id);
  proving.note_failure(now, id, 7);
  EXPECT_EQ(standing(proving).tier, ProxyTier::Poor);
  now += Seconds{10'800};
  proving.note_matched(now, id);
  proving.note_opened(now, id, kRun, false);
  now += ProxyQuality::kTrial;
  EXPECT_EQ(standing(proving).tier, ProxyTier::New) << "what it promised before does not count";
}

TEST_F(ProxyQualityTest, GivesWhoHasFailedItsNextClientOnlyWhenAReceiptHasCome) {
  proving.note_matched(now, id);
  proving.note_failure(now, id, 7);
  proving.note_matched(now, id);
  proving.note_opened(now, id, kRun, true);
  now += ProxyQuality::kTrial;
  EXPECT_EQ(standing(proving).tier, ProxyTier::Poor);
  EXPECT_EQ(standing(proving).slots, 0U) << "that its link has stayed for a while says nothing any more";
  EXPECT_TRUE(proving.note_receipt(now, id, kRun, {true, 0}));
  EXPECT_EQ(standing(proving).slots, 1U);
}

TEST_F(ProxyQualityTest, TakesAComplaintForAFailureWhateverTheProxySaid) {
  proving.note_matched(now, id);
  proving.note_opened(now, id, kRun, true);
  proving.note_complaint(now, id, kRun, 7);
  now += ProxyQuality::kTrial;
  EXPECT_EQ(standing(proving).tier, ProxyTier::Poor);
  EXPECT_EQ(standing(proving).slots, 1U) << "nothing is awaited any more";
  EXPECT_FALSE(proving.note_receipt(now, id, kRun, {true, kMegabyte})) << "no stay is left to be paid for";
  succeed();
  quality.note_complaint(now, id, kSilent, 7);
  EXPECT_EQ(standing(quality).tier, ProxyTier::Poor) << "its own word is taken back";
}

TEST_F(ProxyQualityTest, LetsWhatWasFadeByTheHour) {
  succeed();
  now += 3 * ProxyQuality::kHalfLife;
  EXPECT_EQ(standing(quality).tier, ProxyTier::New) << "nobody knows any more";
  fail(3);
  EXPECT_EQ(standing(quality).tier, ProxyTier::Poor);
  now += ProxyQuality::kHalfLife;
  EXPECT_EQ(standing(quality).tier, ProxyTier::Poor);
  now += 2 * ProxyQuality::kHalfLife;
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
  quality.on_deadline(now, [](const ReportRun&) { return true; });
  EXPECT_EQ(quality.known(), 0U);
  for (std::size_t i = 0; i < ProxyQuality::kMaxProxies + 10; ++i) quality.note_matched(now, ProxyId::random(rng));
  EXPECT_EQ(quality.known(), ProxyQuality::kMaxProxies);
}

}  // namespace
}  // namespace footbridge::core
