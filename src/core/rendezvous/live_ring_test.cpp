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
    for (std::uint64_t i = 1; i <= kMany; ++i) ring.arrive(i * 100, i);
  }
};

TEST_F(LiveRingTest, ShowsTheFirstFewFromAPointOnAndRoundTheEnd) {
  fill();
  EXPECT_EQ(slice(150), (std::vector<std::uint64_t>{2, 3, 4}));
  EXPECT_EQ(slice(kMany * 100 - 150), (std::vector<std::uint64_t>{kMany - 1, kMany, 1}));
}

TEST_F(LiveRingTest, ShowsEverybodyWhileThereAreFewerThanASliceHas) {
  ring.arrive(100, 1);
  ring.arrive(200, 2);
  EXPECT_EQ(slice(150), (std::vector<std::uint64_t>{2, 1}));
  EXPECT_FALSE(ring.seen_after(100));
}

TEST_F(LiveRingTest, ShowsMoreOfASmallPool) {
  for (std::uint64_t i = 1; i <= kMany; ++i) {
    ring.arrive(i * 100, i);
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
  ring.arrive(300, 33);
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

TEST_F(LiveRingTest, TakesTheNewerPollOfAProxyBesideTheOlder) {
  fill();
  ring.arrive(300, 33);
  ring.leave(now, 300, 3);
  EXPECT_EQ(slice(250).front(), 33U);
  EXPECT_FALSE(ring.deadline());
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

TEST_F(LiveRingTest, CountsWhoSharesAPlaceAsOne) {
  fill();
  for (std::uint64_t i = 0; i < 10; ++i) ring.arrive(300, 1'000 + i);
  EXPECT_EQ(slice(150).size(), 3 + 10U);
  EXPECT_EQ(slice(350).front(), 4U);
}

TEST_F(LiveRingTest, HoldsSoManyAtOnePlaceAndNoMore) {
  for (std::uint64_t i = 1; i <= 3 * LiveRing::kMostAtPlace; ++i) ring.arrive(300, i);
  EXPECT_EQ(slice(0).size(), LiveRing::kMostAtPlace);
  ring.leave(now, 300, 2 * LiveRing::kMostAtPlace);  // was not let in
  ring.leave(now, 300, 1);
  ring.arrive(300, 1'000);
  EXPECT_EQ(slice(0).back(), 1'000U);
}

TEST_F(LiveRingTest, HoldsSoManyPlacesAndGivesUpThoseOfWhoIsAwayLongest) {
  LiveRing small(3);
  small.arrive(100, 1);
  small.arrive(200, 2);
  small.leave(now, 200, 2);
  small.arrive(300, 3);
  small.leave(now + Seconds{1}, 300, 3);
  small.arrive(400, 4);
  EXPECT_EQ(small.live(), 3U);
  EXPECT_FALSE(small.shows(200, 2));
  EXPECT_TRUE(small.shows(400, 4));
  small.arrive(300, 33);
  EXPECT_TRUE(small.shows(300, 33)) << "its place was kept";
  small.arrive(500, 5);
  EXPECT_EQ(small.live(), 3U);
  EXPECT_FALSE(small.shows(500, 5)) << "all are there";
  small.leave(now, 500, 5);
  EXPECT_TRUE(small.shows(100, 1));
}

}  // namespace
}  // namespace footbridge::core
