// Both protocols of port 5351 against a router on loopback, and the kernel's table of routes.
#include "io/portmap/gateway_way.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "crypto/system_rng.hpp"
#include "io/clock.hpp"
#include "io/portmap/fake_gateway.hpp"
#include "io/test_scope.hpp"

namespace footbridge::io {
namespace {

using core::MapFailure;
using Mood = FakeGateway::Mood;

struct GatewayWayTest : testing::Test {
  asio::io_context loop{1};
  SeededRng rng{3};
  FakeGateway router{loop.get_executor()};
  GatewayWay way{loop.get_executor(), rng, [] { return std::optional(FakeGateway::home()); }, router.port()};
  TestScope scope{loop.get_executor()};
  std::uint64_t last_id = 0;

  GatewayWayTest() { scope.spawn(router.serve()); }
  ~GatewayWayTest() override {
    router.close();
    loop.restart();
    loop.run();
  }
  PortMapWay::Answer ask(Seconds lifetime = core::PortLeases::kLease, std::uint16_t port = 61'000) {
    std::optional<PortMapWay::Answer> out;
    scope.spawn([](GatewayWay& asked, core::PortLeases::Question question,
                   std::optional<PortMapWay::Answer>& into) -> asio::awaitable<void> {
      into = co_await asked.ask(std::move(question));
    }(way, {++last_id, core::MapMethod::Gateway, port, std::nullopt, lifetime}, out));
    const auto limit = now() + Seconds{20};
    loop.restart();
    while (!out && now() < limit) loop.run_one_for(Millis{100});
    return out.value_or(PortMapWay::Answer(MapFailure::Silent));
  }
  static Private<Endpoint> at(std::uint16_t port) {
    return Private(Endpoint{IpAddress::parse("8.8.4.4").value(), port});
  }
};

TEST_F(GatewayWayTest, MapsAndReleasesByPcp) {
  const auto granted = ask();
  ASSERT_TRUE(granted);
  EXPECT_EQ(granted->external, at(60'000));
  EXPECT_EQ(granted->lifetime, Seconds{600});
  EXPECT_EQ(router.mapped.size(), 1U);
  EXPECT_TRUE(ask(Seconds{0}));
  EXPECT_TRUE(router.mapped.empty());
  EXPECT_EQ(router.asked, 2U);
}

TEST_F(GatewayWayTest, MayChangeItsMappingsAlsoWhenItComesBackToTheirRouter) {
  ASSERT_TRUE(ask());
  way.forget();
  ASSERT_TRUE(ask());
  ASSERT_TRUE(ask(Seconds{0}));
  ASSERT_EQ(router.nonces.size(), 3U);
  EXPECT_EQ(router.nonces[1], router.nonces[0]);
  EXPECT_EQ(router.nonces[2], router.nonces[0]);
  ASSERT_TRUE(ask());
  EXPECT_NE(router.nonces[3], router.nonces[0]) << "its mapping was ended";
}

TEST_F(GatewayWayTest, KeepsNoNonceOfAPortThatSomebodyElseHas) {
  router.mood = Mood::Taken;
  EXPECT_EQ(ask().error(), MapFailure::Taken);
  EXPECT_EQ(ask().error(), MapFailure::Taken);
  ASSERT_EQ(router.nonces.size(), 2U);
  EXPECT_NE(router.nonces[1], router.nonces[0]);
}

TEST_F(GatewayWayTest, SpeaksNatPmpWithARouterThatSaysItIsOlder) {
  router.mood = Mood::PmpOnly;
  const auto granted = ask();
  ASSERT_TRUE(granted);
  EXPECT_EQ(granted->external, at(59'000));
  EXPECT_EQ(router.asked, 3U);
  EXPECT_TRUE(ask(Seconds{0}));
  EXPECT_TRUE(router.mapped.empty());
  EXPECT_EQ(router.asked, 4U) << "it remembers what this router speaks";
}

TEST_F(GatewayWayTest, SpeaksNatPmpWithARouterThatSaysNothingToPcp) {
  router.mood = Mood::PmpOnlyAndSilent;
  EXPECT_TRUE(ask());
}

TEST_F(GatewayWayTest, RepeatsWhatWasLost) {
  router.lose = 2;
  EXPECT_TRUE(ask());
  EXPECT_EQ(router.asked, 3U);
}

TEST_F(GatewayWayTest, HearsNoAnswerToSomebodyElsesQuestion) {
  router.forged_first = true;
  const auto granted = ask();
  ASSERT_TRUE(granted);
  EXPECT_EQ(granted->external, at(60'000));
}

TEST_F(GatewayWayTest, TakesARefusalForAnAnswer) {
  router.mood = Mood::Refuses;
  const auto refused = ask();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error(), MapFailure::Refused);
  EXPECT_EQ(router.asked, 1U);
}

TEST_F(GatewayWayTest, GivesUpARouterThatIsSilent) {
  router.mood = Mood::Silent;
  const auto began = now();
  EXPECT_EQ(ask().error(), MapFailure::Silent);
  EXPECT_LT(now() - began, Seconds{10});
  EXPECT_EQ(router.asked, 6U);
}

TEST_F(GatewayWayTest, KnowsAtOnceThatNobodyListens) {
  router.close();
  const auto began = now();
  EXPECT_EQ(ask().error(), MapFailure::Silent);
  EXPECT_LT(now() - began, Millis{1'500});
}

TEST(HomeRouter, IsTheNextHopOfTheDefaultRouteWithTheLowestMetric) {
  constexpr std::string_view kHead =
      "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n";
  const auto gateway = [&](std::string rows) {
    const auto next = next_hop(std::string(kHead) + rows);
    return next ? std::optional(next->router) : std::nullopt;
  };
  EXPECT_EQ(gateway("w\t00000000\t0101A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0\n"
                    "e\t00000000\t0102A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n"),
            IpAddress::parse("192.168.2.1"));
  EXPECT_FALSE(gateway(""));
  EXPECT_FALSE(gateway("e\t0002A8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n")) << "no default route";
  EXPECT_FALSE(gateway("e\t00000000\t00000000\t0001\t0\t0\t0\t00000000\t0\t0\t0\n")) << "without a next hop";
  EXPECT_FALSE(gateway("e\t00000000\t0102A8C0\t0002\t0\t0\t0\t00000000\t0\t0\t0\n")) << "not up";
  EXPECT_FALSE(gateway("e\t00000000\tzz\t0003\t0\t0\t0\t00000000\n\n\t\t\nx")) << "nonsense";
  EXPECT_FALSE(next_hop(""));
}

TEST(HomeRouter, IsNoneWhereTheWorldIsReachedByAnotherWay) {
  constexpr std::string_view kRoutes = "Iface\n\ne\t00000000\t0102A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n";
  const auto router = IpAddress::parse("192.168.2.1").value();
  const auto home = IpAddress::parse("192.168.2.7");
  const auto found = [&](std::optional<IpAddress> to_router, std::optional<IpAddress> to_world) {
    return home_router_of(
        default_route_of(kRoutes, [&](const IpAddress& peer) { return peer == router ? to_router : to_world; }));
  };
  const auto one = found(home, home);
  ASSERT_TRUE(one);
  EXPECT_EQ(one->router.reveal_to_socket(), router);
  EXPECT_EQ(one->own.reveal_to_socket(), *home);
  EXPECT_FALSE(found(home, IpAddress::parse("10.8.0.2"))) << "a VPN";
  EXPECT_FALSE(found(home, std::nullopt)) << "a VPN that lets nothing pass";
  EXPECT_FALSE(found(std::nullopt, home));
  EXPECT_FALSE(found(IpAddress::parse("8.8.4.4"), IpAddress::parse("8.8.4.4"))) << "public";
}

}  // namespace
}  // namespace footbridge::io
