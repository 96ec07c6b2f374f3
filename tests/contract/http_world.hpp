// An HTTP server on a loopback port with a small site behind it, and what the tests put in front of it: the client, and
// a peer that writes and reads bytes as they are. A test's own threads and clocks: none; everything runs in
// World::loop.
#pragma once

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

using namespace std::chrono_literals;
using test::kAtOnce;
using test::kSoon;
using test::Loop;

struct NoNames final : io::Resolver {
  asio::awaitable<Answer> resolve(Private<std::string>, Duration) override { co_return io::ResolveErrc::NoSuchName; }
};

// Knows /echo, /park (waits until released or cancelled), /long-work (the same, for a decoy) and /fail; takes upgrades
// under /leg/good.
struct Pages final : Handler {
  explicit Pages(Loop& in) : scope(in.executor()) {}
  asio::awaitable<Response> handle(Request request) override {
    const auto target = request.target.reveal_to_socket();
    if (target == "/echo") co_return Response{.content_type = request.content_type, .body = request.body};
    if (target == "/fail") co_return Response{.status = 503, .headers = {{"Retry-After", "7"}}};
    if (target != "/park" && target != "/long-work") co_return decoy();
    struct Parked {
      Pages& site;
      explicit Parked(Pages& in) : site(in) { ++site.parked; }
      ~Parked() { --site.parked; }
    } here(*this);
    co_await test::pause(park_for);
    if (target == "/long-work") co_return decoy();
    co_return Response{.body = to_bytes("released")};
  }
  bool take_upgrade(io::HttpUpgrade& upgrade) override {
    const auto& head = upgrade.head.reveal_to_socket();
    if (head.target() != "/leg/good" || !ws::is_leg_request(head)) return false;
    scope.spawn([](Pages& site, io::HttpUpgrade taken) -> asio::awaitable<void> {
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
    EXPECT_TRUE(loop.end(scope));
    EXPECT_TRUE(loop.end(site.scope));
  }
  wire::Url url(std::string_view path, std::string_view scheme = "http") {
    return *wire::parse_url(std::string(scheme) + "://" + server.local().to_text() + std::string(path));
  }
  Loop loop;
  NoNames names;
  core::AddressPolicy anywhere = core::AddressPolicy::unrestricted();
  Pages site;
  Server server;
  io::TestScope scope;
  io::Connector connector;
};

inline Result<Response, HttpErrc> post(World& world, Client& client, Route route, Bytes body, Duration limit = 5s) {
  std::optional<Result<Response, HttpErrc>> out;
  world.loop.run([](Client& by, Route to, Bytes with, Duration within, auto& result) -> asio::awaitable<void> {
    result.emplace(co_await by.post(std::move(to), std::move(with), "text/plain", within));
  }(client, std::move(route), std::move(body), limit, out));
  return std::move(*out);
}

// A peer of the server that writes and reads bytes as they are.
struct Raw {
  explicit Raw(World& in) : Raw(in, in.server.local()) {}
  Raw(World& in, const Endpoint& at) : world(in), socket(in.loop.executor()) {
    socket.connect(io::to_tcp(at));
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
  bool until(std::function<bool()> condition, Duration limit = kSoon) {
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

inline int status(const std::string& answer) { return answer.size() < 12 ? 0 : std::stoi(answer.substr(9, 3)); }

}  // namespace footbridge::http
