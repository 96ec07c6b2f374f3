#include "core/rendezvous/way_order.hpp"

#include <gtest/gtest.h>
#include <set>

namespace footbridge::core {
namespace {

constexpr TimePoint kStart{Seconds{1000}};

TEST(WayOrder, KeepsTheWayThatWorks) {
  SeededRng rng(1);
  WayOrder order(3, {}, rng);
  const auto first = order.choose(kStart);
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(order.choose(kStart + Seconds{i}), first);
    EXPECT_FALSE(order.worked(first));
  }
}

TEST(WayOrder, SpreadsThoseWhoHaveTriedNothingYet) {
  SeededRng rng(2);
  std::size_t first[4] = {};
  for (int i = 0; i < 4000; ++i) ++first[WayOrder(4, {}, rng).choose(kStart)];
  for (const auto count : first) EXPECT_NEAR(static_cast<double>(count), 1000, 150);
}

TEST(WayOrder, BeginsWithWhatItRemembersAndSkipsWhatIsNoMore) {
  SeededRng rng(3);
  const std::vector<std::size_t> remembered{2, 7, 0, 2};
  const WayOrder order(3, remembered, rng);
  EXPECT_EQ(order.order(), (std::vector<std::size_t>{2, 0, 1}));
}

TEST(WayOrder, LeavesAWayThatFailsForAWhileThatDoubles) {
  SeededRng rng(4);
  WayOrder order(2, std::vector<std::size_t>{0, 1}, rng);
  auto now = kStart;
  Duration longest{};
  for (int i = 0; i < 12; ++i) {
    ASSERT_EQ(order.choose(now), 0U);
    order.failed(now, 0);
    EXPECT_EQ(order.choose(now), 1U);
    auto back = now;
    while (order.choose(back) != 0) back += Seconds{1};
    longest = back - now;
    EXPECT_GE(longest, Duration(kFirstWayPause) / 2);
    EXPECT_LE(longest, Duration(kMaxWayPause) + Seconds{1});
    now = back;
  }
  EXPECT_GE(longest, Duration(kMaxWayPause) / 2) << "what is blocked for good is asked seldom";
  EXPECT_FALSE(order.worked(0));
  order.failed(now, 0);
  EXPECT_EQ(order.choose(now + kFirstWayPause), 0U) << "what worked begins anew";
}

TEST(WayOrder, KeepsAnOrderThatIsGiven) {
  SeededRng rng(7);
  const std::vector<std::size_t> given{2, 0, 1};
  WayOrder order(3, given, rng, WayOrder::Order::Given);
  order.failed(kStart, 2);
  EXPECT_EQ(order.choose(kStart), 0U);
  EXPECT_FALSE(order.worked(0)) << "nothing to remember";
  EXPECT_EQ(order.choose(kStart + kFirstWayPause), 2U);
  order.pass_over(kStart, 2);
  EXPECT_EQ(order.choose(kStart + kFirstWayPause), 0U);
  order.pass_over(kStart, 0);
  EXPECT_EQ(order.choose(kStart + kFirstWayPause), 1U);
  EXPECT_EQ(order.choose(kStart + kPassedOver), 2U);
  EXPECT_EQ(order.order(), given);
}

TEST(WayOrder, LeavesNoWayForWhatHappenedInAnotherNetwork) {
  SeededRng rng(7);
  WayOrder order(3, std::vector<std::size_t>{0, 1, 2}, rng);
  for (int i = 0; i < 8; ++i) order.failed(kStart, 0);
  order.failed(kStart, 1);
  EXPECT_EQ(order.choose(kStart), 2U);
  order.on_network_change();
  EXPECT_EQ(order.choose(kStart), 0U) << "what worked before is tried first";
  order.failed(kStart, 0);
  EXPECT_EQ(order.choose(kStart + kFirstWayPause), 0U) << "its pauses begin anew, too";
}

TEST(WayOrder, TakesWhatIsPreferredFirstUnlessItIsBeingLeft) {
  SeededRng rng(8);
  WayOrder order(4, std::vector<std::size_t>{0, 1, 2, 3}, rng);
  order.failed(kStart, 3);
  order.prefer(std::vector<std::size_t>{3, 1});
  EXPECT_EQ(order.order(), (std::vector<std::size_t>{3, 1, 0, 2}));
  EXPECT_EQ(order.choose(kStart), 1U);
  EXPECT_EQ(order.choose(kStart + kFirstWayPause), 3U);
}

TEST(WayOrder, SaysWhatFailsUntilItWorksOrFailedElsewhere) {
  SeededRng rng(9);
  WayOrder order(3, {}, rng);
  order.failed(kStart, 0);
  order.failed(kStart, 2);
  EXPECT_EQ(order.failing(), (std::vector<std::size_t>{0, 2}));
  order.worked(2);
  EXPECT_EQ(order.failing(), std::vector<std::size_t>{0});
  order.on_network_change();
  EXPECT_EQ(order.failing(), std::vector<std::size_t>{});
}

TEST(WayOrder, AlwaysHasAWay) {
  SeededRng rng(5);
  WayOrder order(3, {}, rng);
  std::set<std::size_t> tried;
  auto now = kStart;
  for (int i = 0; i < 3; ++i, now += Millis{1}) {
    tried.insert(order.choose(now));
    order.failed(now, order.choose(now));
  }
  EXPECT_EQ(tried.size(), 3U);
  EXPECT_LT(order.choose(now), 3U);
}

TEST(WayOrder, AsksAnotherWhenOneHasNoHelpToGive) {
  SeededRng rng(6);
  WayOrder order(2, std::vector<std::size_t>{0, 1}, rng);
  order.pass_over(kStart, 0);
  EXPECT_EQ(order.choose(kStart), 1U);
  order.pass_over(kStart, 1);
  EXPECT_EQ(order.choose(kStart), 0U);
  EXPECT_TRUE(order.worked(1)) << "another order, worth remembering";
}

}  // namespace
}  // namespace footbridge::core
