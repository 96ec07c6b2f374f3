// How large packets are on real paths, on virtual time: they stay large while that does no harm, come down when it
// does, and what was sent in large ones is sent again in small ones where there is nothing else.
#include <gtest/gtest.h>

#include "core/path/packet_sizes.hpp"
#include "sim/stack/bulk.hpp"

namespace footbridge::sim {
namespace {

constexpr auto kF = core::kFragmentBytes;
constexpr std::uint64_t kPathBits = 20'000'000;

// A download over one path; answers how large the egress's packets are at its end.
std::size_t top_after(const PipeWeather& weather, Duration time, Pipe::Carrier carrier = {}) {
  TwoEnds world(1);
  world.client.when_session = [&](SessionAtEnd& session) {
    session.app().ask(world.now(), 0, kEndless);
    session.touch();
  };
  world.add_path(weather, std::move(carrier));
  world.run_for(time);
  EXPECT_EQ(world.client.wrong_bytes(), 0U);
  std::size_t top = 0;
  world.egress.for_each_path([&](PathAtEnd& path) { top = path.path().ladder()->top_bytes(); });
  return top;
}

TEST(PacketSize, StaysLargeWhereNothingIsLost) {
  for (const std::uint64_t bits : {5'000'000U, 20'000'000U, 100'000'000U}) {
    auto weather = chunked(Millis{50}, bits, 0);
    for (auto* link : {&weather.forth, &weather.back})  // a router's queue of a round trip, or of the usual least
      link->queue_bytes = std::max<std::size_t>(128 * 1024, bits / 8 / 20);
    EXPECT_EQ(top_after(weather, Seconds{10}), 8 * kF) << bits;
  }
}

TEST(PacketSize, StaysLargeWhereLargeAndSmallAreLostAlike) {
  auto weather = chunked(Millis{50}, kPathBits, 0.02);
  for (auto* link : {&weather.forth, &weather.back}) link->fragment_bytes = core::kMaxPacketBytes;
  EXPECT_EQ(top_after(weather, Seconds{20}), 8 * kF);
}

TEST(PacketSize, ComesDownWhereChunksAreLost) {
  EXPECT_EQ(top_after(chunked(Millis{50}, kPathBits, 0.01), Seconds{20}), kF);
}

TEST(PacketSize, ComesDownWithinSecondsWhereNothingLargePasses) {
  const auto carrier = [](std::size_t from, ByteView message) {
    std::vector<Pipe::Delivery> out;
    if (message.size() <= 2 * kF) out.push_back({1 - from, to_bytes(message), {}});
    return out;
  };
  EXPECT_EQ(top_after(straight(Millis{50}), Seconds{2}, carrier), kF);
}

// What was under way in large packets goes on in small ones: a range is cut where the packet ends.
TEST(PacketSize, SendsAgainInSmallPacketsWhatWasLostInLargeOnes) {
  TwoEnds world(1);
  std::uint64_t done = 0;
  world.client.when_session = [&](SessionAtEnd& session) {
    session.app().when_done = [&](TimePoint, core::StreamId, const Application::Stream&) { ++done; };
    session.app().ask(world.now(), 0, 3'000'000);
    session.touch();
  };
  const auto large = world.add_path(chunked(Millis{40}, kPathBits, 0));
  auto narrow = chunked(Millis{60}, kPathBits, 0);
  narrow.forth.max_message_bytes = narrow.back.max_message_bytes = quic::kHandshakePacketBytes;
  world.add_path(narrow);
  world.run_for(Millis{700});
  ASSERT_EQ(done, 0U);
  world.pipe(large)->cut(true);
  ASSERT_TRUE(world.run_until([&] { return done == 1; }, Seconds{20}));
  EXPECT_EQ(world.client.wrong_bytes(), 0U);
  EXPECT_GT(world.egress_session()->session().stats().bytes_reinjected, 8 * kF);
}

}  // namespace
}  // namespace footbridge::sim
