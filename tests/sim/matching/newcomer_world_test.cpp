// Honest volunteers that join a network that works: what keeps people from those who swallow must not keep these
// waiting (threat T2).
#include <cstdio>
#include <gtest/gtest.h>

#include "crowd.hpp"
#include "pooled.hpp"

namespace footbridge::core {
namespace {

constexpr std::uint64_t kKnown = 150;  // a third of whose slots are in use
constexpr std::uint64_t kNewcomers = 60;
constexpr Seconds kEvery{20};
constexpr Seconds kHour{3'600};

struct Demand {
  unsigned paths = 1;
  double clients_per_second = 0.14;
};
constexpr Demand kDemands[] = {{}, {3, 0.046}};

TEST(NewcomerWorld, WhoIsHonestIsUsedAndProvenSoon) {
  for (const auto& demand : kDemands) {
    Pooled met, met_p50, met_p95, proven, proven_p50, proven_p95;
    for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
      Crowd crowd(seed, EgressReports::Yes, demand.paths);
      for (std::uint64_t i = 1; i <= kKnown; ++i) crowd.add_volunteer(Nature::Honest, 1'000'000 + i, 3);
      crowd.run(Seconds{10});
      crowd.clients_come(demand.clients_per_second);
      crowd.run(kHour);
      crowd.forget();
      for (std::uint64_t i = 0; i < kNewcomers; ++i) {
        crowd.add_volunteer(Nature::Honest, 2'000'000 + i, 3);
        crowd.run(kEvery);
      }
      crowd.run(kHour);
      const auto& figures = crowd.figures();
      met.add(static_cast<double>(figures.until_first.size()) / static_cast<double>(kNewcomers));
      met_p50.add(quantile(figures.until_first, 0.5));
      met_p95.add(quantile(figures.until_first, 0.95));
      proven.add(static_cast<double>(figures.until_proven.size()) / static_cast<double>(kNewcomers));
      proven_p50.add(quantile(figures.until_proven, 0.5));
      proven_p95.add(quantile(figures.until_proven, 0.95));
    }
    std::printf(
        "honest newcomers, %u paths, %zu seeds: %.0f %% met somebody, p50 %.0f s (standard error %.0f), p95 %.0f s "
        "(%.0f); %.0f %% proven, p50 %.0f s, p95 %.0f s\n",
        demand.paths, static_cast<std::size_t>(kSeeds), 100 * met.mean(), met_p50.mean(), met_p50.standard_error(),
        met_p95.mean(), met_p95.standard_error(), 100 * proven.mean(), proven_p50.mean(), proven_p95.mean());
    EXPECT_GE(met.mean(), 0.3);
    EXPECT_LE(met_p50.mean(), 3'000);
    EXPECT_GE(proven.mean(), 0.2);
    EXPECT_LE(proven_p50.mean(), 3'000);
  }
}

}  // namespace
}  // namespace footbridge::core
