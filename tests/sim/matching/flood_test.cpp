// A thousand offers a second that nobody means, from ten networks (threat T3).
#include <cstdio>
#include <gtest/gtest.h>

#include "crowd.hpp"

namespace footbridge::core {
namespace {

constexpr std::uint64_t kNetworks = 10;
constexpr Seconds kSettles{600};
constexpr Seconds kSpan{120};

struct Flooded {
  double p95 = 0;  // seconds from an honest offer to its answer
  std::size_t held = 0;
};

Flooded run(bool attacked) {
  Crowd crowd(7, EgressReports::No, 1);
  for (std::uint64_t i = 1; i <= 300; ++i) crowd.add_volunteer(Nature::Honest, 1'000'000 + i, 3);
  crowd.run(Seconds{10});
  crowd.clients_come(0.7);
  crowd.run(kSettles);
  crowd.forget();
  if (attacked) crowd.flood(1'000, kNetworks);
  crowd.run(kSpan);
  return {quantile(crowd.figures().seconds, 0.95), crowd.most_flooded()};
}

TEST(FloodTest, OfAThousandOffersASecondFromTenNetworksHoldsFortySlotsAndMakesNobodyWait) {
  const auto idle = run(false);
  const auto attacked = run(true);
  std::printf("honest p95 to an answer: %.2f s alone, %.2f s in the flood, which held %zu slots at most\n", idle.p95,
              attacked.p95, attacked.held);
  EXPECT_LE(attacked.p95, 1.5 * idle.p95);
  EXPECT_LE(attacked.held, 4 * kNetworks);
}

}  // namespace
}  // namespace footbridge::core
