#include "core/path/silence_watch.hpp"

#include <gtest/gtest.h>

namespace footbridge::core {
namespace {

struct SilenceWatchTest : ::testing::Test {
  void under_way(std::uint64_t bytes) { stats.in_flight_bytes = bytes; }
  void heard() { stats.last_heard = now; }
  bool silent_after(Duration time) {
    now += time;
    watch.observe(now, stats);
    return watch.silent();
  }
  TimePoint now = TimePoint{} + Seconds{100};
  PathStats stats{Millis{50}, Millis{5}, 0, 0, now};
  SilenceWatch watch;
};

TEST_F(SilenceWatchTest, CallsAnIdlePathNeverSilent) {
  EXPECT_FALSE(silent_after(Seconds{3600}));
  EXPECT_FALSE(watch.deadline());
}

TEST_F(SilenceWatchTest, CallsAPathSilentWhenWhatIsUnderWayIsNotAnswered) {
  under_way(1000);
  EXPECT_FALSE(silent_after(Seconds{1})) << "the wait begins when something is sent, not when something was last heard";
  EXPECT_EQ(watch.deadline(), now + kLeastPatience);
  EXPECT_FALSE(silent_after(kLeastPatience - Millis{1}));
  EXPECT_TRUE(silent_after(Millis{1}));
  EXPECT_FALSE(watch.deadline());
}

TEST_F(SilenceWatchTest, WaitsAnewAfterEverySignOfLife) {
  under_way(1000);
  silent_after({});
  for (int i = 0; i < 10; ++i) {
    EXPECT_FALSE(silent_after(Seconds{2}));
    heard();
    EXPECT_FALSE(silent_after({}));
  }
  EXPECT_EQ(watch.deadline(), now + kLeastPatience);
}

TEST_F(SilenceWatchTest, TakesTheSuspicionBackAtTheFirstSignOfLife) {
  under_way(1000);
  silent_after({});
  ASSERT_TRUE(silent_after(Seconds{20}));
  heard();
  EXPECT_FALSE(silent_after({}));
  under_way(0);
  EXPECT_FALSE(silent_after(Seconds{20}));
}

TEST_F(SilenceWatchTest, IsAsPatientAsThePathIsSlowWithinBounds) {
  EXPECT_EQ(patience({Millis{50}, Millis{5}, 0, 0, {}}), kLeastPatience);
  EXPECT_EQ(patience({Millis{600}, Millis{50}, 0, 0, {}}), 7 * Millis{825});
  EXPECT_EQ(patience({Seconds{3}, Seconds{1}, 0, 0, {}}), kMostPatience);
}

}  // namespace
}  // namespace footbridge::core
