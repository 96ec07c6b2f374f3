// Flow messages through a session: what arrives, what is dropped, who waits for whom.
#include "core/session/session_flows.hpp"

#include <algorithm>
#include <array>
#include <gtest/gtest.h>
#include <map>

#include "core/session/session.hpp"

namespace footbridge::core {
namespace {

constexpr std::size_t kSmallPacket = 1'100;  // what a packet of one F carries

Bytes message_of(std::size_t bytes, unsigned mark = 0) {
  Bytes out(bytes);
  for (std::size_t i = 0; i < bytes; ++i) out[i] = static_cast<std::byte>(i * 7 + mark);
  if (!out.empty()) out[0] = std::byte{0};  // not a piece
  return out;
}

// Two sessions that agreed on flows, and datagrams carried by hand.
class Flows : public testing::Test {
 protected:
  static SessionConfig agreed() {
    SessionConfig config;
    config.peer_limits = config.limits;
    config.capabilities = wire::kCapUdpFlows;
    return config;
  }
  void add_path(Duration rtt) {
    const auto id = client.add_path(now);
    client.on_path_stats(now, id, {rtt, {}, 0, 0, now});
    paths.push_back(id);
    egress_paths.push_back(egress.add_path(now));
  }
  std::optional<Bytes> pull(std::size_t path = 0, std::size_t bytes = kSmallPacket) {
    Bytes out(bytes);
    const auto pulled = client.pull(now, paths[path], out);
    if (!pulled) return std::nullopt;
    out.resize(pulled->bytes);
    client.on_fate(now, paths[path], pulled->id, DatagramFate::Acked);
    return out;
  }
  void arrive(const Bytes& datagram) { ASSERT_TRUE(egress.on_datagram(now, egress_paths[0], datagram).ok()); }
  std::vector<FlowArrival> arrivals() {
    std::vector<FlowArrival> out;
    while (auto one = egress.take_flow()) out.push_back(std::move(*one));
    return out;
  }

