// The HTTP server and client against each other and against raw bytes, and the relay leg's handshake through both.
#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <deque>
#include <functional>
#include <gtest/gtest.h>

#include "contract/loop.hpp"
#include "contract/ws_pair.hpp"
#include "io/connector.hpp"
#include "io/test_scope.hpp"
#include "transport/http/client.hpp"
#include "transport/http/server.hpp"
#include "transport/ws/handshake.hpp"

namespace footbridge::http {
namespace {

using namespace std::chrono_literals;
using test::Loop;

struct NoNames final : io::Resolver {
  asio::awaitable<Answer> resolve(Private<std::string>, Duration) override { co_return io::ResolveErrc::NoSuchName; }
};

// Knows /echo, /park (waits until released or cancelled) and /fail; takes upgrades under /leg/good.
struct Site final : Handler {
  explicit Site(Loop& in) : scope(in.executor()) {}
  asio::awaitable<Response> handle(Request request) override {
    const auto target = request.target.reveal_to_socket();
    if (target == "/echo") co_return Response{.content_type = request.content_type, .body = request.body};
    if (target == "/fail") co_return Response{.status = 503, .headers = {{"Retry-After", "7"}}};
    if (target != "/park") co_return decoy();
    struct Parked {
      Site& site;
      explicit Parked(Site& in) : site(in) { ++site.parked; }
      ~Parked() { --site.parked; }
    } here(*this);
    co_await test::pause(park_for);
    co_return Response{.body = to_bytes("released")};
  }
  bool take_upgrade(io::HttpUpgrade& upgrade) override {
    const auto& head = upgrade.head.reveal_to_socket();
    if (head.target() != "/leg/good" || !ws::is_leg_request(head)) return false;
    scope.spawn([](Site& site, io::HttpUpgrade taken) -> asio::awaitable<void> {
      site.leg = co_await ws::accept(std::move(taken), site.rng);
      if (site.leg) site.leg->start(site.heard);
    }(*this, std::move(upgrade)));
    return true;
  }
  io::TestScope scope;
  SeededRng rng{5};
  test::Heard heard;
  std::unique_ptr<ws::Leg> leg;
  int parked = 0;
  Duration park_for = 3600s;
};

struct World {
  explicit World(Server::Timing timing = {}, io::ConnectionLimits limits = {})
      : site(loop),
        server(loop.executor(), {.address = {IpAddress::v4(0x7f000001), 0}, .limits = limits}, site),
        scope(loop.executor()),
        connector(loop.executor(), names, anywhere) {
    server.set_timing_for_test(timing);
    scope.spawn(server.run());
  }
  ~World() {
    scope.cancel();
    site.scope.cancel();
    EXPECT_TRUE(loop.until([&] { return scope.empty() && site.scope.empty(); }, 2s));
  }
  wire::Url url(std::string_view path, std::string_view scheme = "http") {
    return *wire::parse_url(std::string(scheme) + "://" + server.local().to_text() + std::string(path));
  }
  Loop loop;
  NoNames names;
  core::AddressPolicy anywhere = core::AddressPolicy::unrestricted();
  Site site;
  Server server;
  io::TestScope scope;
  io::Connector connector;
};

Result<Response, HttpErrc> post(World& world, Client& client, wire::Url url, Bytes body, Duration limit = 5s) {
  std::optional<Result<Response, HttpErrc>> out;
  world.loop.run([](Client& by, wire::Url to, Bytes with, Duration within, auto& result) -> asio::awaitable<void> {
    result.emplace(co_await by.post(std::move(to), std::move(with), "text/plain", within));
  }(client, std::move(url), std::move(body), limit, out));
  return std::move(*out);
}

// A peer of the server that writes and reads bytes as they are.
struct Raw {
  explicit Raw(World& in) : world(in), socket(in.loop.executor()) {
    socket.connect(io::to_tcp(in.server.local()));
    socket.non_blocking(true);
  }
  void write(std::string_view text) {
    boost::system::error_code ignored;
    asio::write(socket, asio::buffer(text), ignored);
  }
  void poll() {
    std::array<char, 65536> chunk{};
    boost::system::error_code error;
    const auto count = socket.read_some(asio::buffer(chunk), error);
    if (!error) received.append(chunk.data(), count);
    ended = ended || (error && error != asio::error::would_block);
  }
  bool until(std::function<bool()> condition, Duration limit = 3s) {
    const auto deadline = io::now() + limit;
    for (poll(); !condition() && io::now() < deadline; poll()) world.loop.settle(2ms);
    return condition();
  }
  std::string answer_to(std::string_view text) {
    received.clear();
    write(text);
    until([&] { return ended || (received.find("\r\n\r\n") != std::string::npos && complete()); });
    return received;
  }
  bool complete() const {
    const auto at = received.find("Content-Length: ");
    const auto body = received.find("\r\n\r\n") + 4;
    return at != std::string::npos && received.size() >= body + std::stoul(received.substr(at + 16));
  }
  World& world;
  io::tcp::socket socket;
  std::string received;
  bool ended = false;
};

int status(const std::string& answer) { return answer.size() < 12 ? 0 : std::stoi(answer.substr(9, 3)); }

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

TEST(Http, NamesTheCauseOfEveryFailure) {
  World world;
  Client client(world.loop.executor(), world.connector, {});
  EXPECT_EQ(post(world, client, world.url("/fail"), {}).error(), HttpErrc::BadStatus);
  EXPECT_EQ(post(world, client, world.url("/echo"), Bytes(kMaxBodyBytes + 1)).error(), HttpErrc::TooLarge);
  EXPECT_EQ(post(world, client, world.url("/park"), {}, 50ms).error(), HttpErrc::TimedOut);
  EXPECT_EQ(post(world, client, world.url("/echo", "https"), {}).error(), HttpErrc::TlsUnsupported);
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
Result<Response, HttpErrc> post_to_answer(std::string answer) {
  World world;
  io::Listener listener(world.loop.executor(), {.address = {IpAddress::v4(0x7f000001), 0}});
  world.scope.spawn(listener.run([&](io::Accepted accepted) -> asio::awaitable<void> {
    return [](io::Accepted in, std::string text) -> asio::awaitable<void> {
      std::array<char, 4096> request{};
      co_await in.socket.async_read_some(asio::buffer(request), io::no_throw);
      co_await asio::async_write(in.socket, asio::buffer(text), io::no_throw);
    }(std::move(accepted), answer);
  }));
  Client client(world.loop.executor(), world.connector, {});
  auto result = post(world, client, *wire::parse_url("http://" + listener.local().to_text() + "/"), {});
  world.scope.cancel();
  EXPECT_TRUE(world.loop.until([&] { return world.scope.empty(); }, 1s));
  return result;
}

TEST(Http, TheClientTrustsNoServer) {
  EXPECT_EQ(post_to_answer("").error(), HttpErrc::Closed);
  EXPECT_EQ(post_to_answer("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc").error(), HttpErrc::Closed);
  EXPECT_EQ(post_to_answer("SSH-2.0-OpenSSH\r\n").error(), HttpErrc::Malformed);
  EXPECT_EQ(post_to_answer("HTTP/1.1 200 OK\r\nContent-Length: 70000\r\n\r\n").error(), HttpErrc::TooLarge);
  EXPECT_EQ(post_to_answer("HTTP/1.1 200 OK\r\n\r\n" + std::string(70'000, 'x')).error(), HttpErrc::TooLarge);
  EXPECT_EQ(post_to_answer("HTTP/1.1 200 OK\r\nX: " + std::string(9'000, 'x') + "\r\n\r\n").error(),
            HttpErrc::TooLarge);
  EXPECT_EQ(post_to_answer("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\nContent-Length: 0\r\n\r\n").error(),
            HttpErrc::BadStatus);
  EXPECT_TRUE(post_to_answer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").ok());
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
  EXPECT_TRUE(world.loop.until([&] { return most = std::max(most, world.server.connections()), done == 6; }, 5s));
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
  EXPECT_TRUE(world.loop.until([&] { return done == 2; }, 5s));
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
  EXPECT_TRUE(world.loop.until([&] { return world.site.parked == 0; }, 1s));
  EXPECT_LT(io::now() - start, 100ms);
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
  calls.cancel();
  EXPECT_TRUE(world.loop.until([&] { return calls.empty() && world.site.parked == 0; }, 1s));
  EXPECT_LT(io::now() - start, 100ms);
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
  World world({.head = 80ms, .body = 80ms, .idle = 150ms});
  for (const auto* start : {"", "GET / HT", "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab"}) {
    Raw peer(world);
    const auto begin = io::now();
    peer.write(start);
    EXPECT_TRUE(peer.until([&] { return peer.ended; }, 1s)) << start;
    EXPECT_LT(io::now() - begin, 400ms) << start;
    EXPECT_TRUE(peer.received.empty()) << start;
  }
  Raw idler(world);
  EXPECT_EQ(status(idler.answer_to("GET /x HTTP/1.1\r\nHost: x\r\n\r\n")), 404);
  world.loop.settle(100ms);
  idler.poll();
  EXPECT_FALSE(idler.ended) << "the idle limit is longer than the head's";
  EXPECT_TRUE(idler.until([&] { return idler.ended; }, 1s));
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
  world.site.park_for = 80ms;
  Raw waiting(world);
  EXPECT_EQ(status(waiting.answer_to("GET /x HTTP/1.1\r\nHost: x\r\n\r\n")), 404);
  Raw asking(world);
  asking.write("GET /park HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(asking.until([&] { return world.site.parked == 1; }));
  world.server.drain();
  EXPECT_TRUE(waiting.until([&] { return waiting.ended; }, 50ms));
  EXPECT_TRUE(asking.until([&] { return asking.ended; }));
  EXPECT_EQ(status(asking.received), 200);
  EXPECT_NE(asking.received.find("Connection: close"), std::string::npos);
  EXPECT_TRUE(world.loop.until([&] { return world.scope.empty(); }, 2s));
}

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
  EXPECT_TRUE(world.loop.until([&] { return heard.open && world.site.heard.open; }, 2s));
  EXPECT_TRUE(leg->send(as_bytes("up")));
  leg->flush();
  EXPECT_TRUE(world.site.leg->send(as_bytes("down")));
  world.site.leg->flush();
  EXPECT_TRUE(world.loop.until([&] { return heard.count == 1 && world.site.heard.count == 1; }, 2s));
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
  EXPECT_EQ(dial(world, world.url("/leg/good", "wss"))->error(), ws::DialErrc::TlsUnsupported);
  EXPECT_EQ(dial(world, world.url("/leg/good"))->error(), ws::DialErrc::BadScheme);
  EXPECT_EQ(dial(world, *wire::parse_url("ws://127.0.0.1:1/"))->error(), ws::DialErrc::Refused);
  EXPECT_EQ(dial(world, *wire::parse_url("ws://nobody.example.net/"))->error(), ws::DialErrc::Unresolved);
  io::tcp::acceptor silent(world.loop.executor(), {asio::ip::address_v4::loopback(), 0});
  const auto to = "ws://127.0.0.1:" + std::to_string(silent.local_endpoint().port()) + "/";
  EXPECT_EQ(dial(world, *wire::parse_url(to), 60ms)->error(), ws::DialErrc::TimedOut);
}

TEST(Handshake, ObeysACancelWithinATenthOfASecond) {
  World world;
  io::tcp::acceptor silent(world.loop.executor(), {asio::ip::address_v4::loopback(), 0});
  const auto to = "ws://127.0.0.1:" + std::to_string(silent.local_endpoint().port()) + "/";
  io::TestScope scope(world.loop.executor());
  Dialled out;
  scope.spawn(dial_into(world, *wire::parse_url(to), 3600s, out));
  world.loop.settle();
  const auto start = io::now();
  scope.cancel();
  EXPECT_TRUE(world.loop.until([&] { return scope.empty(); }, 1s));
  EXPECT_LT(io::now() - start, 100ms);
  EXPECT_FALSE(out);
}

}  // namespace
}  // namespace footbridge::http
