// Volunteers that swallow their clients, and one who runs many to watch them (threat T2).
#include <algorithm>
#include <cstdio>
#include <gtest/gtest.h>

#include "crowd.hpp"

namespace footbridge::core {
namespace {

constexpr std::uint64_t kVolunteers = 600;  // each in a network of its own
constexpr Seconds kTenMinutes{600};
constexpr double kPerSecond = 0.4;  // a third of the honest slots are in use then

double black_share(const Crowd::Figures& figures) {
  const auto good = figures.matched[static_cast<std::size_t>(Nature::Honest)];
  return 1 - static_cast<double>(good) / static_cast<double>(figures.matches());
}

void print(const char* when, const Crowd::Figures& figures) {
  std::vector<double> attempts(figures.attempts.begin(), figures.attempts.end());
  std::printf("%s: %zu connected, attempts p50 %.0f, p95 %.0f; black holes had %.1f %% of %zu matches\n", when,
              attempts.size(), quantile(attempts, 0.5), quantile(attempts, 0.95), 100 * black_share(figures),
              figures.matches());
}

void expect_attempts(const Crowd::Figures& figures) {
  std::vector<double> attempts(figures.attempts.begin(), figures.attempts.end());
  EXPECT_LE(quantile(attempts, 0.5), 2);
  EXPECT_LE(quantile(attempts, 0.95), 4);
}

TEST(QualityWorld, WithThirtyPerCentBlackHolesClientsAreConnectedSoonEvenWhenNobodyIsKnownYet) {
  Crowd crowd(1);
  for (std::uint64_t i = 1; i <= kVolunteers; ++i) {
    const auto nature = i % 10 == 0   ? Nature::Silent
                        : i % 10 == 1 ? Nature::Deaf
                        : i % 10 == 2 ? Nature::Liar
                                      : Nature::Honest;
    crowd.add_volunteer(nature, 1'000'000 + i, static_cast<std::uint32_t>(1 + i % 3));
  }
  crowd.run(Seconds{10});
  crowd.clients_come(kPerSecond);
  crowd.run(kTenMinutes);
  print("the first ten minutes, nobody known", crowd.figures());
  expect_attempts(crowd.figures());
}

TEST(QualityWorld, ThirtyPerCentBlackHolesThatJoinAWorkingNetworkGetHardlyAnybody) {
  Crowd crowd(2);
  for (std::uint64_t i = 1; i <= kVolunteers * 7 / 10; ++i) crowd.add_volunteer(Nature::Honest, 1'000'000 + i, 3);
  crowd.run(Seconds{10});
  crowd.clients_come(kPerSecond);
  crowd.run(Seconds{3'600});
  for (std::uint64_t i = 1; i <= kVolunteers * 3 / 10; ++i)
    crowd.add_volunteer(static_cast<Nature>(1 + i % 3), 2'000'000 + i, 3);
  crowd.forget();
  crowd.run(kTenMinutes);
  print("ten minutes with newcomers", crowd.figures());
  expect_attempts(crowd.figures());
  crowd.forget();
  crowd.run(kTenMinutes);
  print("ten minutes later", crowd.figures());
  EXPECT_LE(black_share(crowd.figures()), 0.05);
}

// He carries, and as well as anybody: what he wants is to see who comes.
TEST(QualityWorld, WhoRunsManyVolunteersInAFewNetworksMeetsNoMoreClientsThanTheseMay) {
  constexpr std::uint64_t kHarvesters = 4;
  Crowd crowd(3);
  for (std::uint64_t i = 1; i <= 396; ++i) crowd.add_volunteer(Nature::Honest, 1'000'000 + i, 3);
  for (std::uint64_t i = 0; i < 200; ++i) crowd.add_volunteer(Nature::Honest, 1 + i % kHarvesters, 3);
  crowd.run(Seconds{10});
  crowd.clients_come(kPerSecond);
  crowd.run(Seconds{3'600});
  crowd.forget();
  crowd.run(Seconds{3'600});
  std::size_t his = 0;
  for (std::uint64_t prefix = 1; prefix <= kHarvesters; ++prefix) his += crowd.figures().of_prefix.at(prefix);
  const auto share = static_cast<double>(his) / static_cast<double>(crowd.figures().matches());
  std::printf("a third of the volunteers in 1 %% of the networks: %.1f %% of %zu matches\n", 100 * share,
              crowd.figures().matches());
  EXPECT_LE(share, 0.02 * static_cast<double>(kHarvesters));
}

}  // namespace
}  // namespace footbridge::core
