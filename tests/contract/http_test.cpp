// The HTTP server and client against each other and against raw bytes.
#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

#include "contract/http_world.hpp"
#include "transport/http/client.hpp"
#include "transport/http/server.hpp"

namespace footbridge::http {
namespace {

TEST(Http, PostsAndReusesTheConnection) {
  World world;
  Client client(world.loop.executor(), world.connector, {});
  for (int i = 0; i < 5; ++i) {
    const auto body = Bytes(static_cast<std::size_t>(i) * 10'000, std::byte{7});
    const auto response = post(world, client, world.url("/echo"), body);
    ASSERT_TRUE(response.ok());
    EXPECT_EQ(response->body, body);
    EXPECT_EQ(client.open_connections(), 1U);
  }
  EXPECT_EQ(world.server.connections(), 1U);
}

TEST(Http, AnIdleConnectionGoesWithTheServersEndAndWithoutAnotherCall) {
  World world({.idle = 100ms});
  Client client(world.loop.executor(), world.connector, {});
  ASSERT_TRUE(post(world, client, world.url("/echo"), {}).ok());
  EXPECT_EQ(client.open_connections(), 1U);
  EXPECT_TRUE(world.loop.until([&] { return client.open_connections() == 0; }));
  EXPECT_TRUE(post(world, client, world.url("/echo"), {}).ok());
}

TEST(Http, AnIdleConnectionIsNotKeptLongerThanItMayBeUsed) {
  World world;
  Client client(world.loop.executor(), world.connector, {.reuse_limit = 100ms});
  ASSERT_TRUE(post(world, client, world.url("/echo"), {}).ok());
  EXPECT_TRUE(world.loop.until([&] { return world.server.connections() == 0; }));
  EXPECT_EQ(client.open_connections(), 0U);
}

TEST(Http, NamesTheCauseOfEveryFailure) {
  World world;
  Client client(world.loop.executor(), world.connector, {});
  EXPECT_EQ(post(world, client, world.url("/fail"), {}).error(), HttpErrc::BadStatus);
  EXPECT_EQ(post(world, client, world.url("/echo"), Bytes(kMaxBodyBytes + 1)).error(), HttpErrc::TooLarge);
  EXPECT_EQ(post(world, client, world.url("/park"), {}, 50ms).error(), HttpErrc::TimedOut);
  EXPECT_EQ(post(world, client, world.url("/echo", "https"), {}).error(), HttpErrc::Untrusting);
  EXPECT_EQ(post(world, client, world.url("/echo", "ws"), {}).error(), HttpErrc::BadScheme);
  EXPECT_EQ(post(world, client, *wire::parse_url("http://nobody.example.net/"), {}).error(), HttpErrc::Unresolved);
  EXPECT_EQ(post(world, client, *wire::parse_url("http://127.0.0.1:1/"), {}).error(), HttpErrc::Refused);
  const core::AddressPolicy strict{{}};
  io::Connector careful(world.loop.executor(), world.names, strict);
  Client other(world.loop.executor(), careful, {});
  EXPECT_EQ(post(world, other, world.url("/echo"), {}).error(), HttpErrc::Policy);
  EXPECT_TRUE(post(world, client, world.url("/echo"), {}).ok()) << "none of this harms the client";
}

// Answers every connection with fixed bytes and closes it.
Result<Response, HttpErrc> post_to_answer(std::string answer, Client::Options options = {}) {
  World world;
  io::Listener listener(world.loop.executor(), {.address = {IpAddress::v4(0x7f000001), 0}});
  world.scope.spawn(listener.run([&](io::Accepted accepted) -> asio::awaitable<void> {
    return [](io::Accepted in, std::string text) -> asio::awaitable<void> {
      std::array<char, 4096> request{};
      co_await in.socket.async_read_some(asio::buffer(request), io::no_throw);
      co_await asio::async_write(in.socket, asio::buffer(text), io::no_throw);
    }(std::move(accepted), answer);
  }));
  Client client(world.loop.executor(), world.connector, std::move(options));
  auto result = post(world, client, *wire::parse_url("http://" + listener.local().to_text() + "/"), {});
  EXPECT_TRUE(world.loop.end(world.scope));
  return result;
}

TEST(Http, TheClientTrustsNoServer) {
  EXPECT_EQ(post_to_answer("").error(), HttpErrc::Closed);
  EXPECT_EQ(post_to_answer("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc").error(), HttpErrc::Closed);
  EXPECT_EQ(post_to_answer("HTTP/1.1 200 OK\r\n\r\nabc").error(), HttpErrc::Closed) << "was that all?";
  EXPECT_EQ(post_to_answer("SSH-2.0-OpenSSH\r\n").error(), HttpErrc::Malformed);
  EXPECT_EQ(post_to_answer("HTTP/1.1 200 OK\r\nContent-Length: 70000\r\n\r\n").error(), HttpErrc::TooLarge);
  EXPECT_EQ(post_to_answer("HTTP/1.1 200 OK\r\n\r\n" + std::string(70'000, 'x')).error(), HttpErrc::TooLarge);
  EXPECT_EQ(post_to_answer("HTTP/1.1 200 OK\r\nX: " + std::string(9'000, 'x') + "\r\n\r\n").error(),
            HttpErrc::TooLarge);
  EXPECT_EQ(post_to_answer("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\nContent-Length: 0\r\n\r\n").error(),
            HttpErrc::BadStatus);
  EXPECT_TRUE(post_to_answer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").ok());
}

TEST(Http, HearsHowLongABusyServerWantsToBeLeftAlone) {
  const auto heard = [](const std::string& status, const std::string& wait) -> std::optional<Seconds> {
    std::optional<Seconds> out;
    static_cast<void>(
        post_to_answer("HTTP/1.1 " + status + "\r\nRetry-After: " + wait + "\r\nContent-Length: 0\r\n\r\n",
                       {.on_retry_after = [&](Seconds asked) { out = asked; }}));
    return out;
  };
  EXPECT_EQ(heard("429 Too Many Requests", "5"), 5s);
  EXPECT_EQ(heard("503 Service Unavailable", "4294967295"), Seconds{UINT32_MAX}) << "who obeys bounds it";
  EXPECT_FALSE(heard("500 Internal Server Error", "5"));
  EXPECT_FALSE(heard("200 OK", "5"));
  for (const auto* const nothing : {"", "-5", "5 s", "4294967296", "Sun, 06 Nov 1994 08:49:37 GMT"})
    EXPECT_FALSE(heard("429 Too Many Requests", nothing)) << nothing;
}

TEST(Http, HoldsNoMoreConnectionsThanAllowed) {
  World world;
  world.site.park_for = 50ms;
  Client client(world.loop.executor(), world.connector, {.max_connections = 2});
  int done = 0;
  for (int i = 0; i < 6; ++i)
    world.site.scope.spawn([](World& in, Client& by, int& count) -> asio::awaitable<void> {
      const auto response = co_await by.post(in.url("/park"), {}, "", 5s);
      if (response) ++count;
    }(world, client, done));
  std::size_t most = 0;
  EXPECT_TRUE(world.loop.until([&] { return most = std::max(most, world.server.connections()), done == 6; }));
  EXPECT_EQ(most, 2U);
}

// A network that went away takes all connections with it, and only the one in use notices.
TEST(Http, AServerThatDoesNotAnswerIsDialledAnew) {
  World world;
  world.site.park_for = 50ms;
  Client client(world.loop.executor(), world.connector, {.max_connections = 2});
  int done = 0;
  for (int i = 0; i < 2; ++i)
    world.site.scope.spawn([](World& in, Client& by, int& count) -> asio::awaitable<void> {
      static_cast<void>(co_await by.post(in.url("/park"), {}, "", 5s));
      ++count;
    }(world, client, done));
  EXPECT_TRUE(world.loop.until([&] { return done == 2; }));
  EXPECT_EQ(client.open_connections(), 2U) << "both are kept";
  world.site.park_for = 3600s;
  EXPECT_EQ(post(world, client, world.url("/park"), {}, 50ms).error(), HttpErrc::TimedOut);
  EXPECT_EQ(client.open_connections(), 0U);
  EXPECT_TRUE(post(world, client, world.url("/echo"), {}).ok());
}

TEST(Http, ALongPollHearsThatItsPeerHasGone) {
  World world;
  {
    Raw peer(world);
    peer.write("POST /park HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
    EXPECT_TRUE(peer.until([&] { return world.site.parked == 1; }));
  }
  const auto start = io::now();
  EXPECT_TRUE(world.loop.until([&] { return world.site.parked == 0; }));
  EXPECT_LT(io::now() - start, kAtOnce);
}

TEST(Http, ACancelledCallEndsAtOnceOnBothSides) {
  World world;
  Client client(world.loop.executor(), world.connector, {});
  io::TestScope calls(world.loop.executor());
  calls.spawn([](World& in, Client& by) -> asio::awaitable<void> {
    static_cast<void>(co_await by.post(in.url("/park"), {}, "", 3600s));
  }(world, client));
  EXPECT_TRUE(world.loop.until([&] { return world.site.parked == 1; }));
  const auto start = io::now();
  EXPECT_TRUE(world.loop.end(calls));
  EXPECT_TRUE(world.loop.until([&] { return world.site.parked == 0; }));
  EXPECT_LT(io::now() - start, kAtOnce);
  EXPECT_EQ(client.open_connections(), 0U);
}

TEST(Http, AHandlerThatTakesTooLongIsCancelled) {
  World world({.handler = 60ms});
  Raw peer(world);
  peer.write("POST /park HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
  EXPECT_TRUE(peer.until([&] { return peer.ended; }));
  EXPECT_EQ(world.site.parked, 0);
  EXPECT_TRUE(peer.received.empty());
}

TEST(Http, SlowHeadsSlowBodiesAndIdlersAreClosed) {
  World world({.head = 80ms, .body = 80ms, .idle = 1s});
  for (const auto* start : {"", "GET / HT", "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab"}) {
    Raw peer(world);
    peer.write(start);
    EXPECT_TRUE(peer.until([&] { return peer.ended; })) << start << ": not when its connection may idle no more";
    EXPECT_TRUE(peer.received.empty()) << start;
  }
  Raw idler(world);
  EXPECT_EQ(status(idler.answer_to("GET /x HTTP/1.1\r\nHost: x\r\n\r\n")), 404);
  world.loop.settle(100ms);
  idler.poll();
  EXPECT_FALSE(idler.ended) << "the idle limit is longer than the head's";
  EXPECT_TRUE(idler.until([&] { return idler.ended; }));
}

TEST(Http, ABusyConnectionLivesLongerThanEachOfItsLimits) {
  const Duration limit = 2s;  // longer than a pause of this machine
  World world({.head = limit, .body = limit, .idle = limit, .handler = limit});
  Raw peer(world);
  for (const auto begin = io::now(); io::now() - begin < 2 * limit;) {
    ASSERT_EQ(status(peer.answer_to("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi")), 200);
    world.loop.settle(20ms);
  }
  EXPECT_FALSE(peer.ended);
}

TEST(Http, ASlowHeadIsClosedThoughItsConnectionMayIdleForLonger) {
  World world({.head = 80ms, .body = 80ms, .idle = 3600s, .handler = 3600s});
  for (const auto* start : {"GET / HT", "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab"}) {
    Raw peer(world);
    EXPECT_EQ(status(peer.answer_to("GET /x HTTP/1.1\r\nHost: x\r\n\r\n")), 404);
    peer.received.clear();
    peer.write(start);
    EXPECT_TRUE(peer.until([&] { return peer.ended; })) << start << ": not when its connection may idle no more";
    EXPECT_TRUE(peer.received.empty()) << start;
  }
}

TEST(Http, KeepsItsBounds) {
  World world;
  const auto ask = [&](const std::string& text) { return status(Raw(world).answer_to(text)); };
  EXPECT_EQ(ask("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 65537\r\n\r\n"), 413);
  EXPECT_EQ(ask("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n"), 400);
  EXPECT_EQ(ask("GET / HTTP/1.1\r\nHost: x\r\nX: " + std::string(9000, 'a') + "\r\n\r\n"), 431);
  EXPECT_EQ(ask("GET /" + std::string(9000, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n"), 431);
  EXPECT_EQ(ask("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc"), 415);
  EXPECT_EQ(ask("NONSENSE\r\n\r\n"), 400);
  std::string chunks = "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 9; ++i) chunks += "2000\r\n" + std::string(0x2000, 'x') + "\r\n";
  EXPECT_EQ(ask(chunks + "0\r\n\r\n"), 413);
  EXPECT_EQ(ask("POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nhi"), 100);
}

TEST(Http, GivesTheSameDecoyForEveryReason) {
  World world;
  const auto reference = Raw(world).answer_to("GET /unknown HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(status(reference), 404);
  EXPECT_EQ(reference.find("Server:"), std::string::npos);
  EXPECT_EQ(reference.find("Date:"), std::string::npos);
  const std::string upgrade = "Host: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n";
  for (const auto& probe :
       {std::string("POST /unknown HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"),
        "GET /leg/good HTTP/1.1\r\nHost: x\r\n\r\n" + std::string(),
        "GET /leg/bad HTTP/1.1\r\n" + upgrade + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        "GET /leg/good HTTP/1.1\r\n" + upgrade + "\r\n",
        "GET /leg/good HTTP/1.1\r\n" + upgrade + "Sec-WebSocket-Key: short\r\n\r\n",
        "GET /leg/good HTTP/1.1\r\n" + upgrade + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZR==\r\n\r\n",
        "POST /leg/good HTTP/1.1\r\n" + upgrade +
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nContent-Length: 0\r\n\r\n"})
    EXPECT_EQ(Raw(world).answer_to(probe), reference) << probe;
  EXPECT_FALSE(world.site.leg);
}

TEST(Http, AnswersAPipelinerOnceAndCloses) {
  World world;
  Raw peer(world);
  peer.write("GET /a HTTP/1.1\r\nHost: x\r\n\r\nGET /b HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(peer.until([&] { return peer.ended; }));
  EXPECT_EQ(peer.received.find("HTTP/1.1"), peer.received.rfind("HTTP/1.1"));
  EXPECT_NE(peer.received.find("Connection: close"), std::string::npos);
}

TEST(Http, DrainsWithoutCuttingAnAnswerOff) {
  World world;
  world.site.park_for = 2 * kAtOnce;  // who waits is not let go only with who asks
  Raw waiting(world);
  EXPECT_EQ(status(waiting.answer_to("GET /x HTTP/1.1\r\nHost: x\r\n\r\n")), 404);
  Raw asking(world);
  asking.write("GET /park HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(asking.until([&] { return world.site.parked == 1; }));
  world.server.drain();
  EXPECT_TRUE(waiting.until([&] { return waiting.ended; }, kAtOnce));
  EXPECT_TRUE(asking.until([&] { return asking.ended; }));
  EXPECT_EQ(status(asking.received), 200);
  EXPECT_NE(asking.received.find("Connection: close"), std::string::npos);
  EXPECT_TRUE(world.loop.until([&] { return world.scope.empty(); }));
}

}  // namespace
}  // namespace footbridge::http
