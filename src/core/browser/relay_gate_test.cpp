#include "core/browser/relay_gate.hpp"

#include <gtest/gtest.h>

#include "core/path/packet_sizes.hpp"
#include "core/proxy/relay.hpp"

namespace footbridge::core {
namespace {

constexpr std::size_t kMessageBytes = 1'000;

struct RelayGateTest : testing::Test {
  RelayGateTest() { gate.begin(0); }

  bool go(std::size_t queued, std::size_t bytes = kMessageBytes, RelayWay way = RelayWay::ToLink) {
    return gate.may_go(now, 0, way, bytes, queued);
  }
  // How long a queue may get now.
  std::size_t most() {
    std::size_t queued = 0;
    while (go(queued, 0)) queued += kMessageBytes;
    return queued - kMessageBytes + kMaxPacketBytes;
  }
  // A second in which so many bytes leave the queue as fast as they come.
  void carry(std::size_t bytes_per_second) {
    for (int i = 0; i < 100; ++i) {
      now += Millis(10);
      for (auto left = bytes_per_second / 100; left > 0; left -= std::min(left, kMessageBytes)) {
        go(0, std::min(left, kMessageBytes));
      }
    }
  }

  RelayGate gate;
  TimePoint now{Seconds(1000)};
};

TEST_F(RelayGateTest, HoldsAtFirstWhatADaemonHolds) {
  EXPECT_NEAR(static_cast<double>(most()), static_cast<double>(Relay::kMaxBacklogBytes), kMessageBytes);
}

TEST_F(RelayGateTest, TakesNoSmallMessageWhereThereIsNoRoomForALargeOne) {
  const auto last = Relay::kMaxBacklogBytes - kMaxPacketBytes;
  EXPECT_TRUE(go(last, 10));
  EXPECT_FALSE(go(last + 1, 10));
  EXPECT_TRUE(go(last, 10, RelayWay::ToLeg));
  EXPECT_FALSE(go(last + 1, 10, RelayWay::ToLeg));
}

TEST_F(RelayGateTest, LetsAQueueHoldWhatLeavesItInATenthOfASecond) {
  carry(2'000'000);
  EXPECT_NEAR(static_cast<double>(most()), 200'000, 3 * kMessageBytes);
}

TEST_F(RelayGateTest, NeverLetsAQueueHoldMoreThanItsBound) {
  carry(100'000'000);
  EXPECT_NEAR(static_cast<double>(most()), static_cast<double>(RelayGate::kMostQueueBytes), kMessageBytes);
}

TEST_F(RelayGateTest, CountsWhatLeftTheQueueAndNotWhatWasPutThere) {
  for (std::size_t queued = 0; go(queued); queued += kMessageBytes) {
  }
  now += RelayGate::kLookTime;
  EXPECT_FALSE(go(Relay::kMaxBacklogBytes));
  EXPECT_NEAR(static_cast<double>(most()), static_cast<double>(Relay::kMaxBacklogBytes), kMessageBytes);
}

TEST_F(RelayGateTest, ShortensTheQueueOfALineThatBecameSlow) {
  carry(5'000'000);
  ASSERT_GT(most(), 400'000U);
  carry(100'000);
  EXPECT_NEAR(static_cast<double>(most()), static_cast<double>(Relay::kMaxBacklogBytes), kMessageBytes);
}

TEST_F(RelayGateTest, ForgetsWithTheStayHowFastItWas) {
  carry(5'000'000);
  gate.begin(0);
  EXPECT_NEAR(static_cast<double>(most()), static_cast<double>(Relay::kMaxBacklogBytes), kMessageBytes);
}

TEST_F(RelayGateTest, KeepsForTheLegWhatARelayKeeps) {
  std::size_t kept = 0;
  while (gate.may_wait(0, kMessageBytes)) kept += kMessageBytes;
  EXPECT_EQ(kept, 16'000U);
  gate.begin(1);
  std::size_t empty = 0;
  while (gate.may_wait(1, 0)) ++empty;
  EXPECT_EQ(empty, Relay::kMaxEarlyMessages);
}

TEST_F(RelayGateTest, HoldsALimitForAllClientsTogetherAndEachWayByItself) {
  constexpr std::uint64_t kRate = 100'000;
  gate.set_bytes_per_second(kRate);
  gate.begin(1);
  std::uint64_t carried = 0;
  for (int ms = 0; ms < 10'000; ++ms, now += Millis(1)) {
    for (const std::size_t slot : {0U, 1U}) {
      if (gate.may_go(now, slot, RelayWay::ToLink, kMessageBytes, 0)) carried += kMessageBytes;
    }
  }
  const auto burst = kRate * RelayGate::kBurstTime.count() / 1000;
  EXPECT_NEAR(static_cast<double>(carried), 10.0 * kRate, static_cast<double>(burst + 2 * kMessageBytes));
  EXPECT_TRUE(go(0, 9'000, RelayWay::ToLeg));
  gate.set_bytes_per_second(std::nullopt);
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(go(0));
}

}  // namespace
}  // namespace footbridge::core
