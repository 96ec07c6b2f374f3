// When answers leave: those to strangers after the hold and not before, whatever was asked; those to users at once. The
// holds here are long, so that a busy machine changes nothing: what is early is early by far.
#include <gtest/gtest.h>
#include <memory>
#include <vector>

#include "contract/http_world.hpp"
#include "transport/http/site.hpp"

namespace footbridge::http {
namespace {

constexpr Duration kNever = 3600s;

struct HoldingWorld {
  explicit HoldingWorld(DecoyHold hold)
      : server(world.loop.executor(), {.address = {IpAddress::v4(0x7f000001), 0}}, world.site,
               {.site = &site, .hold_rng = &rng}) {
    server.set_timing_for_test({.hold = hold});
    world.scope.spawn(server.run());
  }
  ~HoldingWorld() { EXPECT_TRUE(world.loop.end(world.scope)); }
  // A peer whose request was read and dealt with; from here on its answer is held.
  std::unique_ptr<Raw> held() {
    world.site.park_for = 1ms;
    auto out = peer();
    out->write("POST /long-work HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
    EXPECT_TRUE(world.loop.until([&] { return world.site.parked == 1; }));
    EXPECT_TRUE(world.loop.until([&] { return world.site.parked == 0; }));
    world.loop.settle(50ms);
    out->poll();
    EXPECT_TRUE(out->received.empty()) << "it was not held";
    return out;
  }
  std::unique_ptr<Raw> peer() { return std::make_unique<Raw>(world, server.local()); }

  const Site site{{{"/index.html", {"text/html", to_bytes("first"), UnixSeconds{1'700'000'000}}}}};
  SeededRng rng{7};
  World world;
  Server server;
};

std::string post(std::string_view target, const std::string& body) {
  return "POST " + std::string(target) + " HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}

const std::string kUpgrade =
    " HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

// Everything that nobody of ours sends, and its answer.
const std::vector<std::pair<std::string, int>> kStrange{
    {"GET / HTTP/1.1\r\nHost: x\r\n\r\n", 200},
    {"HEAD / HTTP/1.1\r\nHost: x\r\n\r\n", 200},
    {"GET / HTTP/1.0\r\n\r\n", 200},
    {"GET /unknown HTTP/1.1\r\nHost: x\r\n\r\n", 404},
    {"PUT /unknown HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc", 405},
    {post("/unknown", ""), 404},
    {post("/unknown", std::string(40'000, 'x')), 404},
    {"POST /unknown HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", 404},
    {"GET /leg/bad" + kUpgrade, 404},
    {"GET /../.. HTTP/1.1\r\nHost: x\r\n\r\n", 400},
    {"NONSENSE\r\n\r\n", 400},
    {"GET /" + std::string(9000, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n", 413},
    {"POST / HTTP/1.1\r\nHost: x\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc", 400},
    {"GET / HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n", 200}};

TEST(DecoyHold, EveryAnswerToAStrangerLeavesAfterTheHoldAndNotBefore) {
  const DecoyHold hold{.least = 300ms, .spread = 100ms};
  HoldingWorld at(hold);
  struct Knock {
    std::unique_ptr<Raw> peer;
    TimePoint sent, answered;
  };
  std::vector<Knock> knocks;
  for (const auto& [request, expected] : kStrange) {
    knocks.push_back({at.peer(), io::now(), {}});
    knocks.back().peer->write(request);
  }
  const auto all = [&] {
    bool done = true;
    for (auto& knock : knocks) {
      knock.peer->poll();
      if (!knock.peer->received.empty() && knock.answered == TimePoint()) knock.answered = io::now();
      done = done && knock.answered != TimePoint();
    }
    return done;
  };
  for (const auto deadline = io::now() + kSoon; !all() && io::now() < deadline;) at.world.loop.settle(2ms);
  for (std::size_t i = 0; i < knocks.size(); ++i) {
    const auto request = kStrange[i].first.substr(0, 60);
    EXPECT_EQ(status(knocks[i].peer->received), kStrange[i].second) << request;
    EXPECT_GE(knocks[i].answered - knocks[i].sent, hold.least) << request;
    EXPECT_LT(knocks[i].answered - knocks[i].sent, hold.least + hold.spread + kAtOnce) << request;
  }
}

TEST(DecoyHold, AUserIsAnsweredAtOnce) {
  HoldingWorld at({.least = kNever});
  const auto peer = at.peer();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(status(peer->answer_to(post("/echo", "hi"))), 200);
  EXPECT_EQ(status(peer->answer_to(post("/fail", "hi"))), 503) << "a refusal is an answer to a user, too";
}

TEST(DecoyHold, CountsFromTheEndOfTheRequestAndNotFromItsBeginning) {
  const DecoyHold hold{.least = 200ms, .spread = 0ms};
  HoldingWorld at(hold);
  const auto peer = at.peer();
  const auto request = post("/unknown", "abc");
  peer->write(request.substr(0, request.size() - 1));
  at.world.loop.settle(hold.least);
  const auto ended = io::now();
  EXPECT_EQ(status(peer->answer_to(request.substr(request.size() - 1))), 404);
  EXPECT_GE(io::now() - ended, hold.least);
}

TEST(DecoyHold, WhatTheServerDoesMeanwhileIsPartOfIt) {
  const DecoyHold hold{.least = 900ms, .spread = 0ms};
  HoldingWorld at(hold);
  at.world.site.park_for = 800ms;
  const auto peer = at.peer();
  const auto asked = io::now();
  EXPECT_EQ(status(peer->answer_to(post("/long-work", "abc"))), 404);
  const auto took = io::now() - asked;
  EXPECT_GE(took, hold.least);
  EXPECT_LT(took, hold.least + kAtOnce) << "it began only when the work was done";
  at.world.site.park_for = hold.least + 100ms;
  EXPECT_EQ(status(peer->answer_to(post("/long-work", "abc"))), 404) << "longer than the hold";
}

TEST(DecoyHold, TheConnectionStaysAndIsAskedAgain) {
  HoldingWorld at({.least = 20ms, .spread = 0ms});
  const auto peer = at.peer();
  for (int i = 0; i < 4; ++i) {
    const auto answer = peer->answer_to("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(status(answer), 200);
    EXPECT_NE(answer.find("Connection: keep-alive"), std::string::npos);
    EXPECT_EQ(status(peer->answer_to(post("/echo", "hi"))), 200);
  }
  EXPECT_EQ(at.server.connections(), 1U);
}

TEST(DecoyHold, WhoHasGoneMeanwhileLeavesNothingBehind) {
  HoldingWorld at({.least = 100ms, .spread = 0ms});
  for (const bool reset : {false, true}) {
    {
      const auto peer = at.peer();
      peer->write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
      EXPECT_TRUE(at.world.loop.until([&] { return at.server.connections() == 1; }));
      if (reset) peer->socket.set_option(asio::socket_base::linger(true, 0));
    }
    EXPECT_TRUE(at.world.loop.until([&] { return at.server.connections() == 0; }));
  }
}

TEST(DecoyHold, ADrainLetsWhatIsHeldFinishAndSaysThatItCloses) {
  HoldingWorld at({.least = 2s, .spread = 0ms});
  const auto peer = at.held();
  at.server.drain();
  EXPECT_TRUE(peer->until([&] { return peer->ended; }));
  EXPECT_EQ(status(peer->received), 404);
  EXPECT_NE(peer->received.find("Connection: close"), std::string::npos);
}

TEST(DecoyHold, ACancelledServerDoesNotWaitForIt) {
  HoldingWorld at({.least = kNever});
  const auto peer = at.held();
  EXPECT_TRUE(at.world.loop.end(at.world.scope)) << "the hold was not cancelled";
  EXPECT_EQ(at.server.connections(), 0U);
  EXPECT_TRUE(peer->until([&] { return peer->ended; }));
  EXPECT_TRUE(peer->received.empty());
}

// A limit of the connection that passes in the hold has nothing to cancel, and must not meet the answer instead.
TEST(DecoyHold, ALimitThatPassesMeanwhileCutsNothing) {
  HoldingWorld at({.least = 300ms, .spread = 0ms});
  at.server.set_timing_for_test({.handler = 50ms, .hold = {.least = 300ms, .spread = 0ms}});
  const auto peer = at.peer();
  for (int i = 0; i < 2; ++i) EXPECT_EQ(status(peer->answer_to("GET / HTTP/1.1\r\nHost: x\r\n\r\n")), 200);
}

}  // namespace
}  // namespace footbridge::http
