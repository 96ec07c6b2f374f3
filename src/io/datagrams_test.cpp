#include "io/datagrams.hpp"

#include <gtest/gtest.h>
#include <utility>

namespace footbridge::io {
namespace {

struct Runs final : DatagramSink {
  void send_run(ByteView run, std::size_t segment) override { seen.emplace_back(run.size(), segment); }
  std::vector<std::pair<std::size_t, std::size_t>> seen;
};

TEST(DatagramBatch, CutsRunsWhereTheKernelNeedsThem) {
  DatagramBatch batch;
  for (const std::size_t size : {1200U, 1200U, 300U, 1200U, 1200U, 100U, 1200U}) batch.append(Bytes(size));
  Runs runs;
  batch.flush(runs);
  const std::vector<std::pair<std::size_t, std::size_t>> expected = {{2700, 1200}, {2500, 1200}, {1200, 1200}};
  EXPECT_EQ(runs.seen, expected);
  EXPECT_TRUE(batch.empty());
  batch.flush(runs);
  EXPECT_EQ(runs.seen, expected) << "nothing twice";
}

TEST(DatagramBatch, IsFullAtWhatOneCallCanCarry) {
  DatagramBatch batch;
  for (std::size_t i = 0; i < kMaxBatchDatagrams; ++i) {
    EXPECT_FALSE(batch.full());
    batch.append(Bytes(1200));
  }
  EXPECT_TRUE(batch.full());
  EXPECT_LE(kMaxBatchDatagrams * 1200, kMaxBatchBytes);
}

}  // namespace
}  // namespace footbridge::io
