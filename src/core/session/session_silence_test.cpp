// What a session does about paths that fall silent: it knows within a fraction of a second, loses nothing, waits for
// nobody, and pays for a false alarm with a few bytes sent twice.
#include <gtest/gtest.h>

#include "core/session/session_world.hpp"

namespace footbridge::core {
namespace {

constexpr std::uint64_t kMiB = 1U << 20;

bool whole(Application& app, StreamId id, std::uint64_t bytes) {
  const auto& in = app.incoming[id];
  return in.read == bytes && in.finished == 1 && in.wrong == 0;
}

// A download over the world's paths, with the longest time in which it did not move.
struct Download {
  explicit Download(World& of, std::uint64_t total) : world(of), bytes(total), id(of.open()) {
    world.egress.on_event = [this](const SessionEvent& happened) {
      if (std::holds_alternative<event::Opened>(happened)) world.egress.write(world.now, id, bytes, true);
    };
    world.client.on_event = [this](const SessionEvent& happened) {
      if (!std::holds_alternative<event::Readable>(happened)) return;
      if (moved_at != TimePoint{}) longest_gap = std::max(longest_gap, world.now - moved_at);
      moved_at = world.now;
    };
  }
  bool done() { return whole(world.client, id, bytes); }
  std::uint64_t read() { return world.client.incoming[id].read; }

  World& world;
  std::uint64_t bytes;
  StreamId id;
  TimePoint moved_at{};
  Duration longest_gap{};
};

TEST(SessionSilence, GoesOnOverAnotherPathAFractionOfASecondAfterADeath) {
  for (const auto rtt : {20, 50, 100, 200}) {
    SCOPED_TRACE("rtt=" + std::to_string(rtt));
    World world;
    const auto dying = world.connect({Millis{rtt / 2}, Millis{2}});
    world.connect({Millis{50}, Millis{2}});
    Download download(world, 8 * kMiB);
    ASSERT_TRUE(world.run_until([&] { return download.read() > kMiB; }));
    world.kill(dying);
    ASSERT_TRUE(world.run_until([&] { return download.done(); }));
    EXPECT_LE(download.longest_gap, Millis{350});
    EXPECT_FALSE(world.egress_session.has_work(world.id_at(dying, 1)));
  }
}

TEST(SessionSilence, IsNoticedByBothEndsAndToldInThreeSteps) {
  World world;
  const auto path = world.connect();
  Download download(world, 8 * kMiB);
  ASSERT_TRUE(world.run_until([&] { return download.read() > kMiB; }));
  world.freeze(path, Seconds{5});
  const auto frozen_at = world.now;
  for (const int end : {0, 1}) {
    auto& told = world.app(end).silences;
    ASSERT_TRUE(world.run_until([&] { return told.size() == 1; }, Seconds{1})) << "end " << end;
    EXPECT_EQ(told.front().path, world.id_at(path, end));
    EXPECT_EQ(told.front().silence, Silence::Suspect);
    EXPECT_LE(world.now - frozen_at, kMostFirstSilence);
  }
  world.run_for(Seconds{4});
  for (const int end : {0, 1}) EXPECT_EQ(world.app(end).silences.back().silence, Silence::Long);
  ASSERT_TRUE(world.run_until([&] { return download.done(); }));
  for (const int end : {0, 1}) {
    EXPECT_EQ(world.app(end).silences.size(), 3U);
    EXPECT_EQ(world.app(end).silences.back().silence, Silence::None);
    EXPECT_EQ(world.session(end).stats().paths_suspected, 1U);
  }
}

TEST(SessionSilence, GoesOnAtOnceWhenItsOnlyPathIsHeardAgainAndRepeatsNothing) {
  World world;
  const auto path = world.connect();
  Download download(world, 8 * kMiB);
  ASSERT_TRUE(world.run_until([&] { return download.read() > kMiB; }));
  world.freeze(path, Millis{700});
  const auto back = world.now + Millis{700};
  ASSERT_TRUE(world.run_until([&] { return !world.egress.silences.empty(); }));
  ASSERT_TRUE(world.run_until([&] { return world.now >= back + Millis{1}; }));
  const auto sent = world.egress_session.stats().bytes_sent;
  world.run_for(Millis{40});
  EXPECT_GT(world.egress_session.stats().bytes_sent, sent) << "a round trip later new bytes are under way";
  ASSERT_TRUE(world.run_until([&] { return download.done(); }));
  EXPECT_EQ(world.client_session.stats().bytes_duplicate, 0U);
}

TEST(SessionSilence, CostsDuplicatesOnlyWhenTheAlarmWasFalse) {
  World world;
  const auto path = world.connect({Millis{20}, {}, 0, 0, 0, 64});
  world.connect({Millis{30}, {}, 0, 0, 0, 64});
  Download download(world, 16 * kMiB);
  ASSERT_TRUE(world.run_until([&] { return download.read() > kMiB; }));
  world.freeze(path, Millis{400});
  ASSERT_TRUE(world.run_until([&] { return download.done(); }));
  EXPECT_EQ(world.egress_session.stats().paths_suspected, 1U);
  EXPECT_LE(world.client_session.stats().bytes_duplicate, 64U * 1132) << "at most what was under way";
  EXPECT_LE(download.longest_gap, Millis{200});
}

// I10: the fastest path is the silent one. Young streams, and W, go by the slow one at once.
TEST(SessionSilence, MakesNothingWaitForASuspectPath) {
  World world;
  const auto fast = world.connect({Millis{5}});
  world.connect({Millis{100}});
  Download download(world, 16 * kMiB);
  ASSERT_TRUE(world.run_until([&] { return download.read() > kMiB; }));
  world.kill(fast);
  ASSERT_TRUE(world.run_until([&] { return !world.client.silences.empty() && !world.egress.silences.empty(); }));
  world.egress.on_event = [&](const SessionEvent& happened) {
    if (const auto* opened = std::get_if<event::Opened>(&happened))
      world.egress.write(world.now, opened->stream, 5'000, true);
  };
  const auto asked_at = world.now;
  const auto request = world.open();
  ASSERT_TRUE(world.run_until([&] { return whole(world.client, request, 5'000); }));
  EXPECT_LE(world.now - asked_at, Millis{300}) << "a round trip of the slow path, and no waiting for the fast one";
  ASSERT_TRUE(world.run_until([&] { return download.done(); }));
}

TEST(SessionSilence, SuspectsNoPathThatIsOnlyLossyOrUneven) {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    SCOPED_TRACE("seed=" + std::to_string(seed));
    World world(seed);
    world.connect({Millis{10}, Millis{5}, 0.01});
    world.connect({Millis{50}, Millis{20}, 0.01});
    world.connect({Millis{100}, Millis{30}});
    Download download(world, 8 * kMiB);
    ASSERT_TRUE(world.run_until([&] { return download.done(); }));
    for (int i = 0; i < 40; ++i) {  // and then a request now and then
      const auto id = world.open();
      world.client.write(world.now, id, 3'000, true);
      world.run_for(Millis{world.rng.between(0, 900)});
    }
    EXPECT_EQ(world.client_session.stats().paths_suspected + world.egress_session.stats().paths_suspected, 0U);
  }
}

}  // namespace
}  // namespace footbridge::core
