// Newcomers of whom a third are of no use, with a tester and without (spec 16).
#include <cstdio>
#include <gtest/gtest.h>

#include "crowd.hpp"

namespace footbridge::core {
namespace {

constexpr std::uint64_t kKnown = 100;
constexpr Seconds kWarmUp{1'800};
constexpr Seconds kEvery{10};  // a newcomer
constexpr std::uint64_t kNewcomers = 360;

struct Hour {
  std::size_t black = 0, matches = 0;
  double first_p50 = 0, first_p95 = 0;
  std::size_t met = 0;  // honest newcomers that somebody was sent to
};

Nature nature_of(std::uint64_t newcomer) {
  switch (newcomer % 10) {
    case 0: return Nature::Silent;
    case 1: return Nature::Deaf;
    case 2: return Nature::Liar;
    default: return Nature::Honest;
  }
}

// A network that lives, with less room than people want, and an hour of newcomers.
Hour an_hour(bool tester) {
  Crowd crowd(3, EgressReports::Yes, 1);
  for (std::uint64_t i = 1; i <= kKnown; ++i) crowd.add_volunteer(Nature::Honest, 1'000'000 + i, 2);
  if (tester) crowd.add_tester();
  crowd.clients_come(0.35);
  crowd.run(kWarmUp);
  crowd.forget();
  for (std::uint64_t i = 0; i < kNewcomers; ++i) {
    crowd.add_volunteer(nature_of(i), 2'000'000 + i, 2);
    crowd.run(kEvery);
  }
  const auto& figures = crowd.figures();
  const auto good = figures.matched[static_cast<std::size_t>(Nature::Honest)];
  return {figures.matches() - good, figures.matches(), quantile(figures.until_first, 0.5),
          quantile(figures.until_first, 0.95), figures.until_first.size()};
}

TEST(TesterWorld, PeopleMeetHardlyAnyOfThoseWhoFailAndNewcomersAreUsedAsSoonAsBefore) {
  const auto without = an_hour(false), with = an_hour(true);
  for (const auto& [name, hour] : {std::pair("without a tester", without), std::pair("with one", with)})
    std::printf("%s: who fails had %zu of %zu matches; %zu honest newcomers met somebody, p50 %.0f s, p95 %.0f s\n",
                name, hour.black, hour.matches, hour.met, hour.first_p50, hour.first_p95);
  EXPECT_GT(without.black, 20U) << "or there is nothing to see";
  EXPECT_LE(with.black * 10, without.black);
  EXPECT_GE(with.met * 10, without.met * 9);
}

}  // namespace
}  // namespace footbridge::core
