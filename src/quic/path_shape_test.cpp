// What a path looks like to those who see only lengths, times and first bytes.
#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <map>
#include <set>
#include <vector>

#include "quic/path.hpp"
#include "quic/test_world.hpp"

namespace footbridge::quic {
namespace {

constexpr auto kF = core::kFragmentBytes;
constexpr PathOptions kPacketsOnly{.max_packet_bytes = core::kMaxPacketBytes, .fillers = false};

TEST(PathShape, EveryQuicPacketHasThePacketBit) {
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    TestWorld world(seed);
    SeededRng dice(seed);
    world.fault = [&](const TestEnd&, Bytes&) { return dice.between(1, 20) == 1; };
    world.client.to_send = world.egress.to_send = 100;
    world.open(kPacketsOnly);
    world.run(Seconds{30});
    world.client.path->close(world.now, kCloseDone);
    world.run(Seconds{5});
    for (const auto* end : {&world.client, &world.egress}) {
      EXPECT_GT(end->sent.size(), 50U);
      for (const auto& message : end->sent) ASSERT_TRUE(core::is_packet(message)) << "seed " << seed;
    }
  }
}

TEST(PathShape, DatagramsFillWholeFragmentsExactly) {
  for (const std::size_t rung : core::kPacketRungs) {
    TestWorld world;
    world.client.to_send = 4000;
    world.open({.max_packet_bytes = rung, .fillers = false});
    world.run(Seconds{30});
    ASSERT_EQ(world.client.to_send, 0U);
    std::map<std::size_t, int> rungs;
    for (const auto& message : world.client.sent) {
      const auto bytes = message.size();
      if (bytes <= 100 || bytes == kHandshakePacketBytes) continue;  // acknowledgements; handshake
      const auto fragments = (bytes + kF - 1) / kF;
      EXPECT_LE(fragments * kF - bytes, 3U) << bytes << ": a shorter packet number leaves at most 3 bytes";
      EXPECT_TRUE(fragments == 1 || fragments * kF == rung) << bytes;
      ++rungs[fragments];
    }
    EXPECT_GT(rungs[rung / kF], 2000);
    if (rung == kF) continue;
    EXPECT_GT(rungs[1], 200) << "some traffic stays small, for comparison";
  }
}

// A native link on the client's side: the egress sees only its leg, which takes more.
TEST(PathShape, NothingIsLongerThanTheOtherEndsPipeTakes) {
  constexpr std::size_t kDatagramPipe = 1200;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    TestWorld world(seed);
    world.client.max_message = kDatagramPipe;
    world.client.to_send = world.egress.to_send = 300;
    // Losses at the beginning: the egress repeats its handshake in datagrams that may be stretched.
    SeededRng dice(seed);
    world.fault = [&](const TestEnd& from, Bytes&) { return from.sent.size() < 30 && dice.between(0, 9) < 4; };
    world.open();
    world.run(Seconds{60});
    ASSERT_TRUE(world.client.established_at && world.egress.established_at) << seed;
    for (const auto* end : {&world.client, &world.egress}) {
      std::size_t full = 0;
      for (const auto& message : end->sent) {
        ASSERT_LE(message.size(), kDatagramPipe) << seed;
        if (kDatagramPipe - message.size() <= 3 && core::is_packet(message)) ++full;
      }
      EXPECT_GT(full, 250U) << "packets fill it";
    }
  }
}

TEST(PathShape, PacketsShrinkWhenTheLinkLosesFragments) {
  TestWorld world;
  SeededRng dice(4);
  world.keep_messages = false;
  world.client.keep_datagrams = world.egress.keep_datagrams = false;
  world.fault = [&](const TestEnd&, Bytes& message) {
    bool lost = false;
    for (std::size_t at = 0; at < message.size(); at += kF) lost |= dice.between(1, 100) <= 2;
    return lost;
  };
  world.client.to_send = 30'000;
  world.client.rate_bytes_per_second = 20'000'000;
  world.open(kPacketsOnly);
  ASSERT_TRUE(world.run_while(Seconds{30}, [&] { return world.client.path->ladder() == nullptr; }));
  EXPECT_EQ(world.client.path->ladder()->top_bytes(), 8 * kF) << "starts on the highest rung";
  world.run(Seconds{300});
  EXPECT_LT(world.client.path->ladder()->top_bytes(), 8 * kF);
}

