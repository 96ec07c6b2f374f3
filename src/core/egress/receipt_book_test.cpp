#include "core/egress/receipt_book.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <set>

namespace footbridge::core {
namespace {

struct ReceiptBookTest : testing::Test {
  SeededRng rng{9};
  TimePoint now{Seconds{1'000}};
  ReceiptBook book;
  wire::Receipt receipt(std::uint8_t log2 = 20) { return {wire::ProxyMark::random(rng), true, log2}; }
};

TEST_F(ReceiptBookTest, TellsNothingBeforeFiveMinutesAndAllAfterFifteen) {
  for (int i = 0; i < 500; ++i) book.add(now, receipt(), rng);
  EXPECT_TRUE(book.take_due(now + ReceiptBook::kLeastDelay - Millis{1}, 1'000).empty());
  const auto half = book.take_due(now + (ReceiptBook::kLeastDelay + ReceiptBook::kMostDelay) / 2, 1'000).size();
  EXPECT_GT(half, 200U);
  EXPECT_LT(half, 300U) << "spread evenly";
  EXPECT_EQ(book.take_due(now + ReceiptBook::kMostDelay, 1'000).size(), 500U - half);
  EXPECT_EQ(book.size(), 0U);
}

TEST_F(ReceiptBookTest, TellsThemInAnotherOrderThanTheyCame) {
  for (std::uint8_t i = 0; i < 60; ++i) book.add(now + Seconds{i}, receipt(i), rng);
  const auto told = book.take_due(now + 2 * ReceiptBook::kMostDelay, 1'000);
  ASSERT_EQ(told.size(), 60U);
  EXPECT_FALSE(std::ranges::is_sorted(told, {}, &wire::Receipt::log2_bytes));
}

TEST_F(ReceiptBookTest, TellsNoMoreAtOnceThanAReportHolds) {
  for (int i = 0; i < 10; ++i) book.add(now, receipt(), rng);
  EXPECT_EQ(book.take_due(now + ReceiptBook::kMostDelay, 4).size(), 4U);
  EXPECT_EQ(book.take_due(now + ReceiptBook::kMostDelay, 4).size(), 4U);
  EXPECT_EQ(book.take_due(now + ReceiptBook::kMostDelay, 4).size(), 2U);
}

TEST_F(ReceiptBookTest, DropsTheOldestWhenFullAndCountsIt) {
  const auto oldest = receipt(1);
  book.add(now, oldest, rng);
  for (std::size_t i = 0; i < ReceiptBook::kMaxReceipts; ++i) book.add(now, receipt(2), rng);
  EXPECT_EQ(book.size(), ReceiptBook::kMaxReceipts);
  EXPECT_EQ(book.dropped(), 1U);
  const auto told = book.take_due(now + ReceiptBook::kMostDelay, 2 * ReceiptBook::kMaxReceipts);
  EXPECT_EQ(told.size(), ReceiptBook::kMaxReceipts);
  EXPECT_EQ(std::ranges::count(told, oldest), 0);
}

TEST(ReceiptOfAPath, SaysThatItCarriedUnlessItSwallowedWhatCameAfterTheHandshake) {
  const wire::ProxyMark proxy{};
  EXPECT_EQ(receipt_of(proxy, {true, false, 100}), (wire::Receipt{proxy, true, 6})) << "a standby, given up in order";
  EXPECT_EQ(receipt_of(proxy, {true, true, kUsefulPathBytes - 1}), (wire::Receipt{proxy, false, 12}));
  EXPECT_EQ(receipt_of(proxy, {true, true, kUsefulPathBytes}), (wire::Receipt{proxy, true, 13}))
      << "it left without a word, after it had helped";
  EXPECT_EQ(receipt_of(proxy, {false, false, 1 << 20}), (wire::Receipt{proxy, false, 20})) << "no session went over it";
}

TEST(ReceiptLog2, IsTheNumberOfDoublings) {
  EXPECT_EQ(receipt_log2(0), 0);
  EXPECT_EQ(receipt_log2(1), 0);
  EXPECT_EQ(receipt_log2(2), 1);
  EXPECT_EQ(receipt_log2((1U << 20) - 1), 19);
  EXPECT_EQ(receipt_log2(1U << 20), 20);
  EXPECT_EQ(receipt_log2(UINT64_MAX), wire::kMaxReceiptLog2);
}

}  // namespace
}  // namespace footbridge::core
