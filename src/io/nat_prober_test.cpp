// On loopback, with a STUN server of the test's own.
#include "io/nat_prober.hpp"

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>
#include <set>

#include "io/clock.hpp"
#include "io/test_stun_server.hpp"

namespace footbridge::io {
namespace {

using core::NatVerdict;
using wire::NatBehaviour;

constexpr Seconds kLimit{20};  // a loaded machine's; two to three are needed
const IpAddress kHere = *IpAddress::parse("127.0.0.1");

struct NatProberTest : ::testing::Test {
  core::NatReport probe(LocalAddresses local = {}) {
    std::optional<core::NatReport> out;
    core::NatDiscoveryTerms terms{.servers = {server.at(0)}, .own = {kHere}, .may_name = {.allow_private = true}};
    NatProber prober(context.get_executor(), terms, std::move(local), cache, rng,
                     [&](TimePoint, const core::NatReport& report) { out = report; });
    const auto until = now() + kLimit;
    while (!out && now() < until) {
      context.restart();
      context.run_one_for(Millis{50});
    }
    EXPECT_TRUE(out);
    return out.value_or(core::NatReport{});
  }

  asio::io_context context{1};
  SeededRng rng{5};
  core::NatCache cache{rng};
  TestStunServer server{context};
};

TEST_F(NatProberTest, FindsAnOpenNetworkWithAFreshPortForEachRound) {
  const auto report = probe();
  EXPECT_EQ(report.nat, (wire::Nat{NatBehaviour::EndpointIndependent, NatBehaviour::EndpointIndependent}));
  EXPECT_EQ(report.translated, false);
  EXPECT_EQ(std::set<Endpoint>(server.askers.begin(), server.askers.end()).size(), core::NatDiscovery::kSockets);
}

TEST_F(NatProberTest, FindsAFilter) {
  server.knocks = false;
  EXPECT_EQ(probe().verdict(), NatVerdict::Moderate);
}

TEST_F(NatProberTest, AsksOnceWhereItHasBeenBefore) {
  const auto report = probe();
  server.askers.clear();
  EXPECT_EQ(probe(), report);
  EXPECT_EQ(server.askers.size(), 1U);
}

TEST_F(NatProberTest, SendsOnlyFromTheAddressItIsGiven) {
  const auto mine = *IpAddress::parse("127.0.0.9");
  probe({.v4 = Private(mine), .v6 = std::nullopt});
  for (const auto& asker : server.askers) EXPECT_EQ(asker.address, mine);
  server.askers.clear();
  EXPECT_EQ(probe({.v4 = Private(*IpAddress::parse("192.0.2.1")), .v6 = std::nullopt}).verdict(), NatVerdict::NoUdp)
      << "an address that is not ours";
  EXPECT_TRUE(server.askers.empty());
}

TEST_F(NatProberTest, EndsQuietlyInTheMiddle) {
  server.knocks = false;  // it would wait
  core::NatDiscoveryTerms terms{.servers = {server.at(0)}, .own = {}, .may_name = {.allow_private = true}};
  {
    NatProber prober(context.get_executor(), terms, {}, cache, rng,
                     [](TimePoint, const core::NatReport&) { ADD_FAILURE(); });
    context.run_for(Millis{1});
  }
  context.restart();
  context.run_for(Millis{20});
}

}  // namespace
}  // namespace footbridge::io
