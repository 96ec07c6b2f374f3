#include "core/path/filler.hpp"

#include <gtest/gtest.h>
#include <map>
#include <set>

namespace footbridge::core {
namespace {

constexpr Duration kNoSilence{};

TEST(Filler, NeverLooksLikeAPacket) {
  SeededRng rng(1);
  FillerPolicy policy(true, kMaxPacketBytes);
  for (int i = 0; i < 5000; ++i) EXPECT_FALSE(is_packet(policy.make(rng)));
  EXPECT_FALSE(is_packet({})) << "an empty message is no packet";
  EXPECT_TRUE(is_packet(Bytes{std::byte{0x40}}));
  EXPECT_TRUE(is_packet(Bytes{std::byte{0xff}}));
}

TEST(Filler, LengthsStayWithinTheirBoundsAndReachThem) {
  SeededRng rng(2);
  FillerPolicy policy(true, kMaxPacketBytes);
  std::map<std::size_t, int> lengths;
  constexpr int kDraws = 60'000;
  for (int i = 0; i < kDraws; ++i) ++lengths[policy.make(rng).size()];
  EXPECT_EQ(lengths.begin()->first, kMinFillerBytes);
  EXPECT_EQ(lengths.rbegin()->first, kMaxFillerBytes);
  for (const auto& [length, times] : lengths) EXPECT_LT(times, kDraws / 100) << "length " << length << " stands out";
}

TEST(Filler, RespectsAPipeThatTakesShortMessagesOnly) {
  SeededRng rng(3);
  FillerPolicy policy(true, 100);
  for (int i = 0; i < 1000; ++i) EXPECT_LE(policy.make(rng).size(), 100U);
  FillerPolicy hopeless(true, kMinFillerBytes - 1);
  EXPECT_EQ(hopeless.before_packet(Seconds{60}, rng), 0U);
}

TEST(Filler, SurroundsTheFirstPacketsOnlyAndDiffersFromPathToPath) {
  std::set<unsigned> leading;
  std::set<unsigned> totals;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    SeededRng rng(seed);
    FillerPolicy policy(true, kMaxPacketBytes);
    unsigned total = policy.before_packet(kNoSilence, rng);
    leading.insert(total);
    for (unsigned i = 1; i < kShapedPackets; ++i) {
      const auto count = policy.before_packet(kNoSilence, rng);
      EXPECT_LE(count, kMaxFillersPerShapedPacket);
      total += count;
    }
    totals.insert(total);
    for (int i = 0; i < 100; ++i) EXPECT_EQ(policy.before_packet(kNoSilence, rng), 0U);
  }
  EXPECT_EQ(leading.size(), kMaxLeadingFillers + 1);
  EXPECT_GT(totals.size(), 10U);
}

TEST(Filler, SpendsNoMoreThanItsBudgetOnTheFirstFlight) {
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    SeededRng rng(seed);
    FillerPolicy policy(true, kMaxPacketBytes);
    std::size_t spent = 0;
    for (unsigned i = 0; i < kShapedPackets; ++i)
      for (auto left = policy.before_packet(kNoSilence, rng); left > 0; --left) spent += policy.make(rng).size();
    EXPECT_LE(spent, kFirstFlightFillerBytes + kMaxFillerBytes);
  }
}

TEST(Filler, MayAccompanyThePacketThatEndsASilence) {
  SeededRng rng(5);
  FillerPolicy policy(true, kMaxPacketBytes);
  for (unsigned i = 0; i < kShapedPackets; ++i) policy.before_packet(kNoSilence, rng);
  std::set<unsigned> counts;
  for (int i = 0; i < 100; ++i) counts.insert(policy.before_packet(kSilenceToBreak, rng));
  EXPECT_EQ(counts, (std::set<unsigned>{0, 1, 2}));
  EXPECT_EQ(policy.before_packet(kSilenceToBreak - Millis{1}, rng), 0U);
}

TEST(Filler, VariesThePacketsOfTheFirstFlightAndLeavesTheOthersToTheLadder) {
  SeededRng rng(7);
  FillerPolicy policy(true, kMaxPacketBytes);
  std::set<std::size_t> sizes;
  for (unsigned i = 0; i < kShapedPackets; ++i) {
    const auto bytes = policy.shaped_packet_bytes(rng);
    ASSERT_TRUE(bytes.has_value());
    EXPECT_GE(*bytes, kMinShapedPacketBytes);
    EXPECT_LE(*bytes, kFragmentBytes);
    sizes.insert(*bytes);
    policy.before_packet(kNoSilence, rng);
  }
  EXPECT_GT(sizes.size(), kShapedPackets - 3);
  EXPECT_FALSE(policy.shaped_packet_bytes(rng).has_value());
}

TEST(Filler, StretchesHandshakeMessagesWithinTwoFragmentsAndThePipe) {
  SeededRng rng(8);
  FillerPolicy policy(true, kMaxPacketBytes);
  std::set<std::size_t> sizes;
  for (int i = 0; i < 1000; ++i) sizes.insert(1200 + policy.stretch_bytes(1200, rng));
  EXPECT_GT(sizes.size(), 500U);
  EXPECT_LE(*sizes.rbegin(), kMaxStretchedBytes);
  EXPECT_EQ(policy.stretch_bytes(kMaxStretchedBytes, rng), 0U);
  FillerPolicy narrow(true, 1200);
  EXPECT_EQ(narrow.stretch_bytes(1200, rng), 0U);
}

TEST(Filler, IsSilentWhenSwitchedOff) {
  SeededRng rng(6);
  FillerPolicy policy(false, kMaxPacketBytes);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(policy.before_packet(Seconds{60}, rng), 0U);
  EXPECT_EQ(policy.stretch_bytes(1200, rng), 0U);
  FillerPolicy fresh(false, kMaxPacketBytes);
  EXPECT_FALSE(fresh.shaped_packet_bytes(rng).has_value());
}

}  // namespace
}  // namespace footbridge::core
