// A hundred small networks in which all kinds of things go wrong, over real QUIC (sim/stack/swarm.hpp). FB_SWARM_SEEDS
// says how many; FB_SWARM_SEED=N runs that one alone and prints what happens in it.
#include "sim/stack/swarm.hpp"

#include <cstdio>
#include <cstdlib>
#include <gtest/gtest.h>
#include <string>

namespace footbridge::sim {
namespace {

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const char* const given = std::getenv(variable);
  return given == nullptr ? otherwise : std::strtoull(given, nullptr, 10);
}

SwarmResult run(std::uint64_t seed, Trace trace = {}) { return Swarm(seed, {}, trace).run(); }

constexpr std::uint64_t kSeeds = 100;
constexpr std::uint64_t kRepeatEvery = 50;  // seeds that are run twice

TEST(Swarm, KeepsItsPromisesWhateverGoesWrong) {
  if (const auto seed = number_from("FB_SWARM_SEED", 0); seed != 0) {
    const auto result =
        run(seed, Trace(Trace::Detail::Story, [](const std::string& line) { std::puts(line.c_str()); }));
    EXPECT_FALSE(result.broken) << *result.broken;
    return;
  }
  SwarmResult sum;
  const auto seeds = number_from("FB_SWARM_SEEDS", kSeeds);
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    const auto result = run(seed);
    ASSERT_FALSE(result.broken) << "seed=" << seed << " " << *result.broken
                                << "; to see it: footbridge sim --tier stack --seed " << seed;
    if (seed % kRepeatEvery == 0) ASSERT_EQ(run(seed).hash, result.hash) << "seed=" << seed << " is not repeatable";
    sum.events += result.events;
    sum.bytes += result.bytes;
    sum.streams += result.streams;
    sum.paths += result.paths;
    sum.sessions += result.sessions;
    sum.deeds += result.deeds;
  }
  std::printf("seeds=%llu events=%llu MB=%llu streams=%llu paths=%llu sessions=%llu deeds=%llu\n",
              static_cast<unsigned long long>(seeds), static_cast<unsigned long long>(sum.events),
              static_cast<unsigned long long>(sum.bytes / 1'000'000), static_cast<unsigned long long>(sum.streams),
              static_cast<unsigned long long>(sum.paths), static_cast<unsigned long long>(sum.sessions),
              static_cast<unsigned long long>(sum.deeds));
}

}  // namespace
}  // namespace footbridge::sim
