#include "web/small_heap.hpp"

#include <cstring>
#include <gtest/gtest.h>
#include <set>
#include <vector>

namespace footbridge::web {
namespace {

// Two pages' worth of a host, one behind the other; what it was asked for is counted.
struct Host {
  alignas(SmallHeap::kAlignment) std::array<std::byte, 2 * SmallHeap::kPageBytes> memory{};
  std::size_t given = 0;
};
Host* host = nullptr;

std::byte* give_pages(std::size_t bytes) {
  if (bytes > host->memory.size() - host->given) return nullptr;
  host->given += bytes;
  return host->memory.data() + host->given - bytes;
}

class SmallHeapTest : public testing::Test {
 protected:
  SmallHeapTest() { host = &host_; }
  Host host_;
  SmallHeap heap_{give_pages};
};

TEST_F(SmallHeapTest, GivesAlignedBytesThatNothingElseHas) {
  std::vector<std::pair<unsigned char*, std::size_t>> taken;
  for (std::size_t bytes = 0; bytes < 300; ++bytes) {
    auto* const at = static_cast<unsigned char*>(heap_.take(bytes));
    ASSERT_NE(at, nullptr);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(at) % SmallHeap::kAlignment, 0U);
    std::memset(at, static_cast<int>(bytes % 251), bytes);
    taken.emplace_back(at, bytes);
  }
  for (const auto& [at, bytes] : taken)
    for (std::size_t i = 0; i < bytes; ++i) ASSERT_EQ(at[i], bytes % 251);
}

TEST_F(SmallHeapTest, UsesAgainWhatWasGivenBack) {
  for (int round = 0; round < 10'000; ++round) {
    auto* const small = heap_.take(100);
    auto* const large = heap_.take(20'000);
    ASSERT_NE(large, nullptr);
    heap_.give_back(small);
    heap_.give_back(large);
  }
  EXPECT_EQ(host_.given, SmallHeap::kPageBytes);
}

TEST_F(SmallHeapTest, GivesEachWaitingBlockOnce) {
  std::set<void*> blocks;
  for (int i = 0; i < 5; ++i) blocks.insert(heap_.take(40));
  for (auto* block : blocks) heap_.give_back(block);
  std::set<void*> again;
  for (int i = 0; i < 6; ++i) again.insert(heap_.take(40));
  EXPECT_EQ(again.size(), 6U);
}

TEST_F(SmallHeapTest, SaysWhenTheMemoryIsUsedUpAndStillHasWhatComesBack) {
  std::vector<void*> blocks;
  while (auto* const block = heap_.take(1000)) blocks.push_back(block);
  EXPECT_EQ(blocks.size(), host_.memory.size() / 1024);
  heap_.give_back(blocks.back());
  EXPECT_EQ(heap_.take(1000), blocks.back());
  EXPECT_EQ(heap_.take(1000), nullptr);
}

TEST_F(SmallHeapTest, RefusesWhatNoMessageNeeds) {
  EXPECT_EQ(heap_.take(SmallHeap::kMostBytes + 1), nullptr);
  EXPECT_EQ(heap_.take(SIZE_MAX), nullptr);
  EXPECT_EQ(host_.given, 0U);
  heap_.give_back(nullptr);
}

}  // namespace
}  // namespace footbridge::web
