// The whole network in one process: what it carries, and that starting and stopping leaves nothing behind.
#include "contract/chain.hpp"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>

namespace footbridge::test {
namespace {

std::size_t entries(const char* directory) {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(directory), {}));
}

// RSS, from the second number of statm (pages of 4 KiB on what we build for).
std::size_t resident_bytes() {
  std::size_t total = 0;
  std::size_t resident = 0;
  std::ifstream("/proc/self/statm") >> total >> resident;
  return resident * 4096;
}

// A stop takes milliseconds; what it could wait for instead takes a minute.
constexpr Duration kStopLimit = Seconds{5};
// What an allocator may keep more of after a while; a leak of one object per cycle is larger after ten thousand.
constexpr std::size_t kMemoryNoise = 8U << 20;

Bytes noise(std::size_t count, std::uint64_t seed) { return SeededRng(seed).bytes(count); }

struct ChainTest : testing::Test {
  Chain chain;
  SelfTag somebody = SelfTag::random(chain.rng);
  SelfTag somebody_else = SelfTag::random(chain.rng);

  bool echoes(ChainClient& client, std::size_t bytes, std::uint64_t seed) {
    const auto data = noise(bytes, seed);
    Bytes got;
    chain.loop.run(
        [](Chain& world, ChainClient& from, const Bytes& what, Bytes& out) -> asio::awaitable<void> {
          out = co_await world.echo(from, what);
        }(chain, client, data, got),
        Seconds{60});
    return got == data;
  }
  // As a program does: from inside its loop. It may cancel coroutines.
  void set_slots(proxy::Volunteer& volunteer, std::size_t count) {
    chain.loop.run([](proxy::Volunteer& of, std::size_t to) -> asio::awaitable<void> {
      of.set_slots(to);
      co_return;
    }(volunteer, count));
  }
  Duration time_to_stop(ChainClient& client) {
    const auto from = io::now();
    chain.loop.run(client.stop());
    return io::now() - from;
  }
  Duration time_to_stop(proxy::Volunteer& volunteer) {
    const auto from = io::now();
    chain.loop.run(volunteer.close(Duration{0}));
    return io::now() - from;
  }
};

TEST_F(ChainTest, CarriesBytesToTheWebsiteAndBack) {
  auto volunteer = chain.make_volunteer(somebody_else);
  set_slots(*volunteer, 2);
  auto client = chain.make_client(somebody);
  client->start(chain.engine);
  EXPECT_TRUE(echoes(*client, 4U << 20, 1));
  EXPECT_TRUE(echoes(*client, 0, 2)) << "a stream without a byte ends, too";
  EXPECT_GT(volunteer->carried().down_bytes, 4U << 20);
  EXPECT_LT(time_to_stop(*client), kStopLimit);
  EXPECT_LT(time_to_stop(*volunteer), kStopLimit);
}

TEST_F(ChainTest, NeverMatchesAnInstallationWithItself) {
  auto own = chain.make_volunteer(somebody);
  set_slots(*own, 2);
  auto client = chain.make_client(somebody);
  client->start(chain.engine);
  EXPECT_FALSE(chain.loop.until([&] { return client->keeper.session() != nullptr; }, Seconds{3}));
  EXPECT_EQ(own->helping(), 0U);
  auto other = chain.make_volunteer(somebody_else);
  set_slots(*other, 1);
  EXPECT_TRUE(echoes(*client, 1000, 3)) << "another's volunteer is taken as soon as there is one";
  EXPECT_EQ(own->carried().up_bytes, 0U);
  time_to_stop(*client);
  time_to_stop(*own);
  time_to_stop(*other);
}

TEST_F(ChainTest, ChangesItsSlotsWhileItRelays) {
  auto volunteer = chain.make_volunteer(somebody_else);
  set_slots(*volunteer, 1);
  auto first = chain.make_client(somebody);
  first->start(chain.engine);
  EXPECT_TRUE(echoes(*first, 1000, 4));
  set_slots(*volunteer, 10);
  auto second = chain.make_client(SelfTag::random(chain.rng));
  second->start(chain.engine);
  EXPECT_TRUE(echoes(*second, 1000, 5));
  EXPECT_EQ(volunteer->helping(), 2U);
  set_slots(*volunteer, 1);
  EXPECT_TRUE(echoes(*first, 1U << 20, 6));
  EXPECT_TRUE(echoes(*second, 1U << 20, 7)) << "the surplus may finish";
  time_to_stop(*first);
  time_to_stop(*second);
  EXPECT_TRUE(chain.loop.until([&] { return volunteer->helping() == 0; }));
  time_to_stop(*volunteer);
}

// A reload or an admin command may come while a volunteer drains: nobody new may come in by that.
TEST_F(ChainTest, OpensNoSlotAgainOnceItIsLeaving) {
  auto volunteer = chain.make_volunteer(somebody_else);
  set_slots(*volunteer, 1);
  auto client = chain.make_client(somebody);
  client->start(chain.engine);
  EXPECT_TRUE(echoes(*client, 1000, 8));
  io::TestScope leaving(chain.executor());
  leaving.spawn(volunteer->close(Seconds{60}));
  chain.loop.settle();
  set_slots(*volunteer, 5);
  EXPECT_EQ(volunteer->slots(), 0U);
  chain.loop.settle(Millis{100});
  EXPECT_EQ(chain.broker_door.parked_polls(), 0U);
  time_to_stop(*client);
  EXPECT_TRUE(chain.loop.until([&] { return leaving.empty(); }));
}

