// Volunteers that swallow their clients, and one who runs many to watch them (threat T2).
#include <algorithm>
#include <cstdio>
#include <gtest/gtest.h>
#include <set>

#include "crowd.hpp"

namespace footbridge::core {
namespace {

constexpr std::uint64_t kVolunteers = 600;  // each in a network of its own
constexpr Seconds kTenMinutes{600};
// Clients want one path each, or three. A third of the honest slots is in use in both. Who has a path tries newcomers
// with his next ones, and cannot be told from others when he comes back: that costs matches, and nobody a wait.
struct Demand {
  unsigned paths = 1;
  double clients_per_second = 0.4;
  double most_black = 0.05;     // of all matches, ten minutes after they came
  double most_harvest = 0.025;  // of all matches, an hour after he came
};
constexpr Demand kDemands[] = {{}, {3, 0.13, 0.15, 0.04}};

double black_share(const Crowd::Figures& figures) {
  const auto good = figures.matched[static_cast<std::size_t>(Nature::Honest)];
  return 1 - static_cast<double>(good) / static_cast<double>(figures.matches());
}

void print(const char* when, const Demand& demand, const Crowd::Figures& figures) {
  std::vector<double> attempts(figures.attempts.begin(), figures.attempts.end());
  std::printf("%s, %u paths: %zu connected, attempts p50 %.0f, p95 %.0f; black holes had %.1f %% of %zu matches\n",
              when, demand.paths, attempts.size(), quantile(attempts, 0.5), quantile(attempts, 0.95),
              100 * black_share(figures), figures.matches());
}

void expect_attempts(const Crowd::Figures& figures) {
  std::vector<double> attempts(figures.attempts.begin(), figures.attempts.end());
  EXPECT_LE(quantile(attempts, 0.5), 2);
  EXPECT_LE(quantile(attempts, 0.95), 4);
}

TEST(QualityWorld, OfThirtyPerCentBlackHolesHardlyAnybodyIsSeenAfterTenMinutesEvenWhenNobodyWasKnown) {
  for (const auto& demand : kDemands) {
    Crowd crowd(1, EgressReports::Yes, demand.paths);
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
    print("the first ten minutes, nobody known", demand, crowd.figures());
    expect_attempts(crowd.figures());
    crowd.forget();
    crowd.run(2 * kTenMinutes);
    print("twenty minutes later", demand, crowd.figures());
    expect_attempts(crowd.figures());
    EXPECT_LE(black_share(crowd.figures()), demand.most_black);
  }
}

TEST(QualityWorld, ThirtyPerCentBlackHolesThatJoinAWorkingNetworkGetHardlyAnybody) {
  for (const auto& demand : kDemands) {
    Crowd crowd(2, EgressReports::Yes, demand.paths);
    for (std::uint64_t i = 1; i <= kVolunteers * 7 / 10; ++i) crowd.add_volunteer(Nature::Honest, 1'000'000 + i, 3);
    crowd.run(Seconds{10});
    crowd.clients_come(demand.clients_per_second);
    crowd.run(Seconds{3'600});
    for (std::uint64_t i = 1; i <= kVolunteers * 3 / 10; ++i)
      crowd.add_volunteer(static_cast<Nature>(1 + i % 3), 2'000'000 + i, 3);
    crowd.forget();
    crowd.run(kTenMinutes);
    print("ten minutes with newcomers", demand, crowd.figures());
    expect_attempts(crowd.figures());
    crowd.forget();
    crowd.run(kTenMinutes);
    print("ten minutes later", demand, crowd.figures());
    EXPECT_LE(black_share(crowd.figures()), demand.most_black);
  }
}

// He carries, and as well as anybody: what he wants is to see who comes.
TEST(QualityWorld, WhoRunsAThirdOfTheVolunteersInOnePerCentOfTheNetworksMeetsTwoPerCentOfTheClients) {
  for (const auto& demand : kDemands) {
    constexpr std::uint64_t kHarvesters = 4;
    Crowd crowd(3, EgressReports::Yes, demand.paths);
    for (std::uint64_t i = 1; i <= 396; ++i) crowd.add_volunteer(Nature::Honest, 1'000'000 + i, 3);
    for (std::uint64_t i = 0; i < 200; ++i) crowd.add_volunteer(Nature::Honest, 1 + i % kHarvesters, 3);
    crowd.run(Seconds{10});
    crowd.clients_come(demand.clients_per_second);
    crowd.run(Seconds{3'600});
    crowd.forget();
    crowd.run(2 * Seconds{3'600});
    std::size_t his = 0;
    std::set<std::uint64_t> met;
    for (std::uint64_t prefix = 1; prefix <= kHarvesters; ++prefix) {
      his += crowd.figures().of_prefix.at(prefix);
      met.merge(std::set<std::uint64_t>(crowd.figures().seen_by.at(prefix)));
    }
    const auto share = static_cast<double>(his) / static_cast<double>(crowd.figures().matches());
    std::printf(
        "a third of the volunteers in 1 %% of the networks, %u paths: %.1f %% of %zu matches, %.1f %% of %zu clients\n",
        demand.paths, 100 * share, crowd.figures().matches(),
        100 * static_cast<double>(met.size()) / static_cast<double>(crowd.figures().clients.size()),
        crowd.figures().clients.size());
    EXPECT_LE(share, demand.most_harvest);
  }
}

}  // namespace
}  // namespace footbridge::core
