#include "core/netstate/series.hpp"

#include <gtest/gtest.h>

namespace footbridge::core {
namespace {

constexpr UnixMillis kWall{1'800'000'000'000};

struct Recorder {
  TimePoint now{};
  Series series{now, kWall};
  ShownTotals totals;
  std::uint64_t came = 0, left = 0;

  void note(std::uint32_t nodes, std::uint32_t more, std::uint32_t fewer) {
    totals.nodes[0] = nodes;
    totals.people = nodes * 2;
    series.note(now, totals, more, fewer);
    came += more;
    left += fewer;
  }
};

TEST(SeriesTest, HasTheCountersOfEachStepsEnd) {
  Recorder r;
  r.now += Seconds{3};
  r.note(5, 5, 0);
  r.now += Seconds{3};
  r.note(4, 0, 1);
  r.series.on_time(r.now = TimePoint{} + kFineStep);
  r.now += Seconds{1};
  r.note(9, 5, 0);
  const auto rows = r.series.rows(1);
  ASSERT_EQ(rows.rows.size(), 1U);
  EXPECT_EQ(rows.from, kWall);
  EXPECT_EQ(rows.rows[0].nodes, 4U);
  EXPECT_EQ(rows.rows[0].people, ShownNumber{8});
  EXPECT_EQ(rows.rows[0].came, 5U);
  EXPECT_EQ(rows.rows[0].left, 1U);
}

TEST(SeriesTest, SaysTheSameInCoarseStepsAsInFineOnes) {
  Recorder r;
  SeededRng rng{5};
  std::uint32_t nodes = 0;
  while (r.now < TimePoint{} + Seconds{3'600}) {
    r.now += Millis(rng.between(1, 4'000));
    const auto more = static_cast<std::uint32_t>(rng.between(0, 3));
    const auto fewer = static_cast<std::uint32_t>(rng.between(0, std::min<std::uint64_t>(3, nodes)));
    nodes = nodes + more - fewer;
    r.note(nodes, more, fewer);
  }
  r.series.on_time(TimePoint{} + Seconds{3'600});
  const auto fine = r.series.rows(1), coarse = r.series.rows(2);
  ASSERT_EQ(fine.rows.size(), 360U);
  ASSERT_EQ(coarse.rows.size(), 12U);
  const std::size_t each = fine.rows.size() / coarse.rows.size();
  std::uint64_t came = 0;
  for (std::size_t i = 0; i < coarse.rows.size(); ++i) {
    std::uint32_t sum = 0;
    for (std::size_t j = 0; j < each; ++j) sum += fine.rows[i * each + j].came;
    EXPECT_EQ(coarse.rows[i].came, sum) << i;
    EXPECT_EQ(coarse.rows[i].nodes, fine.rows[i * each + each - 1].nodes) << i;
    came += sum;
  }
  EXPECT_LE(r.came - came, 3U) << "but for what came in the step that is not over";
}

TEST(SeriesTest, KeepsADayAndNoMore) {
  Recorder r;
  r.note(1, 1, 0);
  r.series.on_time(r.now = TimePoint{} + Seconds{30 * 3'600});
  EXPECT_EQ(r.series.rows(1).rows.size(), 360U);
  EXPECT_EQ(r.series.rows(24).rows.size(), 288U);
  EXPECT_EQ(r.series.rows(3).rows.size(), 36U);
  EXPECT_EQ(count(r.series.rows(24).from), count(kWall) + 6 * 3'600'000U);
}

}  // namespace
}  // namespace footbridge::core
