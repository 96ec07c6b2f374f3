// A line whose ways are sealed: tickets, keys, and the question for the directory, on real sockets.
#include <boost/asio/ip/tcp.hpp>
#include <gtest/gtest.h>
#include <map>
#include <string>

#include "programs/rendezvous_line_fixture.hpp"

namespace footbridge {
namespace {

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
  Memory memory(rng, {stranger, way}, {0, 1});
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
  Memory memory(rng, ways, {0, 1, 2, 3});
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
    Memory memory(rng, ways, order);
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

// A black hole that is asked for the directory, a request that the broker holds, and another that cannot wait.
TEST_F(SealedLineTest, AQuestionForTheDirectoryGivesItsConnectionToARequest) {
  asio::ip::tcp::acceptor hole(context, {asio::ip::address_v4::loopback(), 0});
  std::vector<asio::ip::tcp::socket> taken;
  std::function<void()> take = [&] {
    hole.async_accept([&](const io::error_code& error, asio::ip::tcp::socket socket) {
      if (error) return;
      taken.push_back(std::move(socket));
      take();
    });
  };
  take();
  const http::Route silent =
      wire::parse_url("http://127.0.0.1:" + std::to_string(hole.local_endpoint().port()) + "/").value();
  Memory memory(rng, {way, silent}, {0});
  lead({way, silent}, {echo.seal(), echo.seal()}, &memory);
  std::optional<RendezvousLine::Answer> directory;
  scope.spawn([](RendezvousLine& line, std::optional<RendezvousLine::Answer>& out) -> asio::awaitable<void> {
    out = co_await line.ask_directory(1, Seconds{60});
  }(*sealed, directory));
  EXPECT_TRUE(until([&] { return taken.size() == 1; }, Seconds{20}));
  echo.hold = true;
  sealed->post(1, to_bytes("parked"), Seconds{60});
  EXPECT_TRUE(until([&] { return echo.requests == 1; }, Seconds{20}));
  echo.hold = false;
  EXPECT_EQ(ask(2), to_bytes("body")) << "at once, though the question has time left";
  EXPECT_FALSE(heard.contains(1));
  EXPECT_TRUE(until([&] { return taken.size() == 2; }, Seconds{20})) << "and then the question is asked again";
  EXPECT_FALSE(directory);
  taken.clear();
  EXPECT_TRUE(until([&] { return directory.has_value(); }, Seconds{20}));
  sealed->abandon(1);
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

}  // namespace
}  // namespace footbridge
