// Losing volunteers, sessions and egresses, with real sessions over a nearby network.
#include "programs/client/path_keeper.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "io/clock.hpp"
#include "programs/client/nearby_world.hpp"

namespace footbridge::client {
namespace {

struct Transfer {
  std::size_t bytes = 0;
  bool ended_well = false;
  bool over = false;
};

// Downloads /big through the tunnel.
asio::awaitable<void> download(NearbyWorld& world, Transfer& transfer) {
  auto opened = co_await world.tunnel.open({IpAddress::v4(0x7f000001), world.site.port()}, io::now() + Seconds{10});
  EXPECT_TRUE(opened.ok());
  if (!opened.ok()) co_return;
  const auto stream = std::move(opened).value();
  co_await stream->write(as_bytes("GET /big HTTP/1.1\r\n\r\n"));
  for (;;) {
    const auto arrival = co_await stream->readable();
    if (arrival != io::SessionStream::Arrival::Bytes) {
      transfer.ended_well = arrival == io::SessionStream::Arrival::End;
      break;
    }
    const auto count = stream->peek().size();
    transfer.bytes += count;
    stream->consume(count);
  }
  transfer.over = true;
}

TEST(PathKeeper, KeepsThreePathsOfOneSession) {
  NearbyWorld world;
  ASSERT_TRUE(world.run_until([&] { return world.keeper.carrying() == core::kTargetPaths; }));
  world.run_until([] { return false; }, Millis{100});
  EXPECT_EQ(world.keeper.state(), PathKeeper::State::Kept);
  EXPECT_EQ(world.network.searches, 2U) << "the first path alone, then the others together";
  EXPECT_EQ(world.network.last_avoided.size(), 1U) << "the others are other volunteers";
  EXPECT_EQ(world.network.live_links(), core::kTargetPaths);
  EXPECT_EQ(world.network.sessions_begun, 1U);
}

TEST(PathKeeper, GoesOnWithTheSessionWhenAVolunteerLeaves) {
  NearbyWorld world;
  Transfer transfer;
  world.scope.spawn(download(world, transfer));
  ASSERT_TRUE(world.run_until([&] { return transfer.bytes > 1'000'000; }));
  world.network.lose_volunteers();
  ASSERT_TRUE(world.run_until([&] { return transfer.bytes > 4'000'000; }));
  world.network.lose_volunteers();
  ASSERT_TRUE(world.run_until([&] { return transfer.over; }));
  EXPECT_TRUE(transfer.ended_well);
  EXPECT_GE(transfer.bytes, NearbySite::kBigBytes);
  EXPECT_EQ(world.network.sessions_begun, 1U);
}

TEST(PathKeeper, BeginsANewSessionWhenTheEgressForgotTheOldOne) {
  NearbyWorld world;
  Transfer transfer;
  world.scope.spawn(download(world, transfer));
  ASSERT_TRUE(world.run_until([&] { return transfer.bytes > 1'000'000; }));
  world.network.forget_sessions();
  ASSERT_TRUE(world.run_until([&] { return transfer.over; }));
  EXPECT_FALSE(transfer.ended_well) << "what was lost must not look like an end";
  EXPECT_EQ(world.run("curl -sS -x http://$P http://127.0.0.1:$S/small").output, "hello");
  EXPECT_EQ(world.network.sessions_begun, 2U);
}

TEST(PathKeeper, OpensNewStreamsElsewhereWhenTheEgressLeaves) {
  NearbyWorld world;
  Transfer transfer;
  world.scope.spawn(download(world, transfer));
  ASSERT_TRUE(world.run_until([&] { return transfer.bytes > 1'000'000; }));
  world.network.drain_egress();
  EXPECT_TRUE(world.run_until([&] { return world.network.sessions_begun == 2; }));
  ASSERT_TRUE(world.run_until([&] { return transfer.over; }));
  EXPECT_TRUE(transfer.ended_well) << "what is running ends in peace";
  EXPECT_EQ(world.run("curl -sS -x http://$P http://127.0.0.1:$S/small").output, "hello");
}

TEST(PathKeeper, NamesAWrongKeyAndSendsItNothing) {
  NearbyWorld world(Seconds{1}, true, quic::Identity::generate().value().pin());
  EXPECT_TRUE(world.run_until([&] { return world.troubles.current() == Trouble::WrongKey; }));
  EXPECT_EQ(world.network.sessions_begun, 0U);
  EXPECT_EQ(world.log.count("egress-not-trusted"), 1U);
}

TEST(PathKeeper, TriesAnotherVolunteerAtOnceAndThenMoreSlowly) {
  NearbyWorld world(Seconds{1}, false);
  world.network.links_fail = true;
  world.keeper.start(io::now(), world.network, world.network.make_link());
  ASSERT_TRUE(world.run_until([&] { return world.keeper.state() == PathKeeper::State::Pausing; }));
  EXPECT_EQ(world.network.searches, 2U);
  EXPECT_EQ(world.network.last_avoided.size(), 1U) << "the one that failed is not asked for again";
  world.run_until([] { return false; }, Millis{300});
  EXPECT_EQ(world.network.searches, 2U) << "a broken network must not become a flood";
  EXPECT_EQ(world.troubles.current(), Trouble::LinkFailed);
  world.network.links_fail = false;
  EXPECT_TRUE(world.run_until([&] { return world.keeper.carrying() == 1; }));
}

using Words = std::vector<std::string>;

TEST(PathKeeper, TellsHowItsSessionCameToBe) {
  NearbyWorld world;
  ASSERT_TRUE(world.run_until([&] { return world.keeper.carrying() == core::kTargetPaths; }));
  EXPECT_EQ(world.news.words, (Words{"searching", "volunteer-found", "connected"})) << "further volunteers are no news";
}

TEST(PathKeeper, TellsThatAllVolunteersWentAwayAndThatAnotherOneCame) {
  NearbyWorld world;
  ASSERT_TRUE(world.run_until([&] { return world.keeper.carrying() == core::kTargetPaths; }));
  world.news.words.clear();
  world.network.lose_volunteers();
  ASSERT_TRUE(world.run_until([&] { return world.news.words.size() >= 7; }));
  const Words expected{"volunteer-lost",  "volunteer-lost",     "volunteer-lost", "path-lost",
                       "volunteer-found", "volunteer-replaced", "recovered"};
  EXPECT_EQ(world.news.words, expected);
}

TEST(PathKeeper, TellsThatTheEgressForgotTheSessionAndThatThereIsAnotherOne) {
  NearbyWorld world;
  ASSERT_TRUE(world.run_until([&] { return world.keeper.carrying() == core::kTargetPaths; }));
  world.news.words.clear();
  world.network.forget_sessions();
  ASSERT_TRUE(world.run_until([&] { return world.network.sessions_begun == 2; }));
  ASSERT_TRUE(world.run_until([&] { return world.keeper.carrying() == core::kTargetPaths; }));
  const auto ended = std::ranges::find(world.news.words, "session-ended");
  ASSERT_NE(ended, world.news.words.end());
  EXPECT_EQ(std::ranges::count(world.news.words, "session-ended"), 1);
  EXPECT_NE(std::find(ended, world.news.words.end(), "connected"), world.news.words.end());
  EXPECT_EQ(std::ranges::count(world.news.words, "volunteer-replaced"), 0);
}

TEST(PathKeeper, BlamesNoVolunteerForASessionThatTheEgressEnds) {
  NearbyWorld world;
  ASSERT_TRUE(world.run_until([&] { return world.keeper.carrying() == core::kTargetPaths; }));
  world.news.words.clear();
  world.network.leave_paths(wire::ByeCode::Draining);
  ASSERT_TRUE(world.run_until([&] { return world.network.sessions_begun == 2; }));
  ASSERT_TRUE(world.run_until([&] { return world.keeper.carrying() == core::kTargetPaths; }));
  EXPECT_EQ(std::ranges::count(world.news.words, "session-ended"), 1);
  EXPECT_EQ(std::ranges::count(world.news.words, "volunteer-lost"), 0);
}

TEST(PathKeeper, RestsWhenStoppedInAnyState) {
  for (const bool hang : {false, true}) {
    NearbyWorld world(Seconds{1}, false);
    world.network.links_hang = hang;
    world.keeper.start(io::now(), world.network, world.network.make_link());
    for (int turns = 0; turns < 60; ++turns) {
      world.context.restart();
      for (int i = 0; i < turns; ++i) world.context.poll_one();
      world.keeper.stop(io::now());
      world.keeper.stop(io::now());
      ASSERT_TRUE(world.run_until([&] { return world.keeper.state() == PathKeeper::State::Resting; }, Seconds{1}));
      EXPECT_EQ(world.network.live_links(), 0U);
      world.keeper.start(io::now(), world.network, world.network.make_link());
    }
  }
}

}  // namespace
}  // namespace footbridge::client
