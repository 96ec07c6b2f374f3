// When a path is suspected: the two limits, what takes suspicion back, and what is no reason for it.
#include "core/session/silence_detector.hpp"

#include <gtest/gtest.h>

namespace footbridge::core {
namespace {

struct SilenceDetectorTest : ::testing::Test {
  void stats(std::uint64_t in_flight) { detector.on_stats(now, {rtt, variance, 0, in_flight, heard}); }
  void hear() {
    heard = now;
    stats(1000);
  }
  // Acknowledgements come all the time, for several round trips.
  void flow() {
    stats(1000);
    for (const auto until = now + 4 * rtt; now < until;) {
      now += Millis{5};
      hear();
    }
  }
  Silence after(Duration time, std::optional<TimePoint> oldest = std::nullopt) {
    now += time;
    detector.on_deadline(now, oldest);
    return detector.silence();
  }
  Duration limit() const { return *detector.deadline() - now; }

  TimePoint now = TimePoint{} + Seconds{100};
  TimePoint heard = now;
  Duration rtt = Millis{100};
  Duration variance = Millis{5};
  SilenceDetector detector{now};
};

TEST_F(SilenceDetectorTest, CallsAnIdlePathNeverSilent) {
  stats(0);
  EXPECT_EQ(after(Seconds{3600}), Silence::None);
  EXPECT_FALSE(detector.deadline());
}

TEST_F(SilenceDetectorTest, GivesAFirstFlightAWholeRoundTrip) {
  now += Seconds{10};
  stats(1000);
  EXPECT_EQ(limit(), Millis{160}) << "the round trip, four variances, 40 ms; from when something left";
  EXPECT_EQ(after(Millis{160} - Duration{1}), Silence::None);
  EXPECT_EQ(after(Duration{1}), Silence::Suspect);
}

TEST_F(SilenceDetectorTest, GivesASteadyFlowHalfARoundTripAndSome) {
  flow();
  EXPECT_EQ(limit(), Millis{110});
  EXPECT_EQ(after(Millis{110} - Duration{1}), Silence::None);
  EXPECT_EQ(after(Duration{1}), Silence::Suspect);
}

TEST_F(SilenceDetectorTest, StaysWithinItsBoundsOnEveryPath) {
  rtt = Millis{1}, variance = {};
  stats(1000);
  EXPECT_EQ(limit(), kLeastSilence);
  flow();
  EXPECT_EQ(limit(), kLeastSilence);
  rtt = Seconds{3}, variance = Seconds{1};
  stats(0);
  stats(1000);
  EXPECT_EQ(limit(), kMostFirstSilence);
  flow();
  EXPECT_EQ(limit(), kMostSteadySilence);
}

TEST_F(SilenceDetectorTest, WaitsForTheAnswerToWhatLeftLately) {
  rtt = Millis{300};
  flow();
  const auto left = now - Millis{10};
  EXPECT_EQ(after(Millis{215}, left), Silence::None) << "more than a steady flow allows, but the flow has thinned out";
  EXPECT_EQ(*detector.deadline(), left + rtt + 4 * variance + kFirstMargin);
  now = *detector.deadline();
  EXPECT_EQ(after({}, left), Silence::Suspect);
}

TEST_F(SilenceDetectorTest, TakesTheSuspicionBackAtTheFirstPacketHeard) {
  flow();
  ASSERT_EQ(after(Millis{110}), Silence::Suspect);
  hear();
  EXPECT_EQ(detector.silence(), Silence::None);
  EXPECT_EQ(after(Millis{109}), Silence::None);
  EXPECT_EQ(after(Millis{1}), Silence::Suspect) << "and waits anew";
}

TEST_F(SilenceDetectorTest, SuspectsNobodyWithNothingUnderWay) {
  flow();
  ASSERT_EQ(after(Millis{110}), Silence::Suspect);
  stats(0);
  EXPECT_EQ(detector.silence(), Silence::None);
  EXPECT_FALSE(detector.deadline());
}

TEST_F(SilenceDetectorTest, SaysOnceThatTheSilenceIsLong) {
  flow();
  const auto since = now;
  ASSERT_EQ(after(Millis{110}), Silence::Suspect);
  EXPECT_EQ(*detector.deadline(), since + kLongSilence);
  now = since;
  EXPECT_EQ(after(kLongSilence - Duration{1}), Silence::Suspect);
  EXPECT_EQ(after(Duration{1}), Silence::Long);
  EXPECT_FALSE(detector.deadline());
  hear();
  EXPECT_EQ(detector.silence(), Silence::None);
}

TEST_F(SilenceDetectorTest, DoesNotTakeItsOwnPauseForSilence) {
  flow();
  EXPECT_EQ(after(Millis{110 + 200}), Silence::None) << "we stood still: what came meanwhile was not read yet";
  EXPECT_EQ(limit(), Millis{200});
  EXPECT_EQ(after(Millis{200 + 200}), Silence::Suspect) << "once; a loop that is always late must not trust for ever";
}

}  // namespace
}  // namespace footbridge::core
