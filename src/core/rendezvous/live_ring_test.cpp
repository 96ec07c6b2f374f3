#include "core/rendezvous/live_ring.hpp"

#include <gtest/gtest.h>
#include <vector>

#include "base/rng.hpp"

namespace footbridge::core {
namespace {

struct LiveRingTest : testing::Test {
  LiveRing ring;
  TimePoint now{Seconds{1'000}};

  std::vector<std::uint64_t> slice(RingPoint from) const {
    std::vector<std::uint64_t> keys;
    ring.each_of_slice(from, [&](std::uint64_t key) { keys.push_back(key); });
    return keys;
  }
  // Enough that slices are as small as they get: 1 to kMany, at a hundred times their number.
  static constexpr std::uint64_t kMany = LiveRing::kSeenOfSmall / LiveRing::kSlice + 10;
  void fill() {
    for (std::uint64_t i = 1; i <= kMany; ++i) ring.arrive(i * 100, i, 0);
  }
};

TEST_F(LiveRingTest, ShowsTheFirstFewFromAPointOnAndRoundTheEnd) {
  fill();
  EXPECT_EQ(slice(150), (std::vector<std::uint64_t>{2, 3, 4}));
  EXPECT_EQ(slice(kMany * 100 - 150), (std::vector<std::uint64_t>{kMany - 1, kMany, 1}));
}

TEST_F(LiveRingTest, ShowsEverybodyWhileThereAreFewerThanASliceHas) {
  ring.arrive(100, 1, 0);
  ring.arrive(200, 2, 0);
  EXPECT_EQ(slice(150), (std::vector<std::uint64_t>{2, 1}));
  EXPECT_FALSE(ring.seen_after(100));
}

TEST_F(LiveRingTest, ShowsMoreOfASmallPool) {
  for (std::uint64_t i = 1; i <= kMany; ++i) {
    ring.arrive(i * 100, i, 0);
    EXPECT_LE(ring.slice(), LiveRing::kMostSlice);
    EXPECT_GE(ring.slice(), std::min<std::size_t>(i, LiveRing::kSlice));
    if (i <= LiveRing::kMostSlice) EXPECT_EQ(slice(150).size(), i);
  }
  EXPECT_EQ(ring.slice(), LiveRing::kSlice);
}

TEST_F(LiveRingTest, KeepsThePlaceOfAProxyThatIsAwayForAMoment) {
  fill();
  ring.leave(now, 300, 3);
  EXPECT_EQ(slice(150), (std::vector<std::uint64_t>{2, 4})) << "nobody moves up";
  EXPECT_FALSE(ring.pop_absent(now + LiveRing::kLiveFor - Millis{1}));
  ring.arrive(300, 33, 0);
  EXPECT_EQ(slice(150), (std::vector<std::uint64_t>{2, 33, 4}));
  EXPECT_FALSE(ring.deadline());
}

TEST_F(LiveRingTest, LetsTheNextMoveUpWhenOneDoesNotComeBack) {
  fill();
  ring.leave(now, 300, 3);
  EXPECT_EQ(ring.deadline(), now + LiveRing::kLiveFor);
  EXPECT_EQ(ring.pop_absent(now + LiveRing::kLiveFor), RingPoint{300});
  EXPECT_EQ(slice(150), (std::vector<std::uint64_t>{2, 4, 5}));
}

TEST_F(LiveRingTest, IgnoresTheEndOfAPollThatANewerOneHasReplaced) {
  fill();
  ring.arrive(300, 33, 0);
  ring.leave(now, 300, 3);
  EXPECT_EQ(slice(250).front(), 33U);
}

TEST_F(LiveRingTest, KnowsWhichSlicesHaveAPlace) {
  fill();
  for (const RingPoint point : {RingPoint{100}, RingPoint{500}, kMany * 100}) {
    const auto after = ring.seen_after(point);
    ASSERT_TRUE(after);
    for (RingPoint from = 0; from <= kMany * 100 + 100; from += 10) {
      const auto seen = slice(from);
      const bool has = std::find(seen.begin(), seen.end(), point / 100) != seen.end();
      const bool within = *after < point ? from > *after && from <= point : from > *after || from <= point;
      EXPECT_EQ(has, within) << "from " << from << " to " << point;
    }
  }
}

TEST_F(LiveRingTest, GivesOneNetworkOfProxiesSoManyPlacesAndNoMore) {
  SeededRng rng{1};
  for (std::uint64_t i = 0; i < 3 * LiveRing::kMaxOfPrefix; ++i) ring.arrive(rng.next_u64(), i + 1, 7);
  EXPECT_EQ(ring.live(), LiveRing::kMaxOfPrefix);
  ring.arrive(rng.next_u64(), 1'000, 8);
  EXPECT_EQ(ring.live(), LiveRing::kMaxOfPrefix + 1U);
}

TEST_F(LiveRingTest, GivesThePlacesOfWhoHasGoneToOthersOfItsNetwork) {
  for (std::uint64_t i = 1; i <= LiveRing::kMaxOfPrefix; ++i) ring.arrive(i, i, 7);
  ring.leave(now, 1, 1);
  ring.arrive(1'000, 1'000, 7);
  EXPECT_FALSE(ring.has(1'000));
  EXPECT_TRUE(ring.pop_absent(now + LiveRing::kLiveFor));
  ring.arrive(1'000, 1'000, 7);
  EXPECT_TRUE(ring.has(1'000));
}

}  // namespace
}  // namespace footbridge::core
