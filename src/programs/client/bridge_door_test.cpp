// The door for tor's connections: which network a connection gets, and what it hears when it gets none. Brokers are not
// there in these tests, and links are of a nearby network that nobody leads to; the whole chain is tests/e2e's.
#include "programs/client/bridge_door.hpp"

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>
#include <list>
#include <string>
#include <utility>
#include <vector>

#include "core/egress/address_policy.hpp"
#include "crypto/system_rng.hpp"
#include "io/clock.hpp"
#include "io/connector.hpp"
#include "io/endpoint.hpp"
#include "io/resolver.hpp"
#include "io/test_scope.hpp"
#include "observe/logger.hpp"
#include "programs/client/nearby_network.hpp"

namespace footbridge::client {
namespace {

using namespace std::string_literals;

const std::string kPin(64, 'a');
const std::string kGreeting = "\x05\x02\x00\x02"s;
const std::string kConnect = "\x05\x01\x00\x01\xc0\x00\x02\x03\x00\x50"s;
const std::string kWelcome = "\x05\x02\x01\x00"s;  // credentials, taken
std::string refused(char code) { return kWelcome + "\x05"s + code + "\x00\x01\x00\x00\x00\x00\x00\x00"s; }

// As tor sends it: all arguments in the user name while they fit.
std::string asking(const std::string& arguments) {
  return kGreeting + "\x01"s + static_cast<char>(arguments.size()) + arguments + "\x01\x00"s + kConnect;
}

struct Door {
  explicit Door(Duration open_limit = Seconds{30}, Duration idle = kNetworkIdle)
      : networks(
            context.get_executor(),
            [this](std::size_t number, const NetworkSettings& settings) {
              made.push_back(number);
              ClientNetwork::Config config{.brokers = {settings.brokers}, .keeper = {.pins = {nearby.pin()}}};
              return std::make_unique<ClientNetwork>(context.get_executor(), connector, std::move(config), rng);
            },
            idle),
        door(
            context.get_executor(), ops::loopback(0), open_limit, networks,
            [](const wire::PtArguments& arguments) { return network_settings({}, {}, arguments); },
            [this](std::string_view sentence) { complaints.emplace_back(sentence); }) {
    networks.start(nearby.make_link());
    scope.spawn(door.run());
  }
  ~Door() {
    asio::post(context, [this] {
      networks.refuse();
      door.stop();
    });
    EXPECT_TRUE(run_until([this] { return scope.empty(); }));
    bool left = false;
    scope.spawn([](NetworkTable& table, bool& done) -> asio::awaitable<void> {
      co_await table.leave();
      done = true;
    }(networks, left));
    EXPECT_TRUE(run_until([&] { return left && scope.empty(); }));
    asio::post(context, [this] { nearby.stop(); });
    context.restart();
    context.poll();
  }

  bool run_until(const std::function<bool()>& condition, Duration limit = Seconds{10}) {
    const auto until = io::now() + limit;
    while (!condition() && io::now() < until) {
      context.restart();
      context.run_one_for(Millis{10});
    }
    return condition();
  }

  // A connection of tor's, and what it has heard.
  struct Connection {
    explicit Connection(asio::io_context& context) : socket(context) {}
    io::tcp::socket socket;
    std::string heard;
    bool over = false;
    bool finished = false;  // its coroutine
  };
  Connection& connect(std::string bytes) {
    auto& connection = connections.emplace_back(context);
    scope.spawn([](Connection& it, Endpoint at, std::string sent) -> asio::awaitable<void> {
      co_await it.socket.async_connect(io::to_tcp(at), asio::use_awaitable);
      co_await asio::async_write(it.socket, asio::buffer(sent), asio::use_awaitable);
      std::array<char, 512> some{};
      while (!it.over) {
        const auto [error, count] = co_await it.socket.async_read_some(asio::buffer(some), io::no_throw);
        it.heard.append(some.data(), count);
        it.over = !!error;
      }
      io::error_code ignored;
      it.socket.close(ignored);
      it.finished = true;
    }(connection, door.local(), std::move(bytes)));
    return connection;
  }
  void hang_up(Connection& connection) {
    asio::post(context, [&connection] {
      io::error_code ignored;
      connection.socket.close(ignored);
    });
    EXPECT_TRUE(run_until([&] { return connection.finished; }));
  }
  std::string ask(std::string bytes) {
    const auto& connection = connect(std::move(bytes));
    EXPECT_TRUE(run_until([&] { return connection.finished; })) << "the door closes in the end";
    return connection.heard;
  }

