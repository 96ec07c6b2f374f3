// The whole mapper against a router on loopback, with another way beside it that a test scripts.
#include "io/portmap/port_mapper.hpp"

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>
#include <vector>

#include "io/clock.hpp"
#include "io/portmap/fake_gateway.hpp"
#include "io/portmap/gateway_way.hpp"
#include "io/test_scope.hpp"

namespace footbridge::io {
namespace {

using core::MapFailure;
using Mood = FakeGateway::Mood;

class ScriptedWay final : public PortMapWay {
 public:
  std::vector<core::PortLeases::Question> asked;
  std::optional<Endpoint> grants;
  asio::awaitable<Answer> ask(core::PortLeases::Question question) override {
    asked.push_back(question);
    if (!grants) co_return MapFailure::Silent;
    co_return Grant{Private(*grants), question.lifetime};
  }
  void forget() override {}
};

struct PortMapperTest : testing::Test {
  asio::io_context loop{1};
  SeededRng rng{5};
  FakeGateway router{loop.get_executor()};
  TestScope scope{loop.get_executor()};
  ScriptedWay* upnp = nullptr;
  unsigned changes = 0;
  std::optional<PortMapper> mapper;

  PortMapperTest() { scope.spawn(router.serve()); }
  void start(std::size_t ports = 2) {
    auto scripted = std::make_unique<ScriptedWay>();
    upnp = scripted.get();
    auto gateway = std::make_unique<GatewayWay>(
        loop.get_executor(), rng, [] { return std::optional(FakeGateway::home()); }, router.port());
    mapper.emplace(loop.get_executor(), PortMapper::Config{.ports = ports, .allow_private = false},
                   PortMapper::Ways{std::move(gateway), std::move(scripted)}, rng, [this] { ++changes; });
    mapper->start();
  }
  template <class Condition>
  bool eventually(Condition condition) {
    const auto limit = now() + Seconds{20};
    loop.restart();
    while (!condition() && now() < limit) loop.run_one_for(Millis{50});
    return condition();
  }
  void close() {
    bool closed = false;
    scope.spawn([](PortMapper& closing, bool& done) -> asio::awaitable<void> {
      co_await closing.close();
      done = true;
    }(*mapper, closed));
    EXPECT_TRUE(eventually([&] { return closed; }));
    router.close();
    EXPECT_TRUE(eventually([&] { return scope.empty(); }));
  }
};

TEST_F(PortMapperTest, HasAPortForEachLinkAndTakesAllBackAtTheEnd) {
  start();
  ASSERT_TRUE(eventually([&] { return mapper->held() == 2; }));
  EXPECT_EQ(router.mapped.size(), 2U);
  EXPECT_GE(changes, 2U);
  const auto port = mapper->take();
  ASSERT_TRUE(port);
  EXPECT_EQ(port->external.reveal_to_socket().port, router.mapped.at(port->local_port));
  close();
  EXPECT_TRUE(router.mapped.empty()) << "also the one in use";
  EXPECT_TRUE(upnp->asked.empty());
}

TEST_F(PortMapperTest, TriesTheOtherWayWhereTheRouterRefuses) {
  router.mood = Mood::Refuses;
  start(1);
  upnp->grants = Endpoint::parse("8.8.4.4:61001");
  ASSERT_TRUE(eventually([&] { return mapper->held() == 1; }));
  EXPECT_EQ(mapper->method(), core::MapMethod::Upnp);
  close();
  ASSERT_EQ(upnp->asked.size(), 2U);
  EXPECT_EQ(upnp->asked.back().lifetime, Seconds{0});
}

TEST_F(PortMapperTest, TakesBackWhatLeadsToNoPublicAddress) {
  router.external = IpAddress::parse("100.64.3.2").value();
  start(1);
  ASSERT_TRUE(eventually([&] { return !upnp->asked.empty(); }));
  EXPECT_TRUE(router.mapped.empty());
  EXPECT_EQ(mapper->held(), 0U);
  EXPECT_FALSE(mapper->take());
  close();
}

TEST_F(PortMapperTest, EndsInTimeWhenTheRouterHasVanished) {
  start();
  ASSERT_TRUE(eventually([&] { return mapper->held() == 2; }));
  router.mood = Mood::Silent;
  const auto began = now();
  close();
  EXPECT_LT(now() - began, kReleaseLimit + Seconds{2});
}

TEST_F(PortMapperTest, TakesBackWhatWasGrantedWhileItWasBeingClosed) {
  router.lose = 1;  // the question is open for a while
  start(1);
  ASSERT_TRUE(eventually([&] { return router.asked == 1; }));
  router.mapped[1] = 1;  // seen to be another's
  close();
  EXPECT_EQ(router.asked, 2U) << "the end of what the router may have granted";
  EXPECT_EQ(router.mapped.size(), 1U);
}

TEST_F(PortMapperTest, BeginsAnewOnAnotherNetwork) {
  start(1);
  ASSERT_TRUE(eventually([&] { return mapper->held() == 1; }));
  const auto asked = router.asked;
  mapper->on_network_change(now());
  EXPECT_EQ(mapper->held(), 0U);
  ASSERT_TRUE(eventually([&] { return mapper->held() == 1; }));
  EXPECT_GT(router.asked, asked);
  close();
}

TEST_F(PortMapperTest, AsksAnotherNetworkForThePortOfALinkToo) {
  start(1);
  ASSERT_TRUE(eventually([&] { return mapper->held() == 1; }));
  const auto port = mapper->take();
  ASSERT_TRUE(port);
  asio::ip::udp::socket link(loop, {asio::ip::udp::v4(), port->local_port});
  mapper->on_network_change(now());
  EXPECT_TRUE(eventually([&] { return mapper->held() == 1; }));
  EXPECT_TRUE(upnp->asked.empty());
  close();
}

}  // namespace
}  // namespace footbridge::io
