// What the broker hears of requests that nobody waits for any more, on real sockets.
#include "programs/rendezvous_line.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>
#include <string>

#include "programs/line_fixture.hpp"

namespace footbridge {
namespace {

// Answers every request with its own body.
struct EchoBroker final : http::Handler {
  asio::awaitable<http::Response> handle(http::Request request) override {
    ++requests;
    http::Response response;
    response.body = std::move(request.body);
    co_return response;
  }
  std::size_t requests = 0;
};

struct RendezvousLineTest : LineFixture {
  EchoBroker broker;
  http::Server server{context.get_executor(), {.address = kAnyPort}, broker};
  std::vector<std::uint64_t> answered;
  RendezvousLine line{
      context.get_executor(), connector, {{way_to(server)}}, rng, [this](std::uint64_t id, RendezvousLine::Answer) {
        answered.push_back(id);
      }};

  RendezvousLineTest() { scope.spawn(server.run()); }
  ~RendezvousLineTest() override {
    run(line.close());
    end();
  }
};

TEST_F(RendezvousLineTest, NeverSendsWhatWasAbandonedInTheSameTurn) {
  line.post(1, to_bytes("abandoned"), Seconds{5});
  line.abandon(1);
  line.post(2, to_bytes("wanted"), Seconds{5});
  EXPECT_TRUE(until([&] { return !answered.empty(); }));
  until([] { return false; }, Millis{50});
  EXPECT_EQ(answered, std::vector<std::uint64_t>{2});
  EXPECT_EQ(broker.requests, 1U);
}

TEST_F(RendezvousLineTest, TakesTheNextWayAtOnceWhereNothingCanHaveArrived) {
  const auto good = way_to(server);
  std::vector<std::uint64_t> heard;
  const std::vector<http::Route> ways{wire::parse_url("http://127.0.0.1:1/").value(), good,
                                      wire::parse_url("http://127.0.0.1:2/").value()};
  WayMemory memory(std::nullopt);
  memory.remember(ways, {0, 2, 1});  // those that lead nowhere first
  RendezvousLine three{context.get_executor(),
                       connector,
                       {ways, nullptr, &memory},
                       rng,
                       [&](std::uint64_t id, RendezvousLine::Answer answer) {
                         EXPECT_TRUE(answer.ok());
                         heard.push_back(id);
                       }};
  for (std::uint64_t id = 1; id <= 3; ++id) {
    three.post(id, to_bytes("x"), Seconds{5});
    ASSERT_TRUE(until([&] { return heard.size() == id; }));
  }
  EXPECT_EQ(broker.requests, 3U);
  three.helped();
  EXPECT_EQ(memory.order_of(ways).front(), 1U) << "the one that helped comes first the next time";
  run(three.close());
}

struct TwoWays {
  TwoWays(RendezvousLineTest& test, const Endpoint& first)
      : ways{wire::parse_url("http://" + first.to_text() + "/").value(), LineFixture::way_to(test.server)},
        line((memory.remember(ways, {0, 1}), test.context.get_executor()), test.connector, {ways, nullptr, &memory},
             test.rng, [this](std::uint64_t id, RendezvousLine::Answer answer) { heard[id] = answer.ok(); }) {}
  std::vector<http::Route> ways;
  WayMemory memory{std::nullopt};
  std::map<std::uint64_t, bool> heard;  // with an answer, or not
  RendezvousLine line;
};

TEST_F(RendezvousLineTest, LeavesAWayThatTakesTheRequestAndStaysSilent) {
  asio::ip::tcp::acceptor silent(context, {asio::ip::address_v4::loopback(), 0});
  TwoWays two(*this, {IpAddress::v4(0x7f000001), silent.local_endpoint().port()});
  std::optional<asio::ip::tcp::socket> taken;
  silent.async_accept([&](const io::error_code&, asio::ip::tcp::socket socket) { taken.emplace(std::move(socket)); });
  two.line.post(1, to_bytes("x"), Seconds{20});
  EXPECT_TRUE(until([&] { return taken.has_value(); }, Seconds{20}));
  two.line.gave_up(1);
  two.line.post(2, to_bytes("x"), Seconds{20});
  EXPECT_TRUE(until([&] { return two.heard.contains(2); }, Seconds{20}));
  EXPECT_TRUE(two.heard[2]);
  EXPECT_EQ(broker.requests, 1U);
  EXPECT_FALSE(two.heard.contains(1));
  run(two.line.close());
}

TEST_F(RendezvousLineTest, LeavesAWayWhoseAnswerIsTooLarge) {
  asio::ip::tcp::acceptor wall(context, {asio::ip::address_v4::loopback(), 0});
  TwoWays two(*this, {IpAddress::v4(0x7f000001), wall.local_endpoint().port()});
  std::optional<asio::ip::tcp::socket> taken;
  wall.async_accept([&](const io::error_code&, asio::ip::tcp::socket socket) {
    asio::write(taken.emplace(std::move(socket)),
                asio::buffer(std::string("HTTP/1.1 200 OK\r\nContent-Length: 70000\r\n\r\n")));
  });
  for (std::uint64_t id = 1; id <= 2; ++id) {
    two.line.post(id, to_bytes("x"), Seconds{20});
    EXPECT_TRUE(until([&] { return two.heard.contains(id); }, Seconds{20}));
  }
  EXPECT_FALSE(two.heard[1]);
  EXPECT_TRUE(two.heard[2]);
  run(two.line.close());
}

struct SealedLineTest : RendezvousLineTest {
  SealedEcho echo{rng};
  http::Server sealed_server{context.get_executor(), {.address = kAnyPort}, echo};
  http::Route way = way_to(sealed_server);
  std::map<std::uint64_t, RendezvousLine::Answer> heard;
  std::optional<RendezvousLine> sealed;

