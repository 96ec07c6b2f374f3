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
constexpr Seconds kHorizon = kHour + kNewcomers * kEvery;  // as long as the first of them was looked at

struct Demand {
  unsigned paths = 1;
  double clients_per_second = 0.14;
  // What was measured, and three standard errors.
  double least_met = 0;
  double most_until_met = 0;  // seconds, of the first quarter
  double least_proven = 0;
  double most_until_proven = 0;  // of the first fifth
};
constexpr Demand kDemands[] = {{1, 0.14, 0.32, 3'560, 0.25, 4'020}, {3, 0.046, 0.31, 3'570, 0.25, 4'410}};

// Those to whom it has not happened by the end count as the end: fewer must not look faster.
std::vector<double> with_the_others(std::vector<double> figure) {
  figure.resize(kNewcomers, std::chrono::duration<double>(kHorizon).count());
  return figure;
}

TEST(NewcomerWorld, WhoIsHonestIsUsedAndProvenSoon) {
  for (const auto& demand : kDemands) {
    Pooled met, until_met, proven, until_proven;
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
      until_met.add(quantile(with_the_others(figures.until_first), 0.25));
      proven.add(static_cast<double>(figures.until_proven.size()) / static_cast<double>(kNewcomers));
      until_proven.add(quantile(with_the_others(figures.until_proven), 0.2));
    }
    std::printf(
        "honest newcomers, %u paths, %zu seeds (standard errors): %.1f %% (%.1f) met somebody, a quarter within %.0f s "
        "(%.0f); %.1f %% (%.1f) proven, a fifth within %.0f s (%.0f)\n",
        demand.paths, static_cast<std::size_t>(kSeeds), 100 * met.mean(), 100 * met.standard_error(), until_met.mean(),
        until_met.standard_error(), 100 * proven.mean(), 100 * proven.standard_error(), until_proven.mean(),
        until_proven.standard_error());
    EXPECT_GE(met.mean(), demand.least_met);
    EXPECT_LE(until_met.mean(), demand.most_until_met);
    EXPECT_GE(proven.mean(), demand.least_proven);
    EXPECT_LE(until_proven.mean(), demand.most_until_proven);
  }
}

}  // namespace
}  // namespace footbridge::core
