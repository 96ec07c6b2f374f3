#include "quic/path.hpp"

#include <gtest/gtest.h>
#include <map>

#include "quic/test_world.hpp"

namespace footbridge::quic {
namespace {

constexpr auto kRtt = Millis{100};

bool both_established(const TestWorld& world) {
  return world.client.established_at.has_value() && world.egress.established_at.has_value();
}

TEST(Path, IsEstablishedAfterOneRoundTrip) {
  TestWorld world;
  const auto start = world.now;
  world.open();
  world.run(Seconds{1});
  ASSERT_TRUE(both_established(world));
  EXPECT_EQ(*world.client.established_at - start, kRtt);
  EXPECT_EQ(*world.egress.established_at - start, kRtt * 3 / 2);
  EXPECT_EQ(world.client.closed_times, 0);
}

TEST(Path, SurvivesLostFirstPackets) {
  for (int lost = 1; lost <= 3; ++lost) {
    TestWorld world(static_cast<std::uint64_t>(lost));
    int packets = 0;
    world.fault = [&](const TestEnd&, Bytes& m) { return core::is_packet(m) && ++packets <= lost; };
    const auto start = world.now;
    world.open();
    world.run(Seconds{10});
    ASSERT_TRUE(both_established(world)) << lost;
    if (lost > 1) continue;
    EXPECT_LT(*world.client.established_at - start, Millis{500}) << "3 x initial RTT, then one RTT";
  }
}

TEST(Path, CarriesControlBothWaysInOrder) {
  TestWorld world;
  world.client.when_established = [&](TimePoint now) {
    EXPECT_TRUE(world.client.path->send_control(now, as_bytes("hello ")));
    EXPECT_TRUE(world.client.path->send_control(now, as_bytes("egress")));
  };
  world.egress.when_established = [&](TimePoint now) {
    EXPECT_TRUE(world.egress.path->send_control(now, as_bytes("hello client")));
  };
  world.open();
  world.run(Seconds{1});
  EXPECT_EQ(as_text(world.egress.control), "hello egress");
  EXPECT_EQ(as_text(world.client.control), "hello client");
  EXPECT_FALSE(world.client.control_fin);
}

TEST(Path, CarriesMoreControlThanTheWindowWhenItIsAcknowledged) {
  TestWorld world;
  world.open();
  world.run(Seconds{1});
  Bytes all;
  for (int i = 0; i < 40; ++i) {
    const auto piece = world.client.rng.bytes(8000);
    ASSERT_TRUE(world.client.path->send_control(world.now, piece)) << i;
    append(all, piece);
    world.run(Seconds{1});
  }
  EXPECT_EQ(world.egress.control, all);
}

TEST(Path, RefusesControlBeyondItsBound) {
  TestWorld world;
  world.open();
  EXPECT_FALSE(world.egress.path->send_control(world.now, as_bytes("x"))) << "no connection yet";
  world.run(Seconds{1});
  world.fault = [](const TestEnd&, Bytes&) { return true; };
  EXPECT_FALSE(world.client.path->send_control(world.now, Bytes(kMaxControlBytes + 1)));
  EXPECT_TRUE(world.client.path->send_control(world.now, Bytes(kMaxControlBytes)));
  EXPECT_FALSE(world.client.path->send_control(world.now, Bytes(1)));
}

TEST(Path, CarriesDatagramsAndTellsTheFateOfEach) {
  TestWorld world(7);
  SeededRng dice(99);
  world.fault = [&](const TestEnd&, Bytes&) { return dice.between(1, 100) == 1; };
  world.client.to_send = world.egress.to_send = 3000;
  world.open();
  world.run(Seconds{60});
  for (const auto* end : {&world.client, &world.egress}) {
    EXPECT_EQ(end->to_send, 0U);
    EXPECT_EQ(end->fates.size(), 3000U) << "each datagram has a fate";
    EXPECT_GT(end->lost, 5U);
    EXPECT_LT(end->lost, 150U);
    const auto& received = world.other(*end).datagrams;
    EXPECT_GE(received.size(), end->acked);
    for (const auto& datagram : received) EXPECT_EQ(datagram.back(), datagram.front());
  }
}

TEST(Path, SendsFillersThatThePeerDrops) {
  TestWorld world(3);
  world.client.to_send = world.egress.to_send = 20;
  world.open();
  world.run(Seconds{5});
  ASSERT_TRUE(both_established(world));
  EXPECT_GT(world.client.path->counters().fillers_out, 0U);
  EXPECT_EQ(world.client.path->counters().fillers_out, world.egress.path->counters().fillers_in);
  EXPECT_EQ(world.egress.path->counters().fillers_out, world.client.path->counters().fillers_in);
  EXPECT_EQ(world.egress.datagrams.size(), 20U);
  EXPECT_EQ(world.client.closed_times + world.egress.closed_times, 0);
}

TEST(Path, GathersPacketsIntoFewFlushes) {
  TestWorld world;
  world.client.rate_bytes_per_second = 10'000'000;
  world.client.to_send = 2000;
  world.open();
  world.run(Seconds{10});
  EXPECT_EQ(world.client.to_send, 0U);
  EXPECT_LT(world.client.flushes, world.client.path->counters().packets_out / 3);
}

TEST(Path, PullsNothingWhileThePipeHasABacklog) {
  TestWorld world;
  world.open();
  world.run(Seconds{1});
  world.client.backlog = 1;
  world.client.to_send = 10;
  const auto pulls = world.client.pulls;
  const auto sent = world.client.sent.size();
  world.client.path->wake(world.now);
  EXPECT_EQ(world.client.pulls, pulls);
  EXPECT_EQ(world.client.sent.size(), sent);
  world.client.backlog = 0;
  world.client.path->on_drained(world.now);
  EXPECT_LT(world.client.to_send, 10U);
  world.run(Seconds{1});
  EXPECT_EQ(world.client.to_send, 0U);
}

TEST(Path, PullsNothingBeforeItIsEstablishedAndLittleBeyondTheWindow) {
  TestWorld world;
  world.client.to_send = world.egress.to_send = 1'000'000;
  world.open();
  EXPECT_EQ(world.client.pulls + world.egress.pulls, 0U);
  world.run(kRtt * 3 / 2);
  const auto stats = world.egress.path->stats();
  ASSERT_GE(stats.in_flight_bytes, stats.congestion_window_bytes);
  EXPECT_LE(stats.in_flight_bytes, stats.congestion_window_bytes + core::kMaxPacketBytes);
  EXPECT_LT(world.egress.last_id, 60U) << "an initial window, no more";
  std::uint64_t carried = 0;
  for (const auto& message : world.egress.sent)
    if (core::is_packet(message) && (message[0] & std::byte{0x80}) == std::byte{0} && message.size() > 200) ++carried;
  EXPECT_EQ(world.egress.last_id, carried) << "what was pulled is under way: none waits for the window";
}

TEST(Path, SpreadsItsPacketsOverTime) {
  TestWorld world;
  world.open();
  world.run(Seconds{1});
  world.client.to_send = 3000;
  world.client.path->wake(world.now);
  world.run(Seconds{30});
  ASSERT_EQ(world.client.to_send, 0U);
  std::map<TimePoint, std::size_t> bytes_at;
  for (std::size_t i = 0; i < world.client.sent.size(); ++i)
    bytes_at[world.client.sent_at[i]] += world.client.sent[i].size();
  std::size_t most = 0;
  for (const auto& [at, bytes] : bytes_at) most = std::max(most, bytes);
  EXPECT_LE(most, kFlushBytes + 2 * core::kMaxPacketBytes) << "pacing allows one send quantum at a time";
}

TEST(Path, ReportsWhatItMeasures) {
  TestWorld world;
  world.client.to_send = 200;
  world.open();
  world.run(Seconds{2});
  const auto stats = world.client.path->stats();
  EXPECT_NEAR(static_cast<double>(stats.smoothed_rtt.count()), 100e6, 30e6);
  EXPECT_GT(stats.congestion_window_bytes, 10'000U);
  EXPECT_EQ(stats.in_flight_bytes, 0U);
  EXPECT_GT(stats.last_heard, TimePoint(Seconds{1000}));
}

TEST(Path, HearsNothingInWhatTheProxyInvents) {
  TestWorld world;
  world.open();
  world.run(Seconds{5});
  const auto heard = world.client.path->stats().last_heard;
  SeededRng dice(5);
  for (int i = 0; i < 100; ++i) {
    world.now += Millis{1};
    auto junk = dice.bytes(100);
    junk.front() |= core::kPacketBit;
    junk.front() &= std::byte{0x7f};
    const ByteView view(junk);
    world.client.path->on_messages(world.now, {&view, 1});
  }
  EXPECT_EQ(world.client.path->stats().last_heard, heard) << "forged packets must not make a dead path look alive";
  EXPECT_EQ(world.client.closed_times, 0);
}

TEST(Path, UsesNoConnectionIdTwice) {
  std::vector<Bytes> firsts;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    TestWorld world(seed);
    world.open({.fillers = false});
    const auto& initial = world.client.sent.at(0);
    ASSERT_EQ(initial.at(5), std::byte{16}) << "length of the destination ID";
    ASSERT_EQ(initial.at(22), std::byte{0}) << "our own ID is empty: nothing to recognise later";
    firsts.push_back(to_bytes(ByteView(initial).subspan(6, 16)));
  }
  std::sort(firsts.begin(), firsts.end());
  EXPECT_EQ(std::adjacent_find(firsts.begin(), firsts.end()), firsts.end());
}

}  // namespace
}  // namespace footbridge::quic
