// What the broker hears of requests that nobody waits for any more, and which way they take, on real sockets.
#include "programs/rendezvous_line.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>
#include <map>
#include <set>
#include <string>

#include "programs/rendezvous_line_fixture.hpp"

namespace footbridge {
namespace {

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
  Memory memory(rng, ways, {0, 2, 1});  // those that lead nowhere first
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
  EXPECT_EQ(memory.helpers(ways), std::vector<std::size_t>{1}) << "the others failed, and are forgotten";
  run(three.close());
}

struct TwoWays {
  TwoWays(RendezvousLineTest& test, const Endpoint& first)
      : ways{wire::parse_url("http://" + first.to_text() + "/").value(), LineFixture::way_to(test.server)},
        memory(test.rng, ways, {0, 1}),
        line(test.context.get_executor(), test.connector, {ways, nullptr, &memory}, test.rng,
             [this](std::uint64_t id, RendezvousLine::Answer answer) { heard[id] = answer.ok(); }) {}
  std::vector<http::Route> ways;
  Memory memory;
  std::map<std::uint64_t, bool> heard;  // with an answer, or not
  RendezvousLine line;
};

// Where nobody is asked: every way leads nowhere.
std::vector<http::Route> eight_ways() {
  std::vector<http::Route> out;
  for (int i = 1; i <= 8; ++i) out.emplace_back(wire::parse_url("http://127.0.0.1:" + std::to_string(i) + "/").value());
  return out;
}

TEST_F(RendezvousLineTest, BeginsInEachPlaceWithWhatHelpedThereAndOtherwiseByChance) {
  const auto ways = eight_ways();
  Memory memory(rng, ways, {5, 2});
  const auto first_ways = [&] {
    RendezvousLine eight{context.get_executor(), connector, {ways, nullptr, &memory}, rng, {}};
    return eight.order();
  };
  std::set<std::size_t> elsewhere;
  for (int i = 0; i < 40; ++i) {
    memory.network = "home";
    const auto home = first_ways();
    ASSERT_EQ(home[0], 5U);
    ASSERT_EQ(home[1], 2U);
    memory.network = i % 2 == 0 ? "work" : "";
    elsewhere.insert(first_ways().front());
  }
  EXPECT_GE(elsewhere.size(), 5U) << "no order of another place is a hint";
}

TEST_F(RendezvousLineTest, TakesNothingThatItLearnedToAnotherPlace) {
  const auto good = way_to(server);
  auto ways = eight_ways();
  ways.emplace_back(good);
  Memory memory(rng);
  std::set<std::uint64_t> heard;
  RendezvousLine nine{
      context.get_executor(), connector, {ways, nullptr, &memory}, rng, [&](std::uint64_t id, RendezvousLine::Answer) {
        heard.insert(id);
      }};
  std::set<std::size_t> elsewhere;
  for (std::uint64_t id = 1; id <= 20; ++id) {
    nine.post(id, to_bytes("x"), Seconds{20});
    ASSERT_TRUE(until([&] { return heard.contains(id); }, Seconds{20}));
    EXPECT_EQ(nine.order().front(), 8U) << "the one that works";
    memory.network = "café " + std::to_string(id);
    if (id % 2 == 0) nine.on_network_change();  // else the system tells nothing, and the next request looks
    elsewhere.insert(nine.order().front());
    if (id == 1) nine.helped();
  }
  EXPECT_GE(elsewhere.size(), 4U);
  for (const auto* place : {"home", "café 1"}) {
    memory.network = place;
    EXPECT_EQ(memory.helpers(ways), std::vector<std::size_t>{}) << "an answer of one place counts in no other";
  }
  run(nine.close());
}

TEST_F(RendezvousLineTest, KnowsAPlaceAgainThatCouldNotBeToldAtFirst) {
  const auto ways = eight_ways();
  Memory memory(rng, ways, {6});
  for (int i = 0; i < 20; ++i) {
    memory.network = "";
    RendezvousLine eight{context.get_executor(), connector, {ways, nullptr, &memory}, rng, {}};
    memory.network = "home";
    ASSERT_EQ(eight.order().front(), 6U);
    memory.network = "";
    EXPECT_EQ(eight.order().front(), 6U) << "for a moment it cannot be told";
  }
}

TEST_F(RendezvousLineTest, StaysWithAWayThatAnsweredWhenThePlaceCanBeTold) {
  auto ways = eight_ways();
  ways.emplace_back(way_to(server));
  Memory memory(rng, ways, {6});
  memory.network = "";
  bool answered = false;
  RendezvousLine nine{
      context.get_executor(), connector, {ways, nullptr, &memory}, rng, [&](std::uint64_t, RendezvousLine::Answer) {
        answered = true;
      }};
  nine.post(1, to_bytes("x"), Seconds{20});
  ASSERT_TRUE(until([&] { return answered; }, Seconds{20}));
  memory.network = "home";
  EXPECT_EQ(nine.order().front(), 8U);
  run(nine.close());
}

TEST_F(RendezvousLineTest, WithoutAMemoryAChangeOfNetworkKeepsTheOrderAndForgetsWhatFailed) {
  const std::vector<http::Route> ways{way_to(server), way_to(server, "/other")};
  for (int i = 0; i < 8; ++i) {
    std::set<std::uint64_t> heard;
    RendezvousLine two{context.get_executor(), connector, {ways}, rng, [&](std::uint64_t id, RendezvousLine::Answer) {
                         heard.insert(id);
                       }};
    two.post(1, to_bytes("x"), Seconds{20});
    ASSERT_TRUE(until([&] { return heard.contains(1); }, Seconds{20}));
    const auto first = two.order().front();
    const auto before = broker.requests;
    broker.hold = true;
    two.post(2, to_bytes("x"), Seconds{20});
    ASSERT_TRUE(until([&] { return broker.requests > before; }, Seconds{20}));
    broker.hold = false;
    two.gave_up(2);
    EXPECT_NE(two.order().front(), first) << "it was silent";
    two.on_network_change();
    EXPECT_EQ(two.order().front(), first) << "it worked before, and what failed, failed elsewhere";
    run(two.close());
  }
}

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

TEST_F(RendezvousLineTest, SendsNothingMoreOnceItCloses) {
  run(line.close());
  line.post(1, to_bytes("late"), Seconds{5});
  until([] { return false; }, Millis{50});
  EXPECT_EQ(broker.requests, 0U);
  EXPECT_TRUE(answered.empty());
}

}  // namespace
}  // namespace footbridge
