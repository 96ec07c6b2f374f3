// The relay leg as a MessagePipe (spec 06-relay-leg).
#include <array>
#include <ctime>
#include <gtest/gtest.h>

#include "contract/ws_pair.hpp"
#include "wire/websocket_frame.hpp"

namespace footbridge::ws {
namespace {

using namespace std::chrono_literals;
using test::kAtOnce;
using test::LegPair;
using test::Loop;
using test::RawPeer;
using wire::WsCloseCode;
using wire::WsOpcode;

constexpr wire::WsMask kMask{std::byte{9}, std::byte{8}, std::byte{7}, std::byte{6}};

Bytes frame(WsOpcode opcode, ByteView payload) {
  Bytes out;
  wire::encode_ws_frame(out, opcode, payload, kMask);
  return out;
}
Bytes close_frame(WsCloseCode code, std::optional<wire::WsMask> mask = kMask) {
  Bytes out;
  wire::encode_ws_close(out, code, mask);
  return out;
}
bool ends_with(const Bytes& bytes, const Bytes& tail) {
  return bytes.size() >= tail.size() && std::equal(tail.rbegin(), tail.rend(), bytes.rbegin());
}

TEST(Leg, CarriesMessagesOfEverySizeBothWays) {
  Loop loop;
  LegPair pair(loop);
  SeededRng rng(1);
  std::vector<Bytes> sent;
  for (const auto size : std::to_array<std::size_t>({0, 1, 125, 126, 127, 1132, 4528, 9056, 65535, 65536}))
    sent.push_back(rng.bytes(size));
  for (const auto& message : sent) {
    EXPECT_TRUE(pair.client->send(message));
    EXPECT_TRUE(pair.server->send(message));
  }
  pair.client->flush();
  pair.server->flush();
  EXPECT_TRUE(loop.until([&] { return pair.at_server.count == sent.size() && pair.at_client.count == sent.size(); }));
  EXPECT_EQ(pair.at_server.messages, sent);
  EXPECT_EQ(pair.at_client.messages, sent);
  EXPECT_FALSE(pair.client->send(Bytes(65537)));
}

TEST(Leg, SendsNothingBeforeTheFlushAndThenAllOfItAtOnce) {
  Loop loop;
  RawPeer peer(loop);
  for (int i = 0; i < 40; ++i) EXPECT_TRUE(peer.leg->send(Bytes(1132)));
  loop.settle();
  EXPECT_TRUE(peer.read().empty());
  EXPECT_GT(peer.leg->backlog_bytes(), 40U * 1132);
  peer.leg->flush();
  EXPECT_EQ(peer.leg->backlog_bytes(), 0U);
  loop.settle();
  EXPECT_EQ(peer.read().size(), 40U * (1132 + 4));
}

TEST(Leg, DeliversWhatArrivedTogetherAsOneBatch) {
  Loop loop;
  RawPeer peer(loop);
  Bytes warm_up;  // reads grow to 64 KiB on a busy leg
  for (int i = 0; i < 200; ++i) append(warm_up, frame(WsOpcode::Binary, Bytes(1132)));
  peer.write(warm_up);
  EXPECT_TRUE(loop.until([&] { return peer.heard.count == 200; }));
  peer.heard.batches = 0;
  Bytes burst;
  for (int i = 0; i < 50; ++i) append(burst, frame(WsOpcode::Binary, Bytes(1132)));
  peer.write(burst);
  EXPECT_TRUE(loop.until([&] { return peer.heard.count == 250; }));
  EXPECT_LE(peer.heard.batches, 2U);
}

TEST(Leg, ABatchIsBounded) {
  Loop loop;
  RawPeer peer(loop);
  Bytes burst;
  for (int i = 0; i < 5000; ++i) append(burst, frame(WsOpcode::Binary, {}));
  peer.write(burst);
  EXPECT_TRUE(loop.until([&] { return peer.heard.count == 5000; }));
  EXPECT_LE(peer.heard.largest_batch, kMaxBatchMessages);
}

TEST(Leg, TellsWhenAStalledReaderTakesItsBacklog) {
  Loop loop;
  LegPair pair(loop);
  pair.at_client.keep = false;
  pair.client->pause_reading(true);
  std::size_t sent = 0;
  while (pair.server->backlog_bytes() == 0 && sent < 100'000'000) {
    ASSERT_TRUE(pair.server->send(Bytes(9056)));
    sent += 9056;
    pair.server->flush();
    loop.settle(Millis{0});
  }
  EXPECT_LT(sent, 8'000'000U) << "the kernel is no unbounded queue";
  loop.settle(50ms);
  EXPECT_EQ(pair.at_server.drained, 0U);
  EXPECT_EQ(pair.at_client.count, 0U) << "paused is paused";
  pair.client->pause_reading(false);
  EXPECT_TRUE(loop.until([&] { return pair.at_server.drained == 1 && pair.at_client.bytes == sent; }));
  EXPECT_EQ(pair.server->backlog_bytes(), 0U);
}

TEST(Leg, PausedInTheMiddleOfAReadHoldsTheRestBack) {
  Loop loop;
  RawPeer peer(loop);
  peer.heard.on_batch = [&] { peer.leg->pause_reading(true); };
  Bytes burst;
  for (int i = 0; i < 600; ++i) append(burst, frame(WsOpcode::Binary, Bytes(1)));
  peer.write(burst);
  loop.settle(50ms);
  EXPECT_LE(peer.heard.count, kMaxBatchMessages);
  EXPECT_EQ(peer.heard.batches, 1U);
  peer.heard.on_batch = nullptr;
  peer.leg->pause_reading(false);
  EXPECT_TRUE(loop.until([&] { return peer.heard.count == 600; }));
}

TEST(Leg, ClosesInOrderAndSaysSoOnBothSides) {
  Loop loop;
  LegPair pair(loop);
  EXPECT_TRUE(pair.client->send(as_bytes("last words")));
  const auto start = io::now();
  pair.client->close(PipeEnd::Local);
  pair.client->close(PipeEnd::Local);
  EXPECT_FALSE(pair.at_client.closed) << "never from inside close()";
  EXPECT_FALSE(pair.client->send(as_bytes("too late")));
  EXPECT_TRUE(loop.until([&] { return pair.at_client.closed && pair.at_server.closed; }));
  EXPECT_EQ(pair.at_client.closed, PipeEnd::Local);
  EXPECT_EQ(pair.at_server.closed, PipeEnd::Remote);
  EXPECT_EQ(pair.server->close_code(), WsCloseCode::Normal);
  EXPECT_EQ(pair.at_server.count, 1U) << "what was queued before the close arrives";
  EXPECT_LT(io::now() - start, kAtOnce);
}

TEST(Leg, AnswersTheRfcsCloseHandshake) {
  Loop loop;
  RawPeer peer(loop);
  peer.write(close_frame(WsCloseCode::GoingAway));
  EXPECT_TRUE(loop.until([&] { return peer.heard.closed.has_value(); }));
  EXPECT_EQ(peer.heard.closed, PipeEnd::Remote);
  EXPECT_EQ(peer.read(), close_frame(WsCloseCode::GoingAway, std::nullopt));
  EXPECT_TRUE(peer.ended);
}

TEST(Leg, AnOrderlyCloseDoesNotWaitForADeadPeer) {
  Loop loop;
  RawPeer peer(loop);
  const auto start = io::now();
  peer.leg->close(PipeEnd::Local);
  EXPECT_TRUE(loop.until([&] { return peer.heard.closed.has_value(); }));
  EXPECT_EQ(peer.heard.closed, PipeEnd::Local);
  EXPECT_GE(peer.heard.closed_at - start, 700ms);
  EXPECT_LE(peer.heard.closed_at - start, 1s + kAtOnce);
}

TEST(Leg, NoticesADroppedConnectionAtOnce) {
  for (const bool reset : {false, true}) {
    Loop loop;
    RawPeer peer(loop);
    if (reset) peer.socket.set_option(asio::socket_base::linger(true, 0));
    const auto start = io::now();
    peer.socket.close();
    EXPECT_TRUE(loop.until([&] { return peer.heard.closed.has_value(); }));
    EXPECT_EQ(peer.heard.closed, PipeEnd::Lost);
    EXPECT_LT(peer.heard.closed_at - start, kAtOnce);
  }
}

TEST(Leg, PingsAQuietPeerAndGivesUpOnASilentOne) {
  Loop loop;
  RawPeer peer(loop, {.idle = 600ms, .min_keep_alive = 80ms, .max_keep_alive = 160ms});
  const auto start = io::now();
  EXPECT_TRUE(loop.until([&] { return peer.heard.closed.has_value(); }));
  EXPECT_EQ(peer.heard.closed, PipeEnd::Lost);
  EXPECT_GE(peer.heard.closed_at - start, 590ms);
  const auto pings = peer.read().size() / 2;  // 89 00
  EXPECT_GE(pings, 1U) << "three to seven, on a machine that has the time";
  EXPECT_LE(pings, 7U);
}

TEST(Leg, LivesOnPongsAlone) {
  Loop loop;
  LegPair pair(loop, {.idle = 800ms, .min_keep_alive = 150ms, .max_keep_alive = 200ms});
  loop.settle(1200ms);
  EXPECT_FALSE(pair.at_client.closed);
  EXPECT_FALSE(pair.at_server.closed);
  EXPECT_EQ(pair.at_client.count + pair.at_server.count, 0U) << "pings are no messages";
}

TEST(Leg, DoesNotPingWhoSpeaksAnyway) {
  Loop loop;
  RawPeer peer(loop, {.idle = 3s, .min_keep_alive = 200ms, .max_keep_alive = 250ms});
  Bytes word;
  wire::encode_ws_frame(word, wire::WsOpcode::Binary, as_bytes("word"), wire::WsMask{});
  for (const auto until = io::now() + 1s; io::now() < until; loop.settle(10ms)) peer.write(word);
  EXPECT_LE(peer.read().size() / 2, 1U) << "a stall of this machine apart; four without the words";
  EXPECT_TRUE(loop.until([&] { return !peer.read().empty(); })) << "who falls silent is pinged";
}

TEST(Leg, AnswersPingsButNotAFlood) {
  Loop loop;
  RawPeer peer(loop);
  peer.write(frame(WsOpcode::Ping, as_bytes("hi")));
  loop.settle();
  Bytes pong;
  wire::encode_ws_frame(pong, WsOpcode::Pong, as_bytes("hi"), std::nullopt);
  EXPECT_EQ(peer.read(), pong);
  Bytes flood;
  for (int i = 0; i < 1000; ++i) append(flood, frame(WsOpcode::Ping, as_bytes("hi")));
  peer.write(flood);
  EXPECT_TRUE(loop.until([&] { return peer.read(), peer.ended; }));
  EXPECT_TRUE(ends_with(peer.received, close_frame(WsCloseCode::PolicyViolation, std::nullopt)));
  EXPECT_LE(peer.received.size(), pong.size() * (kMaxPingsPerSecond + 1) + 4);
  peer.socket.close();
  EXPECT_TRUE(loop.until([&] { return peer.heard.closed.has_value(); }));
  EXPECT_EQ(peer.heard.closed, PipeEnd::Misused);
}

struct Misuse {
  const char* what;
  Bytes bytes;
  WsCloseCode code;
};

std::vector<Misuse> misuses() {
  Bytes too_big = frame(WsOpcode::Binary, Bytes(65537));
  Bytes compressed = frame(WsOpcode::Binary, Bytes(1));
  compressed[0] |= std::byte{0x40};
  Bytes bomb;
  for (int i = 0; i < 1'000'000; ++i) {  // the million empty fragments of threat T15
    const auto first = i == 0 ? std::byte{0x02} : std::byte{0x00};
    const std::byte piece[] = {first, std::byte{0x80}, {}, {}, {}, {}};
    append(bomb, piece);
  }
  return {{"oversize", std::move(too_big), WsCloseCode::TooBig},
          {"RSV1", std::move(compressed), WsCloseCode::ProtocolError},
          {"text", frame(WsOpcode::Text, as_bytes("hi")), WsCloseCode::Unsupported},
          {"fragment bomb", std::move(bomb), WsCloseCode::PolicyViolation}};
}

TEST(Leg, ClosesWithTheRightCodeOnMisuseAndSpendsLittleOnIt) {
  for (const auto& misuse : misuses()) {
    SCOPED_TRACE(misuse.what);
    Loop loop;
    RawPeer peer(loop);
    const auto cpu = std::clock();
    peer.write(misuse.bytes);
    EXPECT_TRUE(loop.until([&] { return peer.heard.closed.has_value(); }));
    EXPECT_EQ(peer.heard.closed, PipeEnd::Misused);
    EXPECT_EQ(peer.heard.count, 0U);
    EXPECT_TRUE(ends_with(peer.read(), close_frame(misuse.code, std::nullopt)));
    EXPECT_LT(static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC, 0.5) << "with the test's own writing";
  }
}

TEST(Leg, MayBeDestroyedFromInsideABatchAndAtAnyTime) {
  Loop loop;
  for (int i = 0; i < 50; ++i) {
    LegPair pair(loop);
    pair.at_server.on_batch = [&] { pair.server.reset(); };
    EXPECT_TRUE(pair.client->send(Bytes(9056)));
    pair.client->flush();
    if (i % 2 == 0) loop.settle(Millis{i % 5});
    if (i % 3 == 0) pair.client->close(PipeEnd::Local);
  }
  loop.settle();
}

TEST(Leg, MovesAHundredMebibytesIntact) {
  Loop loop;
  LegPair pair(loop);
  pair.at_server.keep = false;
  SeededRng rng(3);
  const auto packet = rng.bytes(9056);
  pair.at_server.expected = packet;
  constexpr std::size_t kTotal = 100U << 20;
  std::size_t sent = 0;
  const auto start = io::now();
  const auto cpu = std::clock();
  while (pair.at_server.bytes < kTotal) {
    while (pair.client->backlog_bytes() == 0 && sent < kTotal) {
      for (int i = 0; i < 7; ++i, sent += packet.size()) ASSERT_TRUE(pair.client->send(packet));
      pair.client->flush();
    }
    ASSERT_TRUE(loop.until([&, before = pair.at_server.bytes] { return pair.at_server.bytes != before; }));
  }
  EXPECT_TRUE(pair.at_server.intact);
  const auto seconds = std::chrono::duration<double>(io::now() - start).count();
  RecordProperty("mebibytes_per_second", std::to_string(100 / seconds));
  RecordProperty("cpu_seconds", std::to_string(static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC));
  std::printf("  100 MiB in %.2f s, %.2f CPU s for both ends, %.1f messages per batch\n", seconds,
              static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC,
              static_cast<double>(pair.at_server.count) / static_cast<double>(pair.at_server.batches));
}

}  // namespace
}  // namespace footbridge::ws
