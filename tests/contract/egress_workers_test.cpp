// An egress on several threads: which worker a leg ends at, and what the workers have in common.
#include <algorithm>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <vector>

#include "contract/egress_world.hpp"
#include "contract/held_thread.hpp"
#include "io/test_scope.hpp"
#include "io/with_deadline.hpp"

namespace footbridge::egress {
namespace {

using namespace std::chrono_literals;
using test::EgressClient;
using World = test::EgressWorld;

constexpr std::size_t kWorkers = World::kWorkers;

TEST(EgressWorkers, AllPathsOfASessionMeetOnTheWorkerOfItsShard) {
  World world;
  for (std::uint16_t shard = 0; shard < 2 * kWorkers; ++shard) {
    auto& client = world.client(shard);
    for (int path = 0; path < 4; ++path)
      ASSERT_TRUE(world.add_path(client)) << "a worker that does not know the session refuses to join it";
    EXPECT_EQ(client.paths(), 4U);
  }
  EXPECT_EQ(world.budget.sessions(), 2 * kWorkers);
  EXPECT_EQ(world.metrics.sessions_begun.value(), 2 * kWorkers);
  EXPECT_GT(world.metrics.legs_handed_over.value(), 0U) << "32 connections came to the right worker all by themselves";
  EXPECT_EQ(world.pool->connections(), 8 * kWorkers) << "a leg that moved keeps its place among the connections";
}

TEST(EgressWorkers, LegsOverUdpMeetThoseOverTcpThere) {
  World world;
  for (std::uint16_t shard = 0; shard < 2 * kWorkers; ++shard) {
    auto& client = world.client(shard);
    for (int path = 0; path < 4; ++path) {
      world.address.udp_port = path % 2 == 0 ? *world.pool->udp_port() : std::uint16_t{0};
      ASSERT_TRUE(world.add_path(client));
    }
    EXPECT_EQ(client.paths(), 4U);
  }
  EXPECT_EQ(world.metrics.sessions_begun.value(), 2 * kWorkers);
  EXPECT_EQ(world.metrics.udp_legs.value(), 4 * kWorkers);
  EXPECT_EQ(world.pool->connections(), 8 * kWorkers) << "a leg over UDP takes a place, too";
}

TEST(EgressWorkers, TheLegsOfANetworkOverUdpAreCountedToo) {
  World world(100, {.max_connections = 100, .max_per_prefix = 3, .exempt_loopback = false});
  world.address.udp_port = *world.pool->udp_port();
  for (std::uint16_t shard = 0; shard < 3; ++shard) EXPECT_TRUE(world.add_path(world.client(shard)));
  EXPECT_FALSE(world.add_path(world.client(3)));
}

TEST(EgressWorkers, ATokenIsGoodOnceWhicheverWorkerItIsShownTo) {
  World world;
  const auto url = world.client(1).url(MatchId::random(world.rng));
  std::vector<std::unique_ptr<ws::Leg>> legs;
  std::size_t answers = 0;
  io::TestScope scope(world.loop.executor());
  constexpr std::size_t kDials = 24;
  for (std::size_t i = 0; i < kDials; ++i)
    scope.spawn([](World& in, wire::Url to, auto& accepted, std::size_t& count) -> asio::awaitable<void> {
      auto leg = co_await ws::dial(in.connector, to, in.rng);
      if (leg) accepted.push_back(std::move(*leg));
      if (!leg) EXPECT_EQ(leg.error(), ws::DialErrc::NotAccepted);
      ++count;
    }(world, url, legs, answers));
  EXPECT_TRUE(world.loop.until([&] { return answers == kDials; }));
  EXPECT_EQ(legs.size(), 1U);
  EXPECT_EQ(world.metrics.legs_refused[core::LegRefusal::Used].value(), kDials - 1);
}

TEST(EgressWorkers, TheBoundOfSessionsIsThatOfAllWorkersTogether) {
  World world(3);
  for (std::uint16_t shard = 0; shard < 3; ++shard) EXPECT_TRUE(world.add_path(world.client(shard)));
  for (std::uint16_t shard = 0; shard < 4; ++shard) {
    auto& late = world.client(shard);
    EXPECT_FALSE(world.add_path(late));
    ASSERT_EQ(late.overs.size(), 1U);
    EXPECT_EQ(late.overs[0].refusal, wire::RefusalCode::Busy);
  }
}

TEST(EgressWorkers, TheConnectionsOfANetworkAreCountedByAllWorkersTogether) {
  constexpr std::size_t kMost = 3;
  World world(100, {.max_connections = 100, .max_per_prefix = kMost, .exempt_loopback = false});
  for (std::uint16_t shard = 0; shard < kMost; ++shard) EXPECT_TRUE(world.add_path(world.client(shard)));
  for (std::uint16_t shard = 0; shard < 2 * kWorkers; ++shard) EXPECT_FALSE(world.add_path(world.client(shard)));
  EXPECT_EQ(world.pool->connections(), kMost);
}

TEST(EgressWorkers, ADrainReachesEverySessionAndSaysWhenToComeBack) {
  World world;
  for (std::uint16_t shard = 0; shard < kWorkers; ++shard) ASSERT_TRUE(world.add_path(world.client(shard)));
  world.loop.run(world.drain(30s));
  EXPECT_TRUE(world.loop.until([&] {
    return std::ranges::all_of(world.clients, [](const auto& client) { return client->overs.size() == 1; });
  }));
  for (const auto& client : world.clients) {
    ASSERT_TRUE(client->overs[0].bye);
    EXPECT_EQ(client->overs[0].bye->code, wire::ByeCode::Draining);
    const Seconds hint{client->overs[0].bye->retry_after_seconds};
    EXPECT_GE(hint, 30s + kMinRestart);
    EXPECT_LE(hint, 30s + kMaxRestart);
  }
  EXPECT_EQ(world.budget.sessions(), 0U);
  EXPECT_EQ(world.pool->connections(), 0U);
  EXPECT_FALSE(world.add_path(world.client(0))) << "the door is closed";
}

TEST(EgressWorkers, AreAllSaidToTurnUnlessOneHangs) {
  World world;
  const auto all_turned = [&](Duration limit) {
    bool out = false;
    world.loop.run([](WorkerPool& pool, Duration within, bool& turned) -> asio::awaitable<void> {
      turned = co_await io::with_deadline(within, pool.all_turned());
    }(*world.pool, limit, out));
    return out;
  };
  EXPECT_TRUE(all_turned(5s));
  {
    const test::HeldThread stuck("egress-2");
    EXPECT_FALSE(all_turned(50ms));
    EXPECT_FALSE(all_turned(50ms)) << "the others' answers do not count twice";
  }
  EXPECT_TRUE(all_turned(5s));
  EXPECT_TRUE(all_turned(5s));
  world.loop.run(world.drain(0ms));
  EXPECT_TRUE(all_turned(5s)) << "nobody waits for threads that have ended";
}

TEST(EgressWorkers, DoNotShareThePortWithAnotherEgress) {
  World world;
  io::ListenOptions listen;
  listen.address = world.pool->local();
  const auto again = [&] {
    WorkerPool(
        world.loop.executor(), {2, listen},
        {world.identity, world.policy, nullptr, nullptr, world.budget, world.guard, world.cookies, world.metrics},
        [](const std::exception_ptr&) {});
  };
  EXPECT_THROW(again(), io::ListenError);
}

}  // namespace
}  // namespace footbridge::egress
