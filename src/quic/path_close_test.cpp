// How paths end: every way must be told once at each end, with the peer informed where it can still hear.
#include <gtest/gtest.h>

#include "quic/path.hpp"
#include "quic/test_world.hpp"

namespace footbridge::quic {
namespace {

constexpr auto kUserCode = kFirstUserCloseCode + 61;

void expect_closed(const TestEnd& end, const CloseInfo& info) {
  EXPECT_EQ(end.closed_times, 1);
  EXPECT_EQ(end.end.quic, info) << "was " << end.end.quic.reason() << " code " << end.end.quic.code << " by "
                                << static_cast<int>(end.end.quic.by);
  EXPECT_FALSE(end.end.pipe.has_value());
  EXPECT_TRUE(end.path->finished());
}

// After the end nothing is sent, told or awaited.
void expect_silence(TestWorld& world) {
  const auto sent = world.client.sent.size() + world.egress.sent.size();
  world.run(Seconds{300});
  EXPECT_EQ(world.client.sent.size() + world.egress.sent.size(), sent);
  EXPECT_FALSE(world.client.path->deadline().has_value());
  EXPECT_FALSE(world.egress.path->deadline().has_value());
  EXPECT_LE(world.client.closed_times, 1);
  EXPECT_LE(world.egress.closed_times, 1);
}

TEST(PathClose, WrongPinIsRefusedByTheClientAndToldToTheEgress) {
  TestWorld world;
  world.client_config.pin = Identity::generate()->pin();
  world.open();
  world.run(Seconds{5});
  expect_closed(world.client, {CloseBy::Us, CloseKind::WrongPin, kAlertBadCertificate});
  expect_closed(world.egress, {CloseBy::Peer, CloseKind::WrongPin, kAlertBadCertificate});
  EXPECT_FALSE(world.client.established_at.has_value());
  EXPECT_FALSE(world.egress.established_at.has_value());
  expect_silence(world);
}

TEST(PathClose, OneWrongBitInThePinIsEnough) {
  for (std::size_t bit = 0; bit < 256; bit += 51) {
    TestWorld world;
    auto bytes = to_bytes(world.identity.pin().view());
    bytes[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
    world.client_config.pin = *SpkiPin::from(bytes);
    world.open();
    world.run(Seconds{5});
    EXPECT_EQ(world.client.end.quic.kind, CloseKind::WrongPin) << bit;
    EXPECT_FALSE(world.client.established_at.has_value());
  }
}

TEST(PathClose, AnotherProtocolIsRefusedByTheEgressAndToldToTheClient) {
  TestWorld world;
  world.client_config.connection.alpn = "footbridge/0";
  world.open();
  world.run(Seconds{5});
  expect_closed(world.egress, {CloseBy::Us, CloseKind::WrongProtocol, kAlertNoApplicationProtocol});
  expect_closed(world.client, {CloseBy::Peer, CloseKind::WrongProtocol, kAlertNoApplicationProtocol});
  expect_silence(world);
}

TEST(PathClose, CodesArriveFromEitherEnd) {
  for (const bool client_closes : {true, false}) {
    TestWorld world;
    world.open();
    world.run(Seconds{1});
    auto& closer = client_closes ? world.client : world.egress;
    auto& peer = world.other(closer);
    closer.path->close(world.now, kUserCode);
    EXPECT_EQ(closer.closed_times, 1) << "told at once";
    world.run(Seconds{5});
    expect_closed(closer, {CloseBy::Us, CloseKind::Application, kUserCode});
    expect_closed(peer, {CloseBy::Peer, CloseKind::Application, kUserCode});
    expect_silence(world);
  }
}

TEST(PathClose, IsSaidAgainToAPeerThatMissedIt) {
  TestWorld world;
  world.open();
  world.run(Seconds{1});
  int packets = 0;
  world.fault = [&](const TestEnd& from, Bytes& message) {
    return &from == &world.egress && core::is_packet(message) && ++packets == 1;
  };
  world.egress.path->close(world.now, kUserCode);
  world.client.to_send = 1;
  world.client.path->wake(world.now);
  world.run(Seconds{5});
  EXPECT_EQ(world.client.end.quic, (CloseInfo{CloseBy::Peer, CloseKind::Application, kUserCode}));
}

TEST(PathClose, IsNotSaidForEverToAPeerThatDoesNotListen) {
  TestWorld world;
  world.open();
  world.run(Seconds{1});
  const auto before = world.egress.path->counters().packets_out;
  world.egress.path->close(world.now, kUserCode);
  const auto junk = Bytes(50, std::byte{0x40});
  const ByteView view(junk);
  for (int i = 0; i < 10'000; ++i) world.egress.path->on_messages(world.now, {&view, 1});
  EXPECT_LE(world.egress.path->counters().packets_out - before, 16U) << "thinned out by doubling";
}

TEST(PathClose, MayHappenInsideAnEvent) {
  TestWorld world;
  world.client.when_established = [&](TimePoint now) { world.client.path->close(now, kUserCode); };
  world.open();
  world.run(Seconds{5});
  expect_closed(world.client, {CloseBy::Us, CloseKind::Application, kUserCode});
  EXPECT_EQ(world.egress.closed_times, 1);

  TestWorld other;
  other.egress.when_datagram = [&](TimePoint now, ByteView) { other.egress.path->close(now, kUserCode); };
  other.client.to_send = 50;
  other.open();
  other.run(Seconds{5});
  expect_closed(other.egress, {CloseBy::Us, CloseKind::Application, kUserCode});
  EXPECT_EQ(other.egress.datagrams.size(), 1U) << "nothing is told after close()";
  expect_closed(other.client, {CloseBy::Peer, CloseKind::Application, kUserCode});
}

TEST(PathClose, BeforeTheFirstAnswerNeedsNoPacket) {
  TestWorld world;
  world.open();
  world.client.path->close(world.now, kUserCode);
  EXPECT_EQ(world.client.end.quic, (CloseInfo{CloseBy::Us, CloseKind::Application, kUserCode}));
  world.egress.path->close(world.now, kUserCode);
  EXPECT_EQ(world.egress.end.quic, (CloseInfo{CloseBy::Us, CloseKind::Application, kUserCode}));
  world.run(Seconds{30});
  EXPECT_TRUE(world.client.path->finished());
  EXPECT_TRUE(world.egress.path->finished());
}

TEST(PathClose, SilenceEndsItAfterTheIdleTimeout) {
  TestWorld world;
  world.open();
  world.run(Seconds{1});
  world.fault = [](const TestEnd&, Bytes&) { return true; };
  world.closing_is_heard = false;
  const auto silent_since = world.now;
  world.run(Seconds{200});
  for (const auto* end : {&world.client, &world.egress}) {
    EXPECT_EQ(end->end.quic, (CloseInfo{CloseBy::Time, CloseKind::IdleTimeout, 0}));
    ASSERT_TRUE(end->closed_at.has_value());
    EXPECT_GE(*end->closed_at - silent_since, kIdleTimeout - Seconds{2});
    EXPECT_LE(*end->closed_at - silent_since, Duration(kIdleTimeout) + kKeepAliveMax);
  }
  expect_silence(world);
}

TEST(PathClose, NoAnswerEndsItAfterTheHandshakeTimeout) {
  TestWorld world;
  world.fault = [](const TestEnd&, Bytes&) { return true; };
  world.closing_is_heard = false;
  const auto start = world.now;
  world.open();
  world.run(Seconds{60});
  for (const auto* end : {&world.client, &world.egress}) {
    expect_closed(*end, {CloseBy::Time, CloseKind::HandshakeTimeout, 0});
    EXPECT_EQ(*end->closed_at - start, Duration(kHandshakeTimeout));
    EXPECT_EQ(end->pipe_closed_as, PipeEnd::Lost);
  }
  expect_silence(world);
}

TEST(PathClose, APipeThatEndsFirstIsNamed) {
  TestWorld world;
  world.open();
  world.run(Seconds{1});
  world.close_pipe(world.client, PipeEnd::Lost);
  world.run(Seconds{1});
  EXPECT_EQ(world.client.end.quic.kind, CloseKind::Pipe);
  EXPECT_EQ(world.client.end.pipe, PipeEnd::Lost);
  EXPECT_EQ(world.egress.end.pipe, PipeEnd::Remote);
  EXPECT_EQ(world.client.closed_times + world.egress.closed_times, 2);
  EXPECT_TRUE(world.client.path->finished());
  expect_silence(world);
}

TEST(PathClose, APipeTooNarrowForAPacketIsRefused) {
  TestWorld world;
  world.client.max_message = core::kFragmentBytes - 1;
  world.open();
  world.run(Seconds{1});
  EXPECT_EQ(world.client.end.pipe, PipeEnd::Setup);
  EXPECT_TRUE(world.client.path->finished());
  EXPECT_TRUE(world.client.sent.empty());
}

}  // namespace
}  // namespace footbridge::quic
