// Volunteers that swallow their clients, and one who runs many to watch them (threat T2).
#include <cstdio>
#include <gtest/gtest.h>
#include <set>
#include <vector>

#include "crowd.hpp"
#include "pooled.hpp"

namespace footbridge::core {
namespace {

constexpr std::uint64_t kVolunteers = 600;  // each in a network of its own
constexpr Seconds kTenMinutes{600};
constexpr Seconds kHour{3'600};
// Clients want one path each, or three. A third of the honest slots is in use in both. Who has a path tries newcomers
// with his next ones, and says which of them came to nothing.
struct Demand {
  unsigned paths = 1;
  double clients_per_second = 0.4;
  // Of all matches, on average of kSeeds worlds: two to three standard errors above what was measured.
  double most_of_cold_start = 0.075;  // black holes, ten to thirty minutes after a start without anybody known
  double most_of_newcomers = 0.075;   // black holes, ten to twenty minutes after they joined
  double most_harvest = 0.025;        // who harvests, an hour after he came
};
constexpr Demand kDemands[] = {{}, {3, 0.13, 0.08, 0.11, 0.035}};

// What the worlds of one case showed, each figure of each seed.
struct Seen {
  Pooled connected, attempts_p50, attempts_p95, matches, black;

  void add(const Crowd::Figures& figures) {
    const std::vector<double> attempts(figures.attempts.begin(), figures.attempts.end());
    connected.add(static_cast<double>(attempts.size()));
    attempts_p50.add(quantile(attempts, 0.5));
    attempts_p95.add(quantile(attempts, 0.95));
    matches.add(static_cast<double>(figures.matches()));
    const auto good = figures.matched[static_cast<std::size_t>(Nature::Honest)];
    black.add(1 - static_cast<double>(good) / static_cast<double>(figures.matches()));
  }
  void print(const char* when, const Demand& demand) const {
    std::printf(
        "%s, %u paths, %zu seeds: %.0f connected, attempts p50 %.1f, p95 %.1f; black holes had %.1f %% "
        "(standard error %.1f) of %.0f matches\n",
        when, demand.paths, static_cast<std::size_t>(kSeeds), connected.mean(), attempts_p50.mean(),
        attempts_p95.mean(), 100 * black.mean(), 100 * black.standard_error(), matches.mean());
  }
  void expect_attempts() const {
    EXPECT_LE(attempts_p50.mean(), 2);
    EXPECT_LE(attempts_p95.mean(), 4);
  }
};

TEST(QualityWorld, OfThirtyPerCentBlackHolesHardlyAnybodyIsSeenAfterTenMinutesEvenWhenNobodyWasKnown) {
  for (const auto& demand : kDemands) {
    Seen first, later;
    for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
      Crowd crowd(seed, EgressReports::Yes, demand.paths);
      for (std::uint64_t i = 1; i <= kVolunteers; ++i) {
        const auto nature = i % 10 == 0   ? Nature::Silent
                            : i % 10 == 1 ? Nature::Deaf
                            : i % 10 == 2 ? Nature::Liar
                                          : Nature::Honest;
        crowd.add_volunteer(nature, 1'000'000 + i, static_cast<std::uint32_t>(1 + i % 3));
      }
      crowd.run(Seconds{10});
      crowd.clients_come(demand.clients_per_second);
      crowd.run(kTenMinutes);
      first.add(crowd.figures());
      crowd.forget();
      crowd.run(2 * kTenMinutes);
      later.add(crowd.figures());
    }
    first.print("the first ten minutes, nobody known", demand);
    later.print("the next twenty", demand);
    first.expect_attempts();
    later.expect_attempts();
    EXPECT_LE(later.black.mean(), demand.most_of_cold_start);
  }
}

TEST(QualityWorld, ThirtyPerCentBlackHolesThatJoinAWorkingNetworkGetHardlyAnybody) {
  for (const auto& demand : kDemands) {
    Seen first, later;
    for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
      Crowd crowd(seed, EgressReports::Yes, demand.paths);
      for (std::uint64_t i = 1; i <= kVolunteers * 7 / 10; ++i) crowd.add_volunteer(Nature::Honest, 1'000'000 + i, 3);
      crowd.run(Seconds{10});
      crowd.clients_come(demand.clients_per_second);
      crowd.run(kHour);
      for (std::uint64_t i = 1; i <= kVolunteers * 3 / 10; ++i)
        crowd.add_volunteer(static_cast<Nature>(1 + i % 3), 2'000'000 + i, 3);
      crowd.forget();
      crowd.run(kTenMinutes);
      first.add(crowd.figures());
      crowd.forget();
      crowd.run(kTenMinutes);
      later.add(crowd.figures());
    }
    first.print("ten minutes with newcomers", demand);
    later.print("ten minutes later", demand);
    first.expect_attempts();
    later.expect_attempts();
    EXPECT_LE(later.black.mean(), demand.most_of_newcomers);
  }
}

// He carries, and as well as anybody: what he wants is to see who comes.
TEST(QualityWorld, WhoRunsAThirdOfTheVolunteersInOnePerCentOfTheNetworksMeetsTwoPerCentOfTheClients) {
  for (const auto& demand : kDemands) {
    constexpr std::uint64_t kHarvesters = 4;
    Pooled share, clients;
    for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
      Crowd crowd(seed, EgressReports::Yes, demand.paths);
      for (std::uint64_t i = 1; i <= 396; ++i) crowd.add_volunteer(Nature::Honest, 1'000'000 + i, 3);
      for (std::uint64_t i = 0; i < 200; ++i) crowd.add_volunteer(Nature::Honest, 1 + i % kHarvesters, 3);
      crowd.run(Seconds{10});
      crowd.clients_come(demand.clients_per_second);
      crowd.run(kHour);
      crowd.forget();
      crowd.run(2 * kHour);
      const auto& figures = crowd.figures();
      std::size_t his = 0;
      std::set<std::uint64_t> met;
      for (std::uint64_t prefix = 1; prefix <= kHarvesters; ++prefix) {
        if (!figures.of_prefix.contains(prefix)) continue;
        his += figures.of_prefix.at(prefix);
        met.merge(std::set<std::uint64_t>(figures.seen_by.at(prefix)));
      }
      share.add(static_cast<double>(his) / static_cast<double>(figures.matches()));
      clients.add(static_cast<double>(met.size()) / static_cast<double>(figures.clients.size()));
    }
    std::printf(
        "a third of the volunteers in 1 %% of the networks, %u paths, %zu seeds: %.1f %% (standard error %.1f) "
        "of the matches, %.1f %% (%.1f) of the clients\n",
        demand.paths, static_cast<std::size_t>(kSeeds), 100 * share.mean(), 100 * share.standard_error(),
        100 * clients.mean(), 100 * clients.standard_error());
    EXPECT_LE(share.mean(), demand.most_harvest);
  }
}

}  // namespace
}  // namespace footbridge::core
