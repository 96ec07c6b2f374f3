// A session as its users see it: streams over paths that are good, bad, and gone.
#include <gtest/gtest.h>

#include "core/session/session_world.hpp"

namespace footbridge::core {
namespace {

constexpr std::uint64_t kMiB = 1U << 20;

bool all_read(const Application& app, StreamId id, std::uint64_t bytes) {
  const auto at = app.incoming.find(id);
  return at != app.incoming.end() && at->second.read == bytes && at->second.finished == 1;
}

TEST(Session, CarriesAStreamBothWaysAndEndsItOnce) {
  World world;
  world.connect();
  const auto id = world.open();
  world.client.write(world.now, id, 100'000, true);
  ASSERT_TRUE(world.run_until([&] { return !world.egress.opened.empty(); }));
  EXPECT_EQ(world.egress.opened, std::vector<StreamId>{id});
  world.egress.write(world.now, id, 300'000, true);
  ASSERT_TRUE(
      world.run_until([&] { return all_read(world.egress, id, 100'020) && all_read(world.client, id, 300'000); }));
  world.run_for(Seconds{5});
  EXPECT_EQ(world.client.incoming[id].wrong + world.egress.incoming[id].wrong, 0U);
  EXPECT_EQ(world.client.incoming[id].finished, 1);
  EXPECT_EQ(world.egress.incoming[id].finished, 1);
  for (const int end : {0, 1}) {
    EXPECT_EQ(world.session(end).stats().streams_live, 0U) << "both ends have let go";
    EXPECT_EQ(world.session(end).stats().memory_bytes, 0U) << "and hold no memory";
    EXPECT_EQ(world.session(end).stats().bytes_reinjected, 0U) << "nothing was lost, nothing is repeated";
    EXPECT_EQ(world.session(end).stats().bytes_duplicate, 0U);
  }
}

TEST(Session, SendsTheFirstBytesOfAStreamWithoutWaiting) {
  World world;
  world.connect();
  const auto id = world.open(20);
  ASSERT_TRUE(world.run_until([&] { return world.egress.incoming[id].read == 20; }));
  EXPECT_EQ(world.now.time_since_epoch(), Millis{20}) << "one way, not a round trip";
}

TEST(Session, FallsSilentWhenEverythingIsConfirmed) {
  World world;
  world.connect();
  const auto id = world.open();
  world.client.write(world.now, id, 5'000, false);
  world.run_for(Seconds{2});
  const auto sent = world.client_session.stats().datagrams_sent + world.egress_session.stats().datagrams_sent;
  EXPECT_EQ(world.client_session.stats().bytes_confirmed, 5'020U);
  EXPECT_FALSE(world.client_session.deadline());
  EXPECT_FALSE(world.egress_session.deadline());
  world.run_for(Seconds{60});
  EXPECT_EQ(world.client_session.stats().datagrams_sent + world.egress_session.stats().datagrams_sent, sent);
}

// I1 over many worlds: exactly the bytes, in order, the end once, whatever the paths do.
TEST(Session, DeliversExactlyItsBytesOverEveryKindOfBadPath) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE("seed=" + std::to_string(seed));
    World world(seed);
    PathWeather bad{Millis{10 + seed % 5 * 20},
                    Millis{seed % 4 * 30},
                    0.01 * static_cast<double>(seed % 10),
                    0.05,
                    0.05,
                    32,
                    seed % 3 == 0   ? 9056U
                    : seed % 3 == 1 ? 1132U
                                    : 200U};
    for (std::uint64_t path = 0; path <= seed % 3; ++path) world.connect(bad);
    std::vector<StreamId> ids;
    for (int i = 0; i < 5; ++i) {
      ids.push_back(world.open(30));
      world.client.write(world.now, ids.back(), 40'000, true);
    }
    world.egress.on_event = [&](const SessionEvent& happened) {
      if (const auto* opened = std::get_if<event::Opened>(&happened))
        world.egress.write(world.now, opened->stream, 150'000, true);
    };
    const auto done = [&] {
      return std::ranges::all_of(
          ids, [&](StreamId id) { return all_read(world.egress, id, 40'030) && all_read(world.client, id, 150'000); });
    };
    ASSERT_TRUE(world.run_until(done, Seconds{120}));
    for (const auto id : ids) EXPECT_EQ(world.client.incoming[id].wrong + world.egress.incoming[id].wrong, 0U);
    world.run_for(Seconds{20});
    EXPECT_EQ(world.client_session.stats().streams_live, 0U);
    EXPECT_EQ(world.egress_session.stats().streams_live, 0U);
    EXPECT_EQ(world.client_session.stats().memory_bytes + world.egress_session.stats().memory_bytes, 0U);
  }
}

// I3, I5: a path dies silently in mid-transfer; what it swallowed comes over the next one.
TEST(Session, ContinuesOnANewPathWithEveryByteAfterTheOldOneDied) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE("seed=" + std::to_string(seed));
    World world(seed);
    auto path = world.connect({Millis{30}, Millis{10}, 0.01, 0.01, 0.01});
    const auto id = world.open();
    world.client.write(world.now, id, 200'000, true);
    world.egress.on_event = [&](const SessionEvent& happened) {
      if (const auto* opened = std::get_if<event::Opened>(&happened))
        world.egress.write(world.now, opened->stream, 1'000'000, true);
    };
    // Every third time the new one has smaller packets: pieces must be split.
    for (int death = 0; death < 4; ++death) {
      world.run_for(Millis{100 + 37 * static_cast<int>(seed)});
      world.kill(path);
      world.run_for(Millis{500});
      world.close(path);
      world.run_for(Seconds{1});
      path = world.connect({Millis{40}, {}, 0.01, 0, 0, 64, death % 3 == 2 ? 300U : 9056U});
    }
    ASSERT_TRUE(
        world.run_until([&] { return all_read(world.egress, id, 200'020) && all_read(world.client, id, 1'000'000); }));
    EXPECT_EQ(world.client.incoming[id].wrong + world.egress.incoming[id].wrong, 0U);
    EXPECT_GT(world.egress_session.stats().bytes_reinjected, 0U);
  }
}

TEST(Session, WaitsTwoMinutesWithoutAPathAndThenEnds) {
  World world;
  const auto path = world.connect();
  world.run_for(Seconds{300});
  EXPECT_FALSE(world.client_session.ended()) << "a path without traffic is still a path";
  world.close(path);
  world.run_for(Seconds{119});
  EXPECT_FALSE(world.client_session.ended());
  const auto late = world.connect();
  world.run_for(Seconds{300});
  EXPECT_FALSE(world.client_session.ended()) << "a new path stops the clock";
  world.close(late);
  const auto gone = world.now;
  ASSERT_TRUE(world.run_until([&] { return world.client.ended && world.egress.ended; }, Seconds{200}));
  EXPECT_EQ(world.now - gone, Seconds{120});
  EXPECT_EQ(*world.client.ended, EndReason::NoPath);
  EXPECT_FALSE(world.client_session.open(world.now, {}));
  EXPECT_EQ(world.client_session.on_datagram(world.now, PathId{1}, {}).error(), SessionErrc::Ended);
}

TEST(Session, OpensStreamsBeforeTheFirstPathAndTheFirstLimits) {
  SessionConfig config;  // the peer's limits are not known yet
  World world(1, config);
  const auto id = world.open();
  world.client.write(world.now, id, 50'000, true);
  world.run_for(Seconds{3});
  world.connect();
  world.run_for(Seconds{1});
  EXPECT_TRUE(world.egress.incoming.empty()) << "no credit, no bytes";
  for (const int end : {0, 1}) world.session(end).raise_peer_limits(config.limits);
  EXPECT_TRUE(world.run_until([&] { return all_read(world.egress, id, 50'020); }));
}

TEST(Session, SurvivesAnEndThatFinishesOnlyItsOwnDirection) {
  World world;
  world.connect();
  const auto id = world.open();
  world.client.write(world.now, id, 10, true);
  ASSERT_TRUE(world.run_until([&] { return all_read(world.egress, id, 30); }));
  world.run_for(Seconds{60});
  EXPECT_EQ(world.client_session.stats().streams_live, 1U) << "half closed is not closed";
  world.egress.write(world.now, id, 500'000, true);
  EXPECT_TRUE(world.run_until([&] { return all_read(world.client, id, 500'000); }));
}

TEST(Session, ServesYoungStreamsDuringADownload) {
  World world;
  world.connect({Millis{20}, {}, 0, 0, 0, 16});
  const auto bulk = world.open();
  world.egress.on_event = [&](const SessionEvent& happened) {
    if (const auto* opened = std::get_if<event::Opened>(&happened))
      world.egress.write(world.now, opened->stream, opened->stream == bulk ? 50 * kMiB : 20'000, true);
  };
  world.run_for(Seconds{2});
  const auto start = world.now;
  const auto request = world.open();
  ASSERT_TRUE(world.run_until([&] { return all_read(world.client, request, 20'000); }));
  EXPECT_LE(world.now - start, Millis{160}) << "two windows of 16 packets and the way there, download or not";
}

TEST(Session, GoAwayStopsNewStreamsOnly) {
  World world;
  world.connect();
  const auto id = world.open();
  world.run_for(Seconds{1});
  world.egress_session.go_away(world.now, Seconds{300});
  ASSERT_TRUE(world.run_until([&] { return world.client.go_away.has_value(); }));
  EXPECT_EQ(*world.client.go_away, Seconds{300});
  EXPECT_FALSE(world.client_session.open(world.now, {}));
  world.egress.write(world.now, id, 1'000, true);
  EXPECT_TRUE(world.run_until([&] { return all_read(world.client, id, 1'000); }));
}

}  // namespace
}  // namespace footbridge::core
