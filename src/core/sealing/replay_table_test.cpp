#include "core/sealing/replay_table.hpp"

#include <gtest/gtest.h>

#include "base/rng.hpp"

namespace footbridge::core {
namespace {

TEST(ReplayTable, HoldsExactlyWhatWasPutIn) {
  SeededRng rng(1);
  ReplayTable table;
  std::vector<ReplayTable::Tag> in;
  for (int i = 0; i < 100'000; ++i) in.push_back(rng.next_u64());
  for (const auto tag : in) {
    EXPECT_FALSE(table.contains(tag));
    EXPECT_TRUE(table.insert(tag));
  }
  for (const auto tag : in) EXPECT_TRUE(table.contains(tag));
  for (int i = 0; i < 100'000; ++i) EXPECT_FALSE(table.contains(rng.next_u64()));
  EXPECT_EQ(table.size(), in.size());
}

TEST(ReplayTable, FindsItsWayAroundTheEnd) {
  ReplayTable table(ReplayTable::kFirstSlots);
  for (ReplayTable::Tag i = 0; i < 100; ++i) EXPECT_TRUE(table.insert(UINT64_MAX - i));  // all of the last place
  for (ReplayTable::Tag i = 0; i < 100; ++i) EXPECT_TRUE(table.contains(UINT64_MAX - i));
  EXPECT_FALSE(table.contains(UINT64_MAX - 100));
  EXPECT_FALSE(table.contains(0)) << "the tag that stands for an empty place";
  EXPECT_TRUE(table.insert(0));
  EXPECT_TRUE(table.contains(0));
}

TEST(ReplayTable, KeepsAllWhileItGrowsEvenFromPlacesThatCrossTheEnd) {
  SeededRng rng(2);
  ReplayTable table;
  std::vector<ReplayTable::Tag> in;
  for (int i = 0; i < 6000; ++i) in.push_back(rng.next_u64() | 0xffe0'0000'0000'0000);
  for (const auto tag : in) EXPECT_TRUE(table.insert(tag));
  for (const auto tag : in) EXPECT_TRUE(table.contains(tag));
}

TEST(ReplayTable, GrowsToItsBoundAndThenTakesNothingMore) {
  SeededRng rng(3);
  ReplayTable table(16 * ReplayTable::kFirstSlots);
  EXPECT_EQ(table.bytes(), ReplayTable::kFirstSlots * 8);
  std::size_t in = 0;
  while (in <= table.most_tags() && table.insert(rng.next_u64())) ++in;
  EXPECT_EQ(in, table.most_tags());
  EXPECT_EQ(in, 16 * ReplayTable::kFirstSlots / 8 * 7);
  EXPECT_EQ(table.bytes(), 16 * ReplayTable::kFirstSlots * 8);
  EXPECT_FALSE(table.insert(rng.next_u64()));
  table.clear();
  EXPECT_EQ(table.size(), 0U);
  EXPECT_EQ(table.bytes(), 16 * ReplayTable::kFirstSlots * 8) << "memory is kept";
  EXPECT_TRUE(table.insert(rng.next_u64()));
}

TEST(ReplayTable, StaysBelow64MebibytesWithAllThatABrokerHas) {
  constexpr std::size_t kLargest = ReplayTable::kMostSlots * sizeof(ReplayTable::Tag);
  constexpr std::size_t kOfDirectory = 16 * ReplayTable::kFirstSlots * sizeof(ReplayTable::Tag);
  static_assert(2 * kLargest + kLargest / 2 + 2 * kOfDirectory <= 64U << 20);
}

}  // namespace
}  // namespace footbridge::core