  SealedLineTest() {
    scope.spawn(sealed_server.run());
    lead({way}, {echo.seal()});
  }
  ~SealedLineTest() override {
    run(sealed->close());
    end();
  }
  void lead(std::vector<http::Route> ways, std::vector<core::WaySeal> seals, WayMemory* memory = nullptr) {
    if (sealed) run(sealed->close());
    sealed.emplace(context.get_executor(), connector, BrokerWays{std::move(ways), nullptr, memory, std::move(seals)},
                   rng, [this](std::uint64_t id, RendezvousLine::Answer answer) {
                     heard.insert_or_assign(id, std::move(answer));
                     if (pass_over) sealed->try_another(id);
                   });
  }
  // nullopt: it came back with an error.
  std::optional<Bytes> ask(std::uint64_t id) {
    sealed->post(id, to_bytes("body"), Seconds{20});
    EXPECT_TRUE(until([&] { return heard.contains(id); }, Seconds{20}));
    const auto& answer = heard.at(id);
    return answer ? std::optional(*answer) : std::nullopt;
  }
  bool pass_over = false;
};

TEST_F(SealedLineTest, SpeaksSealedAndTakesTickets) {
  for (std::uint64_t id = 1; id <= 3; ++id) EXPECT_EQ(ask(id), to_bytes("body"));
  EXPECT_EQ(echo.broker->opened(), 3U);
  EXPECT_EQ(echo.requests, 3U);
}

TEST_F(SealedLineTest, ABrokersRestartCostsOneMoreExchangeAndNobodyNotices) {
  EXPECT_EQ(ask(1), to_bytes("body"));
  echo.restart();
  EXPECT_EQ(ask(2), to_bytes("body"));
  EXPECT_EQ(echo.requests, 3U);
  EXPECT_EQ(echo.broker->refused(core::SealRefusal::Inside), 1U);
  EXPECT_EQ(ask(3), to_bytes("body"));
  EXPECT_EQ(echo.requests, 4U);
}

TEST_F(SealedLineTest, WhoIsNotTheBrokerIsLeftForAnother) {
  EXPECT_EQ(broker.requests, 0U);
  const http::Route stranger = way_to(server);
  WayMemory memory(std::nullopt);
  memory.remember({stranger, way}, {0, 1});
  lead({stranger, way}, {echo.seal(), echo.seal()}, &memory);
  EXPECT_EQ(ask(1), std::nullopt);
  EXPECT_EQ(heard.at(1).error(), http::HttpErrc::NotTheirs);
  EXPECT_EQ(broker.requests, 1U) << "who refuses a handshake is not asked twice";
  EXPECT_EQ(ask(2), to_bytes("body"));
}

TEST_F(SealedLineTest, SendsNothingThatItCannotSeal) {
  lead({way}, {{echo.secret, {}}});
  EXPECT_EQ(ask(1), std::nullopt);
  EXPECT_EQ(heard.at(1).error(), http::HttpErrc::NoKey);
  EXPECT_EQ(echo.requests, 0U);
}

TEST_F(SealedLineTest, PutsWaysWithoutAKeyLast) {
  const auto at = [&](const char* path) { return way_to(sealed_server, path); };
  const std::vector<http::Route> ways{at("/a"), at("/b"), at("/c"), at("/d")};
  WayMemory memory(std::nullopt);
  memory.remember(ways, {0, 1, 2, 3});
  const core::WaySeal unknown{echo.secret, {}};
  lead(ways, {unknown, echo.seal(), unknown, echo.seal()}, &memory);
  EXPECT_EQ(sealed->order(), (std::vector<std::size_t>{1, 3, 0, 2}));
}

TEST_F(SealedLineTest, SaysWhenThereIsNoKeyForAnyWay) {
  const http::Route other = way_to(sealed_server, "/other");
  const core::WaySeal unknown{echo.secret, {}};
  int said = 0;
  lead({way, other}, {unknown, unknown});
  sealed->on_outdated([&] { ++said; });
  EXPECT_EQ(ask(1), std::nullopt);
  EXPECT_EQ(heard.at(1).error(), http::HttpErrc::NoKey);
  EXPECT_EQ(said, 1);
  lead({way, other}, {unknown, echo.seal()});
  sealed->on_outdated([&] { ++said; });
  EXPECT_EQ(ask(2), to_bytes("body"));
  EXPECT_EQ(said, 1) << "one way is enough";
}

TEST_F(SealedLineTest, WhatFailedIsTheAnswerWhereTheOthersHaveNoKey) {
  const std::vector<http::Route> ways{wire::parse_url("http://127.0.0.1:1/").value(), way};
  for (const std::vector<std::size_t>& order : {std::vector<std::size_t>{0, 1}, {1, 0}}) {
    WayMemory memory(std::nullopt);
    memory.remember(ways, order);
    lead(ways, {echo.seal(), {echo.secret, {}}}, &memory);
    bool said = false;
    sealed->on_outdated([&] { said = true; });
    const auto id = order.front() + 1;
    EXPECT_EQ(ask(id), std::nullopt);
    EXPECT_EQ(heard.at(id).error(), http::HttpErrc::Refused);
    EXPECT_FALSE(said);
    EXPECT_EQ(sealed->order().front(), 0U) << "the one that could be asked again";
  }
  EXPECT_EQ(echo.requests, 0U);
}

TEST_F(SealedLineTest, AsksForTheDirectoryWithoutAKeyAndGoesOnWithWhatItSays) {
  lead({way}, {{echo.secret, {}}});
  std::optional<RendezvousLine::Answer> directory;
  run([](RendezvousLine& line, std::optional<RendezvousLine::Answer>& out) -> asio::awaitable<void> {
    out = co_await line.ask_directory(0, Seconds{20});
  }(*sealed, directory));
  ASSERT_TRUE(directory && *directory);
  EXPECT_EQ(**directory, to_bytes("signed directory"));
  sealed->use({way}, {echo.seal()});
  EXPECT_EQ(ask(1), to_bytes("body"));
}

TEST_F(SealedLineTest, PassesOverWhoAnsweredThatRequest) {
  const http::Route same = way_to(sealed_server, "/other");
  lead({way, same}, {echo.seal(), echo.seal()});
  const auto first = sealed->order().front();
  pass_over = true;
  EXPECT_EQ(ask(1), to_bytes("body"));
  EXPECT_NE(sealed->order().front(), first);
  sealed->try_another(1);
  EXPECT_NE(sealed->order().front(), first) << "its answer was heard long ago";
}

TEST_F(SealedLineTest, PassesOverABrokerWithAllItsAddressesWhereTheOrderIsGiven) {
  const auto at = [&](const char* path) { return way_to(sealed_server, path); };
  auto other = echo.seal();
  other.keys.front().x25519 = {crypto::X25519KeyPair::random(rng).public_key.raw};
  if (sealed) run(sealed->close());
  sealed.emplace(
      context.get_executor(), connector,
      BrokerWays{.ways = {at("/a"), at("/b"), at("/c")}, .seals = {echo.seal(), echo.seal(), other}, .in_order = true},
      rng, [this](std::uint64_t id, RendezvousLine::Answer answer) {
        heard.insert_or_assign(id, std::move(answer));
        sealed->try_another(id);
      });
  EXPECT_EQ(ask(1), to_bytes("body"));
  EXPECT_EQ(sealed->order(), (std::vector<std::size_t>{2, 0, 1}));
}

TEST_F(RendezvousLineTest, SendsNothingMoreOnceItCloses) {
  run(line.close());
  line.post(1, to_bytes("late"), Seconds{5});
  until([] { return false; }, Millis{50});
  EXPECT_EQ(broker.requests, 0U);
  EXPECT_TRUE(answered.empty());
}

}  // namespace
}  // namespace footbridge