TEST(PathShape, KeepsAliveAtIntervalsThatAreNeverTheSame) {
  TestWorld world;
  world.open(kPacketsOnly);
  world.run(Seconds{2});
  world.client.sent_at.clear();
  const auto quiet_since = world.now;
  world.run(std::chrono::hours{2});
  EXPECT_EQ(world.client.closed_times + world.egress.closed_times, 0);
  std::set<Duration> intervals;
  std::vector<double> shares;  // of the interval's range
  std::map<Duration::rep, int> seconds;
  auto last = quiet_since - Seconds{2};
  for (const auto at : world.client.sent_at) {
    const auto interval = at - last;
    last = at;
    if (interval < Seconds{1}) continue;  // the ACK of an ACK
    EXPECT_GE(interval, kKeepAliveMin - Seconds{2}) << "two seconds: the first interval began before";
    EXPECT_LE(interval, kKeepAliveMax);
    intervals.insert(interval);
    shares.push_back(std::chrono::duration<double>(interval - kKeepAliveMin) /
                     std::chrono::duration<double>(kKeepAliveMax - kMaxInitialRtt - kKeepAliveMin));
    ++seconds[interval / Seconds{1}];
  }
  EXPECT_GT(intervals.size(), 300U) << "two hours of about 20 s, each one different";
  for (const auto& [second, times] : seconds) EXPECT_LT(times, 80) << second << " s is a habit";

  // Kolmogorov and Smirnov: how far the intervals are from being spread evenly. The first began before; an interval
  // ends a round trip late, which is a twentieth of a second here.
  std::sort(shares.begin(), shares.end());
  double distance = 0;
  const auto n = static_cast<double>(shares.size());
  for (std::size_t i = 0; i < shares.size(); ++i) {
    distance = std::max(distance, shares[i] - static_cast<double>(i) / n);
    distance = std::max(distance, static_cast<double>(i + 1) / n - shares[i]);
  }
  constexpr double kOnePerCent = 1.63;  // of all rows of even chance are farther away than this, times 1/sqrt(n)
  EXPECT_LT(distance, kOnePerCent / std::sqrt(n)) << "of " << shares.size();
}

TEST(PathShape, OnlyTheClientStartsKeepAlives) {
  TestWorld world;
  world.open(kPacketsOnly);
  world.run(Seconds{2});
  world.fault = [&](const TestEnd& from, Bytes&) { return &from == &world.client; };
  world.egress.sent.clear();
  world.run(Seconds{40});
  EXPECT_TRUE(world.egress.sent.empty());
}

TEST(PathShape, NoLengthStandsAtAFixedPlaceOfTheFirstFlight) {
  constexpr int kPaths = 600;
  constexpr std::size_t kPlaces = 10;
  std::map<std::tuple<bool, std::size_t, std::size_t>, int> seen;
  for (std::uint64_t seed = 1; seed <= kPaths; ++seed) {
    TestWorld world(seed);
    for (auto* end : {&world.client, &world.egress})
      end->when_established = [end](TimePoint now) {
        EXPECT_TRUE(end->path->send_control(now, end->rng.bytes(end->rng.between(40, 300))));
      };
    world.client.to_send = world.egress.to_send = 3;
    world.open();
    world.run(Seconds{3});
    for (const auto* end : {&world.client, &world.egress})
      for (std::size_t i = 0; i < kPlaces && i < end->sent.size(); ++i)
        ++seen[{end == &world.client, i, end->sent[i].size()}];
  }
  for (const auto& [what, times] : seen)
    EXPECT_LT(times, kPaths / 8) << "message " << std::get<1>(what) << " of " << std::get<2>(what) << " B, "
                                 << (std::get<0>(what) ? "client" : "egress");
}

TEST(PathShape, BothEndsTakePacketsOfEverySizeOfTheLadder) {
  TestWorld world;
  world.client.to_send = world.egress.to_send = 300;
  world.open();
  world.run(Seconds{20});
  std::set<std::size_t> sizes;
  for (const auto& datagram : world.egress.datagrams) sizes.insert(datagram.size());
  EXPECT_TRUE(sizes.contains(datagram_bytes(kF)));
  EXPECT_TRUE(sizes.contains(datagram_bytes(8 * kF)));
  EXPECT_EQ(world.egress.datagrams.size(), 300U);
}

}  // namespace
}  // namespace footbridge::quic
