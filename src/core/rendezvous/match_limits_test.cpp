// The two limits by network that look back: how often one may ask, and how many of the matches one may have.
#include <gtest/gtest.h>
#include <vector>

#include "core/rendezvous/match_shares.hpp"
#include "core/rendezvous/rate_buckets.hpp"

namespace footbridge::core {
namespace {

TEST(RateBuckets, LetThroughTheBurstAndThenOneEachInterval) {
  RateBuckets buckets(Seconds{1}, 5);
  const TimePoint start{Seconds{1'000}};
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(buckets.take(start, 1));
  EXPECT_EQ(buckets.take(start, 1), Seconds{1}) << "and says when";
  EXPECT_FALSE(buckets.take(start, 2)) << "another network has its own";
  EXPECT_TRUE(buckets.take(start + Millis{999}, 1));
  EXPECT_FALSE(buckets.take(start + Seconds{1}, 1));
  EXPECT_TRUE(buckets.take(start + Seconds{1}, 1));
}

// Buckets that are made anew each interval give twice their rate to whoever asks all the time.
TEST(RateBuckets, GiveWhoNeverStopsAskingNoMoreThanTheRateOverTwentyIntervals) {
  constexpr int kBurst = 50;
  RateBuckets buckets(Millis{60'000} / kBurst, kBurst);
  TimePoint now{Seconds{1'000}};
  int accepted = 0;
  for (const auto end = now + Seconds{60} * 20; now < end; now += Millis{100})
    if (!buckets.take(now, 1)) ++accepted;
  EXPECT_LE(accepted, 20 * kBurst + kBurst);
  EXPECT_GE(accepted, 20 * kBurst);
}

TEST(RateBuckets, ForgetWhoseBucketIsFullAndRefuseWhenTooManyAreNot) {
  RateBuckets buckets(Seconds{10}, 2);
  TimePoint now{Seconds{1'000}};
  for (std::uint64_t key = 1; key <= RateBuckets::kMaxKeys; ++key) EXPECT_FALSE(buckets.take(now, key));
  EXPECT_TRUE(buckets.take(now, 0));
  EXPECT_FALSE(buckets.take(now, 1)) << "who is known is served";
  now += Seconds{10};
  EXPECT_FALSE(buckets.take(now, 0));
  EXPECT_EQ(buckets.keys(), 2U);
}

struct MatchSharesTest : testing::Test {
  MatchShares shares;
  TimePoint now{Seconds{100'000}};

  void live(std::uint64_t prefixes) {
    for (std::uint64_t prefix = 1; prefix <= prefixes; ++prefix) shares.came(prefix);
  }
  // Each network in turn, and the first as often as it is let.
  std::uint64_t matches_of_the_first(int matches) {
    std::uint64_t first = 0;
    for (int i = 0; i < matches; ++i) {
      const bool taken = !shares.exhausted(now, 1);
      if (taken) ++first;
      shares.matched(now, taken ? 1 : 2 + static_cast<std::uint64_t>(i) % 99, 0, false);
      now += Millis{500};
    }
    return first;
  }
};

TEST_F(MatchSharesTest, GiveNoNetworkOfAHundredMoreThanTwoPerCent) {
  live(100);
  EXPECT_LE(matches_of_the_first(7'200), 7'200 * MatchShares::kMostPerCent / 100 + MatchShares::kAlwaysAllowed);
}

TEST_F(MatchSharesTest, LimitNobodyWhereThereAreFewNetworks) {
  live(99);
  EXPECT_EQ(matches_of_the_first(1'000), 1'000U);
}

TEST_F(MatchSharesTest, AllowAFewMatchesInAQuietHour) {
  live(100);
  EXPECT_EQ(matches_of_the_first(50), MatchShares::kAlwaysAllowed);
}

TEST_F(MatchSharesTest, ForgetAnHourLaterATenMinutesAtATime) {
  live(100);
  matches_of_the_first(50);
  EXPECT_TRUE(shares.exhausted(now, 1));
  now += Seconds{3'000};
  EXPECT_TRUE(shares.exhausted(now, 1));
  now += Seconds{600};
  EXPECT_FALSE(shares.exhausted(now, 1));
}

TEST_F(MatchSharesTest, TellWhoHadFarMoreThanTheAverageNetwork) {
  using Had = MatchShares::Had;
  live(20);
  EXPECT_EQ(shares.had(now, 1), Had::Less) << "nobody had any";
  for (std::uint64_t prefix = 2; prefix <= 20; ++prefix)
    for (int i = 0; i < 3; ++i) shares.matched(now, prefix, 0, false);
  const std::vector<Had> expected{Had::Less, Had::Less, Had::More, Had::More, Had::More, Had::More, Had::TooMuch};
  for (const auto had : expected) {
    shares.matched(now, 1, 0, false);
    EXPECT_EQ(shares.had(now, 1), had) << "of three on the average";
  }
  EXPECT_EQ(shares.had(now, 0), Had::Less) << "one that nobody knows";
  EXPECT_EQ(shares.had(now, 99), Had::Less) << "one that is not there";
  now += Seconds{3'600};
  EXPECT_EQ(shares.had(now, 1), Had::Less) << "an hour later";
}

TEST_F(MatchSharesTest, CallAFewMatchesInAQuietHourTooMuchForNobody) {
  live(20);
  for (std::uint64_t i = 1; i < MatchShares::kFreeShare; ++i) shares.matched(now, 1, 0, false);
  EXPECT_EQ(shares.had(now, 1), MatchShares::Had::More);
  shares.matched(now, 1, 0, false);
  EXPECT_EQ(shares.had(now, 1), MatchShares::Had::TooMuch);
}

TEST_F(MatchSharesTest, CountWhoMeetsTheSameNetworkAgainOnceInTenMinutes) {
  live(2);
  for (int i = 0; i < 100; ++i) shares.matched(now, 1, 77, false);
  EXPECT_EQ(shares.had(now, 1), MatchShares::Had::More) << "one meeting";
  shares.matched(now, 1, 78, false);
  shares.matched(now, 2, 77, false);
  EXPECT_EQ(shares.had(now, 1), MatchShares::Had::More) << "two of three";
  now += MatchShares::kSlot;
  shares.matched(now, 1, 77, false);
  EXPECT_EQ(shares.had(now, 1), MatchShares::Had::More) << "three of four are fewer than twice the average";
  for (int i = 0; i < 9; ++i) shares.matched(now, 1, 0, false);
  EXPECT_EQ(shares.had(now, 1), MatchShares::Had::More);
  live(3);
  shares.matched(now, 1, 79, false);
  EXPECT_EQ(shares.had(now, 1), MatchShares::Had::TooMuch) << "of three networks";
}

TEST_F(MatchSharesTest, GiveNewcomersAFewOfAHundredMatchesAndSomeInAQuietHour) {
  live(10);
  for (std::uint64_t i = 0; i < MatchShares::kAlwaysAllowed; ++i) {
    EXPECT_FALSE(shares.newcomers_had_enough(now));
    shares.matched(now, 1, 0, true);
  }
  EXPECT_TRUE(shares.newcomers_had_enough(now));
  const auto all = (MatchShares::kAlwaysAllowed + 1) * 100 / MatchShares::kNewPerCent;
  for (auto i = MatchShares::kAlwaysAllowed; i < all; ++i) {
    EXPECT_TRUE(shares.newcomers_had_enough(now));
    shares.matched(now, 2, 0, false);
  }
  EXPECT_FALSE(shares.newcomers_had_enough(now)) << "one more";
  now += Seconds{3'600};
  EXPECT_FALSE(shares.newcomers_had_enough(now));
}

TEST_F(MatchSharesTest, CountEachMeetingOfTwoNetworksAnewAfterTenMinutes) {
  live(1);
  const auto meet = [&](std::uint64_t first, std::uint64_t last) {
    for (auto client = first; client <= last; ++client) shares.matched(now, 1, client, true);
  };
  meet(1, MatchShares::kAlwaysAllowed / 2);
  meet(1, MatchShares::kAlwaysAllowed / 2);
  EXPECT_FALSE(shares.newcomers_had_enough(now));
  now += MatchShares::kSlot;
  meet(1, MatchShares::kAlwaysAllowed / 2);
  EXPECT_TRUE(shares.newcomers_had_enough(now));
}

TEST_F(MatchSharesTest, MeasureByTheLastHourOnly) {
  live(100);
  for (std::uint64_t i = 0; i < 2'000; ++i) shares.matched(now, 2 + i % 99, 0, true);
  EXPECT_TRUE(shares.newcomers_had_enough(now));
  now += Seconds{3'600};
  EXPECT_FALSE(shares.newcomers_had_enough(now));
  for (std::uint64_t i = 0; i < MatchShares::kAlwaysAllowed; ++i) shares.matched(now, 1, 0, false);
  EXPECT_TRUE(shares.exhausted(now, 1)) << "two of a hundred of then do not count any more";
}

TEST_F(MatchSharesTest, ForgetNetworksThatAreGone) {
  live(3);
  shares.matched(now, 1, 0, false);
  for (std::uint64_t prefix = 1; prefix <= 3; ++prefix) shares.went(prefix);
  EXPECT_EQ(shares.prefixes(), 1U) << "who had a match is known for an hour";
  EXPECT_EQ(shares.live_prefixes(), 0U);
  now += Seconds{3'600};
  shares.matched(now, 4, 0, false);
  EXPECT_EQ(shares.prefixes(), 0U);
}

TEST_F(MatchSharesTest, CountAsLiveWhoHasAPollThatWaits) {
  shares.came(1);
  shares.came(1);
  shares.came(2);
  shares.went(1);
  EXPECT_EQ(shares.live_prefixes(), 2U);
  shares.went(1);
  EXPECT_EQ(shares.live_prefixes(), 1U);
  shares.came(0);
  EXPECT_EQ(shares.live_prefixes(), 1U) << "one that nobody knows is not counted";
}

}  // namespace
}  // namespace footbridge::core