  TimePoint now{Seconds{1}};
  SeededRng rng{1};
  BoundedMemory memory{64U << 20};
  Session client{Session::Role::Client, agreed(), rng, memory, now};
  Session egress{Session::Role::Egress, agreed(), rng, memory, now};
  std::vector<PathId> paths, egress_paths;
};

TEST_F(Flows, CarryMessagesOfEverySizeThroughPacketsOfEverySize) {
  add_path(Millis{20});
  for (const std::size_t packet : {300U, 1'100U, 4'500U, 9'000U}) {
    for (const std::size_t size : {1U, 2U, 255U, 1'090U, 1'100U, 1'201U, 1'473U, 4'097U, 4'354U}) {
      client.send_flow(now, 7, message_of(size));
      while (const auto datagram = pull(0, packet)) arrive(*datagram);
      const auto got = arrivals();
      ASSERT_EQ(got.size(), 1U) << size << " in " << packet;
      EXPECT_EQ(got[0].flow, 7U);
      EXPECT_EQ(got[0].message, message_of(size)) << size << " in " << packet;
    }
  }
  EXPECT_EQ(memory.used_bytes(), 0U);
}

TEST_F(Flows, PutPiecesTogetherInWhateverOrderTheyCome) {
  add_path(Millis{20});
  for (unsigned mark = 1; mark <= 3; ++mark) client.send_flow(now, mark, message_of(4'000, mark));
  std::vector<Bytes> datagrams;
  while (auto datagram = pull()) datagrams.push_back(std::move(*datagram));
  EXPECT_LE(datagrams.size(), 12U) << "what one message leaves of a datagram the next one uses";
  std::ranges::reverse(datagrams);
  for (const auto& datagram : datagrams) arrive(datagram);
  const auto got = arrivals();
  ASSERT_EQ(got.size(), 3U);
  for (const auto& one : got) EXPECT_EQ(one.message, message_of(4'000, static_cast<unsigned>(one.flow)));
}

TEST_F(Flows, AMessageThatLostAPieceIsForgottenInTime) {
  add_path(Millis{20});
  const auto before = memory.used_bytes();
  for (unsigned i = 0; i < 100; ++i) {
    client.send_flow(now, 7, message_of(4'000));
    bool lose = true;
    while (const auto datagram = pull())
      if (!std::exchange(lose, false)) arrive(*datagram);
  }
  EXPECT_TRUE(arrivals().empty());
  EXPECT_GE(egress.stats().flows.dropped_incomplete, 60U);
  EXPECT_LE(memory.used_bytes() - before, kMaxPartialMessages * (4'000 + 4 * kFlowMessageCostBytes));
}

TEST_F(Flows, AFloodIsBoundedAndDropsItsOldestFirst) {
  add_path(Millis{20});
  for (std::uint32_t i = 0; i < 50'000; ++i) {
    auto message = message_of(60);
    for (std::size_t b = 0; b < 4; ++b) message[1 + b] = static_cast<std::byte>(i >> (24 - 8 * b));
    client.send_flow(now, 7, std::move(message));
  }
  EXPECT_LE(client.stats().memory_bytes, kMaxOneFlowQueueBytes);
  EXPECT_GE(client.stats().flows.dropped_full, 40'000U);
  Bytes last;
  while (const auto datagram = pull()) {
    arrive(*datagram);
    for (const auto& one : arrivals()) {
      EXPECT_TRUE(std::ranges::lexicographical_compare(last, one.message)) << "in order, oldest first";
      last = one.message;
    }
  }
  EXPECT_EQ(last[4], std::byte{49'999 & 0xff}) << "the newest was kept";
  EXPECT_EQ(memory.used_bytes(), 0U);
}

TEST_F(Flows, AFloodOnOneFlowLetsTheOthersThrough) {
  add_path(Millis{20});
  for (int i = 0; i < 1'000; ++i) client.send_flow(now, 7, message_of(1'000));
  client.send_flow(now, 8, message_of(50));
  std::size_t datagrams = 0;
  for (bool seen = false; !seen; ++datagrams) {
    arrive(*pull());
    for (const auto& one : arrivals()) seen |= one.flow == 8;
  }
  EXPECT_LE(datagrams, 3U);
}

TEST_F(Flows, ManyFlowsTogetherAreBoundedToo) {
  add_path(Millis{20});
  for (FlowId flow = 1; flow <= 10'000; ++flow) client.send_flow(now, flow, message_of(400));
  EXPECT_LE(client.stats().memory_bytes, kMaxFlowQueueBytes);
  while (pull()) {
  }
  EXPECT_EQ(memory.used_bytes(), 0U);
}

// Bytes of datagrams that streams and flows get while both have more than enough.
TEST_F(Flows, ShareWithStreamsHalfAndHalf) {
  add_path(Millis{20});
  const auto stream = client.open(now, as_bytes("open")).value();
  std::size_t of_flows = 0, of_streams = 0;
  for (int i = 0; i < 400; ++i) {
    client.write(now, stream, Bytes(4'000));
    client.send_flow(now, 7, message_of(1'000));
    const auto sent = client.stats();
    arrive(*pull());
    of_streams += client.stats().bytes_sent - sent.bytes_sent;
    of_flows += 1'000 * (client.stats().flows.sent - sent.flows.sent);
    egress.poll();
    egress.consume(now, stream, egress.peek(stream).size());
    now += Millis{30};
    egress.on_deadline(now);
    Bytes back(kSmallPacket);
    if (const auto pulled = egress.pull(now, egress_paths[0], back)) {
      ASSERT_TRUE(client.on_datagram(now, paths[0], ByteView(back).first(pulled->bytes)).ok());
    }
    arrivals();
  }
  EXPECT_GT(of_flows, 150'000U);
  EXPECT_GT(of_streams, 150'000U);
}

TEST_F(Flows, TakeThePathWithTheLowestRoundTrip) {
  add_path(Millis{100});
  add_path(Millis{20});
  client.send_flow(now, 7, message_of(100));
  EXPECT_FALSE(client.has_work(paths[0]));
  EXPECT_TRUE(client.has_work(paths[1]));
  EXPECT_FALSE(pull(0));
  EXPECT_EQ(client.deadline(), now + Millis{40});
  now += Millis{40};
  client.on_deadline(now);
  EXPECT_TRUE(client.has_work(paths[0])) << "by now the slow one is as good";
  EXPECT_TRUE(pull(0));
}

TEST_F(Flows, NeverTakeASuspectPath) {
  add_path(Millis{20});
  add_path(Millis{100});
  client.on_path_stats(now, paths[0], {Millis{20}, {}, 0, 1, now});
  now += kLeastSilence;
  client.on_deadline(now);
  client.send_flow(now, 7, message_of(100));
  EXPECT_FALSE(pull(0));
  EXPECT_TRUE(pull(1)) << "the fastest of those that live";
}

TEST_F(Flows, WhatWaitsTooLongForAPathIsDropped) {
  client.send_flow(now, 7, message_of(100));
  EXPECT_EQ(client.deadline(), now + kMaxFlowWait);
  now += kMaxFlowWait;
  client.on_deadline(now);
  EXPECT_EQ(client.stats().flows.dropped_old, 1U);
  add_path(Millis{20});
  EXPECT_FALSE(client.has_work(paths[0]));
  EXPECT_FALSE(pull());
}

TEST_F(Flows, HaveWorkExactlyWhenAPullGivesSome) {
  add_path(Millis{20});
  EXPECT_FALSE(client.has_work(paths[0]));
  client.send_flow(now, 7, message_of(3'000));
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(client.has_work(paths[0]));
    ASSERT_TRUE(pull());
  }
  EXPECT_FALSE(client.has_work(paths[0]));
}

TEST_F(Flows, ABrokenPieceClosesThePathAndNothingElse) {
  add_path(Millis{20});
  Bytes datagram(16);
  wire::FrameWriter writer(datagram);
  const std::array piece{std::byte{0x80}, std::byte{1}};
  ASSERT_TRUE(writer.flow({7, piece}));
  const auto status = egress.on_datagram(now, egress_paths[0], ByteView(datagram).first(writer.bytes()));
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error(), SessionErrc::Malformed);
  EXPECT_FALSE(egress.ended());
}

TEST_F(Flows, PiecesThatContradictEachOtherMakeNoMessage) {
  add_path(Millis{20});
  const auto feed = [&](std::uint64_t number, std::uint8_t position, bool last) {
    Bytes datagram(64);
    wire::FrameWriter writer(datagram);
    const auto head = wire::encode_flow_piece_header({number, position, last, {}});
    ASSERT_TRUE(writer.flow({7, as_bytes("piece")}, head));
    arrive(Bytes(datagram.begin(), datagram.begin() + static_cast<std::ptrdiff_t>(writer.bytes())));
  };
  feed(1, 2, false), feed(1, 1, true);                     // the last one is not the last
  feed(2, 1, true), feed(2, 2, false);                     // something behind the last one
  feed(3, 1, true), feed(3, 3, true);                      // two of them
  feed(4, 0, false), feed(4, 0, false), feed(4, 1, true);  // one comes twice: that is fine
  EXPECT_EQ(arrivals().size(), 1U);
  EXPECT_EQ(egress.stats().flows.dropped_incomplete, 3U);
}

TEST_F(Flows, WithoutAnAgreementNothingIsSent) {
  SessionConfig config;
  config.peer_limits = config.limits;
  Session alone(Session::Role::Client, config, rng, memory, now);
  const auto path = alone.add_path(now);
  alone.send_flow(now, 7, message_of(10));
  EXPECT_FALSE(alone.carries_flows());
  EXPECT_FALSE(alone.has_work(path));
}

TEST_F(Flows, WithoutMemoryTheyAreDroppedAndStreamsGoOn) {
  BoundedMemory little(8'000);
  Session poor(Session::Role::Client, agreed(), rng, little, now);
  for (int i = 0; i < 100; ++i) poor.send_flow(now, 7, message_of(1'000));
  EXPECT_GE(poor.stats().flows.dropped_full, 90U);
  EXPECT_FALSE(poor.ended());
}

}  // namespace
}  // namespace footbridge::core
