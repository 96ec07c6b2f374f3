#include "core/path/packet_ladder.hpp"

#include <gtest/gtest.h>

namespace footbridge::core {
namespace {

constexpr auto kF = kFragmentBytes;

// Sends `packets` over a link that loses each fragment with the given probability in 1/10000, beside a loss of whole
// packets that does not depend on their size. Answers the bytes that went in small packets and in all.
struct Sent {
  std::uint64_t small_bytes = 0;
  std::uint64_t all_bytes = 0;
};
Sent send(PacketLadder& ladder, Rng& rng, int packets, unsigned per_fragment, unsigned per_packet) {
  Sent sent;
  for (int i = 0; i < packets; ++i) {
    const auto bytes = ladder.next_packet_bytes(rng);
    sent.all_bytes += bytes;
    if (bytes == kF) sent.small_bytes += bytes;
    bool lost = rng.between(0, 9999) < per_packet;
    for (std::size_t f = 0; f < bytes / kF; ++f) lost |= rng.between(0, 9999) < per_fragment;
    ladder.on_fate(bytes, lost ? DatagramFate::Lost : DatagramFate::Acked);
  }
  return sent;
}

TEST(PacketLadder, StartsOnTheHighestRungThatThePipeTakes) {
  EXPECT_EQ(PacketLadder(65536).top_bytes(), 8 * kF);
  EXPECT_EQ(PacketLadder(8 * kF).top_bytes(), 8 * kF);
  EXPECT_EQ(PacketLadder(8 * kF - 1).top_bytes(), 4 * kF);
  EXPECT_EQ(PacketLadder(4 * kF - 1).top_bytes(), kF);
  EXPECT_EQ(PacketLadder(1200).top_bytes(), 1200U) << "a pipe without fragments is filled";
  EXPECT_EQ(PacketLadder(1000).top_bytes(), 1000U);
}

TEST(PacketLadder, KeepsATwentiethOfTheBytesInSmallPackets) {
  for (const std::size_t max : {4 * kF, 8 * kF}) {
    SeededRng rng(max);
    PacketLadder ladder(max);
    send(ladder, rng, 500, 0, 0);  // not sure of the rung yet
    const auto sent = send(ladder, rng, 50'000, 0, 0);
    const auto share = static_cast<double>(sent.small_bytes) / static_cast<double>(sent.all_bytes);
    EXPECT_NEAR(share, 1.0 / kSmallShareDivisor, 0.005) << max;
  }
}

TEST(PacketLadder, IsNotMovedByLossThatDoesNotDependOnSize) {
  for (const unsigned loss : {0U, 10U, 100U, 500U})
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
      SeededRng rng(seed);
      PacketLadder ladder(8 * kF);
      send(ladder, rng, 10'000, 0, loss);
      EXPECT_EQ(ladder.top_bytes(), 8 * kF) << "loss " << loss << " seed " << seed;
    }
}

TEST(PacketLadder, ComesDownSoonWhenFragmentsAreLost) {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    SeededRng rng(seed);
    PacketLadder ladder(8 * kF);
    send(ladder, rng, 3000, 100, 50);  // 1 % per fragment: 7.7 % of the large, 1 % of the small
    EXPECT_LT(ladder.top_bytes(), 8 * kF) << seed;
    send(ladder, rng, 20'000, 100, 50);
    EXPECT_EQ(ladder.top_bytes(), kF) << seed;
    EXPECT_EQ(ladder.steps_down(), 2U);
  }
}

TEST(PacketLadder, FindsOutWithTheFirstMegabytesOfAPath) {
  std::uint64_t bytes = 0;
  constexpr std::uint64_t kPaths = 40;
  for (std::uint64_t seed = 0; seed < kPaths; ++seed) {
    SeededRng rng(seed);
    PacketLadder ladder(8 * kF);
    while (ladder.top_bytes() == 8 * kF) bytes += send(ladder, rng, 1, 100, 0).all_bytes;
  }
  EXPECT_LT(bytes / kPaths, 3'500'000U) << "on average; 4.6 million when only a twentieth is small from the beginning";
}

TEST(PacketLadder, ComesDownAtOnceWhereNothingLargeArrives) {
  SeededRng rng(9);
  PacketLadder ladder(8 * kF);
  int packets = 0;
  for (; ladder.top_bytes() > kF && packets < 1'000; ++packets) {
    const auto bytes = ladder.next_packet_bytes(rng);
    ladder.on_fate(bytes, bytes > 2 * kF ? DatagramFate::Lost : DatagramFate::Acked);
  }
  EXPECT_LT(packets, 120) << "for both steps";
}

TEST(PacketLadder, TakesAnOutageForNoBlackHole) {
  SeededRng rng(9);
  PacketLadder ladder(8 * kF);
  for (int outage = 0; outage < 20; ++outage) {
    for (int i = 0; i < 100; ++i) ladder.on_fate(ladder.next_packet_bytes(rng), DatagramFate::Lost);
    for (int i = 0; i < 5; ++i) ladder.on_fate(ladder.next_packet_bytes(rng), DatagramFate::Acked);
  }
  EXPECT_EQ(ladder.top_bytes(), 8 * kF);
}

TEST(PacketLadder, NeverJudgesOnFewPackets) {
  PacketLadder ladder(8 * kF);
  ladder.on_fate(8 * kF, DatagramFate::Acked);
  for (std::uint64_t i = 0; i < kMinVerdictPackets - 1; ++i) {
    ladder.on_fate(8 * kF, i % 4 == 0 ? DatagramFate::Acked : DatagramFate::Lost);
    ladder.on_fate(kF, DatagramFate::Acked);
  }
  EXPECT_EQ(ladder.top_bytes(), 8 * kF);
  for (int i = 0; i < 2; ++i) ladder.on_fate(8 * kF, DatagramFate::Lost);
  ladder.on_fate(kF, DatagramFate::Acked);
  EXPECT_EQ(ladder.top_bytes(), 4 * kF);
}

TEST(PacketLadder, NoticesThatAGoodLinkWentBad) {
  SeededRng rng(10);
  PacketLadder ladder(8 * kF);
  send(ladder, rng, 100'000, 0, 0);
  ASSERT_EQ(ladder.top_bytes(), 8 * kF);
  send(ladder, rng, 10'000, 200, 0);
  EXPECT_LT(ladder.top_bytes(), 8 * kF) << "a long clean past must not outvote the present";
}

TEST(PacketLadder, IgnoresFatesOfOtherSizesAndOfRungsItHasLeft) {
  SeededRng rng(11);
  PacketLadder ladder(4 * kF);
  for (int i = 0; i < 5000; ++i) {
    ladder.on_fate(8 * kF, DatagramFate::Lost);
    ladder.on_fate(0, DatagramFate::Lost);
    ladder.on_fate(kF, DatagramFate::Acked);
  }
  EXPECT_EQ(ladder.top_bytes(), 4 * kF);
}

TEST(PacketLadder, StaysOnItsOnlyRung) {
  SeededRng rng(12);
  PacketLadder ladder(kF);
  const auto sent = send(ladder, rng, 5000, 1000, 0);
  EXPECT_EQ(sent.small_bytes, sent.all_bytes);
  EXPECT_EQ(ladder.steps_down(), 0U);
}

}  // namespace
}  // namespace footbridge::core