  observe::LogCapture log;
  asio::io_context context{1};
  crypto::SystemRng rng;
  io::SystemResolver resolver{context.get_executor()};
  const core::AddressPolicy policy = core::AddressPolicy::unrestricted();
  io::Connector connector{context.get_executor(), resolver, policy};
  NearbyNetwork nearby{context, rng};
  std::list<Connection> connections;
  std::vector<std::size_t> made;
  std::vector<std::string> complaints;
  NetworkTable networks;
  BridgeDoor door;
  io::TestScope scope{context.get_executor()};
};

std::string line(int port) { return "broker=http://127.0.0.1:" + std::to_string(port) + "/;pin=" + kPin; }

NetworkSettings settings_for(std::size_t port) {
  wire::PtArguments arguments;
  arguments.emplace("broker", Private("http://127.0.0.1:" + std::to_string(port) + "/"));
  arguments.emplace("pin", Private(kPin));
  return network_settings({}, {}, arguments).value();
}

TEST(BridgeDoor, RefusesAWrongLineAtOnceAndSaysWhy) {
  Door it;
  EXPECT_EQ(it.ask(asking("broker=http://127.0.0.1:1/;pin=short")), refused(1));
  ASSERT_EQ(it.complaints.size(), 1U);
  EXPECT_NE(it.complaints[0].find("pin= is wrong"), std::string::npos);
  EXPECT_EQ(it.complaints[0].find("short"), std::string::npos);
  EXPECT_TRUE(it.made.empty());
}

TEST(BridgeDoor, RepeatsAComplaintOnlyAfterAWhile) {
  Door it;
  for (int i = 0; i < 20; ++i) EXPECT_EQ(it.ask(asking("broker=x")), refused(1));
  EXPECT_EQ(it.complaints.size(), 1U);
}

TEST(BridgeDoor, RefusesALineThatCannotBeRead) {
  Door it;
  EXPECT_EQ(it.ask(asking("broker")), refused(1));
  ASSERT_EQ(it.complaints.size(), 1U);
  EXPECT_NE(it.complaints[0].find("one has no equals sign"), std::string::npos) << it.complaints[0];
}

TEST(BridgeDoor, HasNothingForOthersThanTor) {
  Door it;
  EXPECT_EQ(it.ask("GET / HTTP/1.1\r\n\r\n"), "");
  EXPECT_EQ(it.ask("\x05\x01\x00\x05\x03\x00\x01\x00\x00\x00\x00\x00\x00"s).substr(0, 4), "\x05\x00\x05\x07"s)
      << "no UDP here";
}

TEST(BridgeDoor, FailsInTimeAndSaysWhatStoodInTheWay) {
  Door it(Millis{300});
  EXPECT_EQ(it.ask(asking(line(1))), refused(1));
  ASSERT_EQ(it.complaints.size(), 1U);
  EXPECT_NE(it.complaints[0].find("No way out was found in time. Reason: nobody listens at the broker's address"),
            std::string::npos)
      << it.complaints[0];
}

TEST(BridgeDoor, GivesConnectionsOfOneLineOneNetwork) {
  Door it;
  const auto& a = it.connect(asking(line(1)));
  it.connect(asking("pin=" + kPin + ";broker=http://127.0.0.1:1"));
  ASSERT_TRUE(it.run_until([&] { return it.door.connections() == 2; }));
  it.connect(asking(line(2)));
  ASSERT_TRUE(it.run_until([&] { return it.networks.size() == 2; }));
  EXPECT_EQ(it.made, (std::vector<std::size_t>{1, 2}));
  EXPECT_EQ(a.heard, kWelcome) << "no answer before the bridge has accepted";
}

TEST(BridgeDoor, LetsGoOfANetworkThatNobodyUsesAnyMore) {
  Door it(Seconds{30}, Millis{50});
  auto& tor = it.connect(asking(line(1)));
  ASSERT_TRUE(it.run_until([&] { return it.networks.size() == 1; }));
  EXPECT_FALSE(it.run_until([&] { return it.networks.size() == 0; }, Millis{200})) << "it is in use";
  it.hang_up(tor);
  EXPECT_TRUE(it.run_until([&] { return it.networks.size() == 0; }));
  EXPECT_EQ(it.ask(asking("broker=x")), refused(1)) << "the door goes on";
}

TEST(BridgeDoor, KeepsANetworkForTheNextConnection) {
  Door it;
  auto& first = it.connect(asking(line(1)));
  ASSERT_TRUE(it.run_until([&] { return it.networks.size() == 1; }));
  it.hang_up(first);
  const auto& second = it.connect(asking(line(1)));
  ASSERT_TRUE(it.run_until([&] { return it.door.connections() == 1 && second.heard == kWelcome; }));
  EXPECT_EQ(it.made.size(), 1U);
}

TEST(BridgeDoor, RefusesMoreNetworksThanItsBound) {
  Door it;
  for (std::size_t i = 1; i <= kMaxNetworks; ++i) it.connect(asking(line(static_cast<int>(i))));
  ASSERT_TRUE(it.run_until([&] { return it.networks.size() == kMaxNetworks; }));
  EXPECT_EQ(it.ask(asking(line(99))), refused(1));
  ASSERT_EQ(it.complaints.size(), 1U);
  EXPECT_NE(it.complaints[0].find("8 networks are in use already, or are being left"), std::string::npos);
  it.hang_up(it.connections.front());
  it.connect(asking(line(99)));
  EXPECT_TRUE(it.run_until([&] { return it.made.size() == kMaxNetworks + 1; })) << "the place of one that is idle";
  EXPECT_EQ(it.networks.size(), kMaxNetworks);
}

TEST(NetworkTable, TakesNothingAwayForOneThatItRefuses) {
  Door it;
  const auto use = [&](std::size_t port) { return it.networks.use(io::now(), settings_for(port)); };
  for (std::size_t i = 1; i <= kMaxNetworks; ++i) ASSERT_TRUE(use(i)) << "idle at once";
  std::vector<NetworkTable::Lease> leases;
  for (std::size_t i = 1; i < kMaxNetworks; ++i) leases.push_back(*use(100 + i));
  ASSERT_TRUE(use(200)) << "now as many are leaving, and this one is idle";
  ASSERT_EQ(it.made.size(), 2 * kMaxNetworks);
  EXPECT_FALSE(use(201));
  EXPECT_EQ(it.networks.size(), kMaxNetworks);
  EXPECT_TRUE(use(200));
  EXPECT_EQ(it.made.size(), 2 * kMaxNetworks) << "it was there still";
  EXPECT_TRUE(it.run_until([&] { return use(201).has_value(); })) << "when goodbye was said";
}

TEST(BridgeDoor, TellsThoseWhoWaitWhenItStops) {
  Door it;
  auto& tor = it.connect(asking(line(1)));
  ASSERT_TRUE(it.run_until([&] { return it.networks.size() == 1; }));
  asio::post(it.context, [&] { it.networks.refuse(); });
  EXPECT_TRUE(it.run_until([&] { return tor.finished; }));
  EXPECT_EQ(tor.heard, refused(1));
}

}  // namespace
}  // namespace footbridge::client
