// A proxy may do anything to the messages it carries. The ends must neither crash nor believe it.
#include <gtest/gtest.h>
#include <set>

#include "quic/path.hpp"
#include "quic/test_world.hpp"

namespace footbridge::quic {
namespace {

void feed(TestEnd& end, TimePoint now, const Bytes& message) {
  const ByteView view(message);
  end.path->on_messages(now, {&view, 1});
}

TEST(PathHostile, GarbageInEveryStateIsIgnored) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    TestWorld world(seed);
    SeededRng dice(seed + 1000);
    world.open();
    for (int round = 0; round < 300; ++round) {
      auto junk = dice.bytes(dice.between(0, core::kMaxPacketBytes + 100));
      if (!junk.empty() && dice.between(0, 1) == 1) junk.front() |= std::byte{0xc0};
      feed(world.client, world.now, junk);
      feed(world.egress, world.now, junk);
      world.run(Millis{1});
    }
    world.run(Seconds{5});
    EXPECT_TRUE(world.client.established_at && world.egress.established_at) << "seed " << seed;
    EXPECT_EQ(world.client.closed_times + world.egress.closed_times, 0);
  }
}

TEST(PathHostile, TruncatedPacketsAreIgnored) {
  TestWorld world;
  world.open({.fillers = false});
  const auto initial = world.client.sent.back();
  ASSERT_TRUE(core::is_packet(initial));
  for (std::size_t bytes = 1; bytes < initial.size(); ++bytes) {
    TestWorld victim;
    victim.fault = [](const TestEnd& from, Bytes&) { return from.path != nullptr; };
    victim.open();
    feed(victim.egress, victim.now, Bytes(initial.begin(), initial.begin() + static_cast<std::ptrdiff_t>(bytes)));
    EXPECT_FALSE(victim.egress.closed_times);
    EXPECT_TRUE(victim.egress.sent.empty()) << "no answer to " << bytes << " bytes of a first packet";
    if (bytes > 60) bytes += 40;
  }
}

TEST(PathHostile, WhatIsDeliveredIsWhatWasSent) {
  for (std::uint64_t seed = 0; seed < 4; ++seed) {
    TestWorld world(seed);
    SeededRng dice(seed + 50);
    Bytes recorded;
    world.fault = [&](const TestEnd& from, Bytes& message) {
      const auto draw = dice.between(0, 99);
      if (draw < 3) return true;
      if (draw < 8) message[dice.between(0, message.size() - 1)] ^= static_cast<std::byte>(dice.between(1, 255));
      if (draw >= 8 && draw < 11) message.resize(dice.between(0, message.size()));
      if (draw >= 11 && draw < 14) append(message, dice.bytes(dice.between(1, 200)));
      if (draw >= 14 && draw < 17 && !recorded.empty()) message = recorded;  // replay, also from the other direction
      if (draw == 17) recorded = message;
      (void)from;
      return false;
    };
    world.client.to_send = world.egress.to_send = 800;
    world.open();
    world.run(Seconds{300});
    ASSERT_TRUE(world.client.established_at && world.egress.established_at) << "seed " << seed;
    for (auto* end : {&world.client, &world.egress}) {
      EXPECT_EQ(end->closed_times, 0);
      EXPECT_EQ(end->to_send, 0U);
      std::set<std::uint64_t> ids;
      for (const auto& datagram : world.other(*end).datagrams) {
        std::uint64_t id = 0;
        for (std::size_t i = 8; i-- > 0;) id = id << 8 | std::to_integer<std::uint64_t>(datagram.at(i));
        EXPECT_TRUE(ids.insert(id).second) << "a datagram came twice";
        EXPECT_LE(id, 800U);
        for (std::size_t i = 8; i < datagram.size(); ++i) ASSERT_EQ(datagram[i], static_cast<std::byte>(id));
      }
    }
  }
}

TEST(PathHostile, AnotherVersionOrAShortInitialStartsNothing) {
  TestWorld world;
  world.open({.fillers = false});
  auto initial = world.client.sent.at(0);
  TestWorld victim;
  victim.fault = [](const TestEnd&, Bytes&) { return true; };
  victim.open({.fillers = false});
  auto other_version = initial;
  other_version[4] = std::byte{2};
  feed(victim.egress, victim.now, other_version);
  auto reserved_version = initial;
  for (std::size_t i = 1; i <= 4; ++i) reserved_version[i] = std::byte{0x1a};
  feed(victim.egress, victim.now, reserved_version);
  feed(victim.egress, victim.now, Bytes(initial.begin(), initial.begin() + 1199));
  EXPECT_TRUE(victim.egress.sent.empty()) << "no Version Negotiation, no reset: nothing for a prober";
  feed(victim.egress, victim.now, initial);
  EXPECT_FALSE(victim.egress.sent.empty());
}

TEST(PathHostile, AForgedVersionNegotiationEndsOnlyAHandshake) {
  TestWorld world;
  world.open();
  world.run(Seconds{2});
  Bytes negotiation = {std::byte{0xc0}, std::byte{0}, std::byte{0}, std::byte{0},
                       std::byte{0},    std::byte{0}, std::byte{0}};
  append(negotiation, Bytes{std::byte{0x1a}, std::byte{0x2a}, std::byte{0x3a}, std::byte{0x4a}});
  feed(world.client, world.now, negotiation);
  world.run(Seconds{2});
  EXPECT_EQ(world.client.closed_times, 0);
}

TEST(PathHostile, ManyFirstPacketsMakeOneConnection) {
  TestWorld world;
  world.open({.fillers = false});
  std::vector<Bytes> initials;
  for (std::uint64_t seed = 10; seed < 30; ++seed) {
    TestWorld other(seed);
    other.open({.fillers = false});
    initials.push_back(other.client.sent.at(0));
  }
  world.run(Seconds{1});
  const auto sent = world.egress.sent.size();
  for (const auto& initial : initials) feed(world.egress, world.now, initial);
  world.run(Seconds{1});
  EXPECT_EQ(world.egress.sent.size(), sent);
  EXPECT_EQ(world.egress.closed_times, 0);
}

}  // namespace
}  // namespace footbridge::quic