// FB_CYCLES: how often somebody comes and goes; beyond a thousand it also tells whether memory grows.
TEST_F(ChainTest, LeavesNothingBehindWhenPeopleComeAndGo) {
  const char* wanted = std::getenv("FB_CYCLES");
  const int cycles = wanted != nullptr ? std::atoi(wanted) : 100;
  const bool many = cycles >= 1'000;
  const int warm_up = many ? cycles / 10 : 5;  // caches and allocators have their size by then
  std::size_t descriptors = 0;
  std::size_t threads = 0;
  std::size_t memory = 0;
  Duration slowest{};
  for (int cycle = 0; cycle < warm_up + cycles; ++cycle) {
    auto volunteer = chain.make_volunteer(somebody_else);
    set_slots(*volunteer, 1);
    auto client = chain.make_client(somebody);
    client->start(chain.engine);
    ASSERT_TRUE(echoes(*client, 1000, static_cast<std::uint64_t>(cycle))) << "cycle " << cycle;
    slowest = std::max({slowest, time_to_stop(*client), time_to_stop(*volunteer)});
    client.reset();
    volunteer.reset();
    chain.loop.until([&] { return chain.sessions.size() == 0 && chain.site.connections() == 0; });
    chain.loop.settle(Millis{5});
    if (cycle == warm_up) {
      descriptors = entries("/proc/self/fd");
      threads = entries("/proc/self/task");
      memory = resident_bytes();
    }
    if (many && cycle % (cycles / 10) == 0)
      std::printf("cycle %d: %zu descriptors, %zu threads, %zu KiB\n", cycle, entries("/proc/self/fd"),
                  entries("/proc/self/task"), resident_bytes() / 1024);
  }
  EXPECT_LE(slowest, kStopLimit);
  EXPECT_TRUE(chain.loop.until([&] { return entries("/proc/self/fd") <= descriptors; }))
      << entries("/proc/self/fd") << " descriptors instead of " << descriptors;
  EXPECT_EQ(entries("/proc/self/task"), threads);
  EXPECT_EQ(chain.sessions.size(), 0U);
  EXPECT_EQ(chain.egress_metrics.sessions.value() + chain.egress_metrics.paths.value(), 0);
  EXPECT_EQ(chain.volunteer_metrics.clients.value(), 0);
  EXPECT_EQ(chain.broker_door.parked_polls(), 0U);
  if (many) EXPECT_LE(resident_bytes(), memory + kMemoryNoise) << "memory grows with those who were here";
}

// What a full datagram of a download spends on our own framing, session and pipe, seen from the pipes themselves.
TEST_F(ChainTest, SpendsAtMostSixteenBytesOnFramingAPacket) {
  static_assert(wire::kMaxDataOverheadBytes <= 16);
  auto volunteer = chain.make_volunteer(somebody_else);
  set_slots(*volunteer, 1);
  auto client = chain.make_client(somebody);
  client->start(chain.engine);
  ASSERT_TRUE(echoes(*client, 1000, 1));  // the path stands, its first fillers have been
  const auto before = volunteer->carried();
  constexpr std::size_t kPayload = 16U << 20;
  ASSERT_TRUE(echoes(*client, kPayload, 2));
  const auto after = volunteer->carried();
  const auto per_message = [](std::uint64_t bytes, std::uint64_t messages) {
    return (static_cast<double>(bytes) - static_cast<double>(kPayload)) / static_cast<double>(messages);
  };
  const auto up = per_message(after.up_bytes - before.up_bytes, after.up_messages - before.up_messages);
  const auto down = per_message(after.down_bytes - before.down_bytes, after.down_messages - before.down_messages);
  std::printf("around the payload of a message: %.1f bytes up, %.1f down, of which QUIC %zu\n", up, down,
              quic::kPacketOverheadBytes);
  // Acknowledgements and windows of the other direction are in it, too: they are messages of their own.
  EXPECT_LE(up, 16.0 + quic::kPacketOverheadBytes);
  EXPECT_LE(down, 16.0 + quic::kPacketOverheadBytes);
  time_to_stop(*client);
  time_to_stop(*volunteer);
}

// FB_SOAK_SECONDS: how long; the daily tests take a short look.
TEST_F(ChainTest, SurvivesAnyOrderOfStartsAndStops) {
  const char* wanted = std::getenv("FB_SOAK_SECONDS");
  const auto until = io::now() + Seconds{wanted != nullptr ? std::atoi(wanted) : 5};
  SeededRng dice(42);
  auto volunteer = chain.make_volunteer(somebody_else);
  auto client = chain.make_client(somebody);
  bool running = false;
  unsigned moves = 0;
  while (io::now() < until) {
    ++moves;
    switch (dice.between(0, 5)) {
      case 0:
      case 1: set_slots(*volunteer, dice.between(0, 10)); break;
      case 2:
        ASSERT_LT(time_to_stop(*volunteer), kStopLimit);
        volunteer = chain.make_volunteer(somebody_else);
        break;
      case 3:
        if (!std::exchange(running, true)) client->start(chain.engine);
        break;
      case 4:
        ASSERT_LT(time_to_stop(*client), kStopLimit);
        client = chain.make_client(somebody);
        running = false;
        break;
      case 5: chain.loop.settle(Millis{static_cast<std::int64_t>(dice.between(0, 120))}); break;
    }
  }
  RecordProperty("moves", std::to_string(moves));
  time_to_stop(*client);
  time_to_stop(*volunteer);
  volunteer = chain.make_volunteer(somebody_else);
  set_slots(*volunteer, 1);
  client = chain.make_client(somebody);
  client->start(chain.engine);
  EXPECT_TRUE(echoes(*client, 1000, 9)) << "after all that a start is a start";
  time_to_stop(*client);
  time_to_stop(*volunteer);
}

}  // namespace
}  // namespace footbridge::test
