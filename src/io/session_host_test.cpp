#include "io/session_host.hpp"

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <gtest/gtest.h>
#include <utility>

#include "io/session_pair_fixture.hpp"

namespace footbridge::io {
namespace {

using World = SessionPair;

Bytes pattern(std::size_t count) {
  SeededRng rng(7);
  return rng.bytes(count);
}

asio::awaitable<void> send_all(SessionStream& stream, const Bytes& data) {
  EXPECT_TRUE(co_await stream.write(data));
  stream.finish();
}

asio::awaitable<Bytes> read_all(SessionStream& stream) {
  Bytes got;
  while (co_await stream.readable() == SessionStream::Arrival::Bytes) {
    append(got, stream.peek());
    stream.consume(stream.peek().size());
  }
  co_return got;
}

asio::awaitable<void> echo_test(World& world, std::size_t count) {
  co_await world.up.wait();
  const auto data = pattern(count);
  auto stream = world.client->open(as_bytes(""));
  EXPECT_TRUE(stream);
  world.scope.spawn(send_all(*stream, data));
  const auto got = co_await read_all(*stream);
  EXPECT_EQ(got.size(), data.size());
  EXPECT_TRUE(got == data) << "bytes changed on the way";
}

TEST(SessionHost, CarriesAStreamBothWaysToItsEnd) {
  World world;
  world.dial();
  world.run(echo_test(world, 20U << 20));
  EXPECT_TRUE(world.overs.empty());
}

// Sends 8 MiB and does `harm`, once, when the first of them has arrived; all of them arrive nevertheless. `longest`:
// between two arrivals.
asio::awaitable<void> harm_test(World& world, std::function<void()> harm, Duration& longest) {
  co_await world.up.wait();
  const auto data = pattern(8U << 20);
  auto stream = world.client->open(as_bytes(""));
  world.scope.spawn(send_all(*stream, data));
  Bytes got;
  auto last = now();
  while (co_await stream->readable() == SessionStream::Arrival::Bytes) {
    longest = std::max(longest, now() - last);
    last = now();
    append(got, stream->peek());
    stream->consume(stream->peek().size());
    if (harm && got.size() > (1U << 20)) std::exchange(harm, nullptr)();
  }
  EXPECT_TRUE(got == data) << "bytes changed on the way";
}

TEST(SessionHost, LosesNoByteWhenItsPathDiesAndAnotherJoins) {
  World world;
  world.dial();
  Duration longest{};
  const auto harm = [&] {
    auto& first = world.pairs.front();
    first.near->cut();
    first.far->cut();
    first.client.reset();  // its bytes go back to the queue, at both ends
    first.egress.reset();
    world.dial(core::SessionGrant{world.id, world.token});
  };
  world.run(harm_test(world, harm, longest));
  EXPECT_EQ(world.pairs.size(), 2U);
}

asio::awaitable<void> download_test(World& world, std::size_t count, std::size_t lost) {
  world.serve = [count](std::unique_ptr<SessionStream> stream) -> asio::awaitable<void> {
    co_await read_all(*stream);
    co_await send_all(*stream, pattern(count));
  };
  co_await world.up.wait();
  auto stream = world.client->open(as_bytes("header"));
  stream->finish();
  EXPECT_EQ(co_await stream->readable(), SessionStream::Arrival::Bytes);
  world.pairs.front().near->cut();
  world.pairs.front().far->cut();
  world.pairs.front().client.reset();
  world.pairs.front().egress.reset();
  world.dial(core::SessionGrant{world.id, world.token});
  world.pairs.back().far->lost = lost;
  const auto got = co_await read_all(*stream);
  EXPECT_EQ(got.size(), count);
  EXPECT_TRUE(got == pattern(count)) << "bytes changed on the way";
}

// One of them is the OK, and the egress has datagrams of the session to send: none may arrive before it. The first
// eleven may be fillers, three or four are the handshake's.
TEST(SessionHost, LosesNoByteWhicheverMessageOfAJoiningPathIsLost) {
  for (std::size_t lost = 1; lost <= 25; ++lost) {
    SCOPED_TRACE("lost=" + std::to_string(lost));
    World world;
    world.dial();
    world.run(download_test(world, 1U << 20, lost));
    if (testing::Test::HasFailure()) return;
  }
}

TEST(SessionHost, RecoversFromAPathThatFallsSilentWhatIsUnderWayOnIt) {
  World world;
  world.dial();
  Duration longest{};
  const auto harm = [&] {  // neither end of the path is told anything; both have bytes under way on it
    world.pairs.front().near->cut();
    world.pairs.front().far->cut();
    world.dial(core::SessionGrant{world.id, world.token});
  };
  world.run(harm_test(world, harm, longest));
  EXPECT_LT(longest, core::kLongSilence);
  EXPECT_TRUE(world.overs.empty()) << "silence is no end";
  const auto told = [&](const SessionPath& path) {
    return std::ranges::count(world.silences, std::pair<SessionPath*, bool>{const_cast<SessionPath*>(&path), true});
  };
  EXPECT_GE(told(*world.pairs[0].client), 1);
  EXPECT_GE(told(*world.pairs[0].egress), 1);
  for (const auto* path : {world.pairs[0].client.get(), world.pairs[0].egress.get()})
    EXPECT_NE(path->silence(), core::Silence::None) << "how long the rest took is this machine's affair";
}

asio::awaitable<void> end_test(World& world) {
  co_await world.up.wait();
  auto stream = world.client->open(as_bytes(""));
  world.client->end();
  EXPECT_EQ(co_await stream->readable(), SessionStream::Arrival::Reset);
  EXPECT_FALSE(co_await stream->write(as_bytes("late")));
  asio::steady_timer wait(world.context);
  while (world.overs.size() < 2) {
    wait.expires_after(Millis{1});
    co_await wait.async_wait(asio::use_awaitable);
  }
}

TEST(SessionHost, TellsStreamsAndPathsWhenTheSessionEnds) {
  World world;
  world.dial();
  world.run(end_test(world));
  ASSERT_EQ(world.overs.size(), 2U);
  // The client's was. The egress may learn that it is over before it knows that its OK was heard.
  EXPECT_TRUE(std::ranges::any_of(world.overs, &PathOver::was_carrying));
}

TEST(SessionHost, RefusesAnEgressWithAnotherKey) {
  World world;
  world.pinned = quic::Identity::generate().value().pin();
  world.dial();
  world.context.run_for(Seconds{2});
  EXPECT_FALSE(world.is_client_up);
  ASSERT_FALSE(world.overs.empty());
  bool wrong_pin = false;
  for (const auto& over : world.overs) wrong_pin |= over.end.quic.kind == quic::CloseKind::WrongPin;
  EXPECT_TRUE(wrong_pin);
}

}  // namespace
}  // namespace footbridge::io
