// The relay leg's handshake: its client against the HTTP server that hands the connection over, and against raw bytes.
#include "transport/ws/handshake.hpp"

#include <gtest/gtest.h>

#include "contract/http_world.hpp"

namespace footbridge::http {
namespace {

using Dialled = std::optional<Result<std::unique_ptr<ws::Leg>, ws::DialErrc>>;
asio::awaitable<void> dial_into(World& world, wire::Url url, Duration limit, Dialled& out) {
  out.emplace(co_await ws::dial(world.connector, std::move(url), world.site.rng, limit));
}
Dialled dial(World& world, wire::Url url, Duration limit = 5s) {
  Dialled out;
  world.loop.run(dial_into(world, std::move(url), limit, out));
  return out;
}

TEST(Handshake, OpensALegThroughTheHttpServer) {
  World world;
  auto dialled = dial(world, world.url("/leg/good", "ws"));
  ASSERT_TRUE(dialled->ok());
  test::Heard heard;
  auto leg = std::move(**dialled);
  leg->start(heard);
  EXPECT_TRUE(world.loop.until([&] { return heard.open && world.site.heard.open; }));
  EXPECT_TRUE(leg->send(as_bytes("up")));
  leg->flush();
  EXPECT_TRUE(world.site.leg->send(as_bytes("down")));
  world.site.leg->flush();
  EXPECT_TRUE(world.loop.until([&] { return heard.count == 1 && world.site.heard.count == 1; }));
  EXPECT_EQ(world.server.connections(), 1U) << "a leg keeps its place among the listener's connections";
  world.site.leg.reset();
  EXPECT_EQ(world.server.connections(), 0U);
}

TEST(Handshake, KeepsWhatArrivesRightBehindIt) {
  World world;
  Raw peer(world);
  Bytes hello;
  wire::encode_ws_frame(hello, wire::WsOpcode::Binary, as_bytes("early"), wire::WsMask{});
  peer.write(
      "GET /leg/good HTTP/1.1\r\nHost: x\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n"
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Extensions: permessage-deflate\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n" +
      std::string(as_text(hello)));
  EXPECT_TRUE(peer.until([&] { return world.site.heard.count == 1; }));
  EXPECT_EQ(world.site.heard.messages.at(0), to_bytes("early"));
  EXPECT_NE(peer.received.find("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), std::string::npos)
      << "RFC 6455 §1.3";
  EXPECT_EQ(peer.received.find("Extensions"), std::string::npos);
}

TEST(Handshake, NamesTheCauseOfEveryFailure) {
  World world;
  EXPECT_EQ(dial(world, world.url("/leg/spent", "ws"))->error(), ws::DialErrc::NotAccepted);
  EXPECT_EQ(dial(world, world.url("/leg/good", "wss"))->error(), ws::DialErrc::Untrusting);
  EXPECT_EQ(dial(world, world.url("/leg/good"))->error(), ws::DialErrc::BadScheme);
  EXPECT_EQ(dial(world, *wire::parse_url("ws://127.0.0.1:1/"))->error(), ws::DialErrc::Refused);
  EXPECT_EQ(dial(world, *wire::parse_url("ws://nobody.example.net/"))->error(), ws::DialErrc::Unresolved);
  io::tcp::acceptor silent(world.loop.executor(), {asio::ip::address_v4::loopback(), 0});
  const auto to = "ws://127.0.0.1:" + std::to_string(silent.local_endpoint().port()) + "/";
  EXPECT_EQ(dial(world, *wire::parse_url(to), 60ms)->error(), ws::DialErrc::TimedOut);
}

TEST(Handshake, ObeysACancelAtOnce) {
  World world;
  io::tcp::acceptor silent(world.loop.executor(), {asio::ip::address_v4::loopback(), 0});
  const auto to = "ws://127.0.0.1:" + std::to_string(silent.local_endpoint().port()) + "/";
  io::TestScope scope(world.loop.executor());
  Dialled out;
  scope.spawn(dial_into(world, *wire::parse_url(to), 3600s, out));
  world.loop.settle();
  const auto start = io::now();
  EXPECT_TRUE(world.loop.end(scope));
  EXPECT_LT(io::now() - start, kAtOnce);
  EXPECT_FALSE(out);
}

}  // namespace
}  // namespace footbridge::http
