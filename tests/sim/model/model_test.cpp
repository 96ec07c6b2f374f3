// The model tier as a test: many seeds without a broken promise, the same seed twice, and single kinds of faults whose
// consequences are known. A seed that fails is replayed with footbridge sim --seed N.
#include <gtest/gtest.h>

#include "sim/model/world.hpp"

namespace footbridge::sim::model {
namespace {

Scenario only(std::vector<Fault> faults) {
  Scenario scenario;
  scenario.faults = std::move(faults);
  return scenario;
}

std::string told(const RunResult& result) {
  return result.finding ? std::string(name(result.finding->property)) + ": " + result.finding->what : "nothing";
}

TEST(Model, KeepsItsPromisesWhateverGoesWrong) {
  for (std::uint64_t seed = 1; seed <= FB_SIM_SEEDS; ++seed) {
    const auto result = run_seed({}, seed);
    EXPECT_FALSE(result.finding) << "footbridge sim --seed " << seed << " shows it; " << told(result);
  }
}

TEST(Model, GivesTheSameTraceForTheSameSeed) {
  const auto once = run_seed({}, 4711);
  EXPECT_EQ(once.hash, run_seed({}, 4711).hash);
  EXPECT_NE(once.hash, run_seed({}, 4712).hash);
}

TEST(Model, HashesTheSameWhetherSomebodyReadsOrNot) {
  std::size_t lines = 0;
  const auto read = run_seed({}, 4713, Trace(Trace::Detail::Packets, [&](const std::string&) { ++lines; }));
  EXPECT_EQ(read.hash, run_seed({}, 4713).hash);
  EXPECT_GT(lines, 1'000U);
}

TEST(Model, CompletesEveryStreamWhenNothingGoesWrong) {
  Scenario calm;
  calm.faulty = false;
  const auto result = run_seed(calm, 1);
  EXPECT_FALSE(result.finding) << told(result);
  const auto& streams = result.count.streams;
  EXPECT_GT(streams.opened, 200U);
  EXPECT_EQ(streams.completed, streams.opened);
}

// Volunteers may come and go as they like: no stream is lost with them.
TEST(Model, LosesNoStreamToVolunteers) {
  std::uint64_t faults = 0;
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    const auto result = run_seed(only({Fault::Loss, Fault::ProxyCrash, Fault::ProxyFreeze, Fault::ProxySlots,
                                       Fault::SilentDeath, Fault::LegReset}),
                                 seed);
    EXPECT_FALSE(result.finding) << told(result);
    EXPECT_EQ(result.count.streams.completed, result.count.streams.opened) << "seed " << seed;
    faults += result.count.faults;
  }
  EXPECT_GT(faults, 100U) << "the test shows nothing if nothing happens";
}

// What an egress forgets is lost, and everything else goes on.
TEST(Model, LosesOnlyWhatARestartedEgressHasForgotten) {
  std::uint64_t lost = 0;
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    const auto result = run_seed(only({Fault::EgressRestart}), seed);
    EXPECT_FALSE(result.finding) << told(result);
    const auto& streams = result.count.streams;
    EXPECT_EQ(streams.completed + streams.lost_with_session, streams.opened);
    lost += streams.lost_with_session;
  }
  EXPECT_GT(lost, 0U);
}

}  // namespace
}  // namespace footbridge::sim::model
