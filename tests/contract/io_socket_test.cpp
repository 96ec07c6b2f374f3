// Listener, resolver and connector on loopback.
#include <array>
#include <boost/asio/buffer.hpp>
#include <deque>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>
#include <vector>

#include "contract/loop.hpp"
#include "io/connector.hpp"
#include "io/endpoint.hpp"
#include "io/listener.hpp"
#include "io/own_addresses.hpp"
#include "io/resolver.hpp"
#include "io/test_scope.hpp"
#include "observe/logger.hpp"

namespace footbridge::io {
namespace {

using namespace std::chrono_literals;
using test::kAtOnce;
using test::Loop;

constexpr IpAddress kNobody = {};
Endpoint loopback(std::uint16_t port = 0) { return {IpAddress::v4(0x7f000001), port}; }

asio::awaitable<void> hold(Accepted accepted) {
  std::array<char, 1> byte{};
  co_await accepted.socket.async_read_some(asio::buffer(byte), no_throw);
}

struct Door {
  explicit Door(Loop& loop, ListenOptions options = {.address = loopback()})
      : listener(loop.executor(), std::move(options)), scope(loop.executor()), in(loop) {
    scope.spawn(listener.run([](Accepted accepted) { return hold(std::move(accepted)); }));
  }
  ~Door() { EXPECT_TRUE(in.end(scope)); }
  Listener listener;
  TestScope scope;
  Loop& in;
};

tcp::socket dial(Loop& loop, const Endpoint& to) {
  tcp::socket socket(loop.executor());
  socket.connect(to_tcp(to));
  return socket;
}

bool closed_by_peer(Loop& loop, tcp::socket& socket) {
  socket.non_blocking(true);
  return loop.until(
      [&] {
        std::array<char, 1> byte{};
        error_code error;
        socket.read_some(asio::buffer(byte), error);
        if (error == asio::error::would_block) return loop.settle(1ms), false;
        return true;
      },
      2s);
}

TEST(Listener, NamesTheOptionAndTheRemedyWhenItCannotBind) {
  Loop loop;
  const Listener first(loop.executor(), {.address = loopback()});
  try {
    const Listener second(loop.executor(), {.address = first.local(), .option = "--listen"});
    FAIL() << "two listeners on one port";
  } catch (const ListenError& error) {
    const std::string text = error.what();
    EXPECT_NE(text.find("--listen 127.0.0.1:"), std::string::npos) << text;
    EXPECT_NE(text.find("choose another port"), std::string::npos) << text;
  }
}

TEST(Listener, KeepsToItsCapsAndFreesThePlacesOfTheGone) {
  Loop loop;
  Door door(loop,
            {.address = loopback(), .limits = {.max_connections = 5, .max_per_prefix = 3, .exempt_loopback = false}});
  std::deque<tcp::socket> sockets;
  for (int i = 0; i < 4; ++i) sockets.push_back(dial(loop, door.listener.local()));
  EXPECT_TRUE(loop.until([&] { return door.listener.connections() == 3; }));
  EXPECT_TRUE(closed_by_peer(loop, sockets.back()));
  sockets.pop_front();
  EXPECT_TRUE(loop.until([&] { return door.listener.connections() == 2; }));
  sockets.push_back(dial(loop, door.listener.local()));
  EXPECT_TRUE(loop.until([&] { return door.listener.connections() == 3; }));
}

TEST(Listener, TakesANewCapOverAndClosesNothingForIt) {
  Loop loop;
  Door door(loop, {.address = loopback(), .limits = {.max_connections = 2}});
  std::deque<tcp::socket> sockets;
  for (int i = 0; i < 2; ++i) sockets.push_back(dial(loop, door.listener.local()));
  EXPECT_TRUE(loop.until([&] { return door.listener.connections() == 2; }));
  door.listener.set_max_connections(1);
  sockets.push_back(dial(loop, door.listener.local()));
  EXPECT_TRUE(closed_by_peer(loop, sockets.back()));
  EXPECT_EQ(door.listener.connections(), 2U);
  door.listener.set_max_connections(3);
  sockets.push_back(dial(loop, door.listener.local()));
  EXPECT_TRUE(loop.until([&] { return door.listener.connections() == 3; }));
}

TEST(Listener, SurvivesRunningOutOfDescriptors) {
  Loop loop;
  Door door(loop);
  auto first = dial(loop, door.listener.local());
  EXPECT_TRUE(loop.until([&] { return door.listener.connections() == 1; }));
  rlimit before{};
  ::getrlimit(RLIMIT_NOFILE, &before);
  auto waiting = dial(loop, door.listener.local());  // in the backlog while no descriptor is free
  const int next_free = ::open("/dev/null", O_RDONLY);
  ::close(next_free);
  const rlimit tight{static_cast<rlim_t>(next_free), before.rlim_max};
  ::setrlimit(RLIMIT_NOFILE, &tight);
  loop.settle(120ms);
  EXPECT_EQ(door.listener.connections(), 1U);
  ::setrlimit(RLIMIT_NOFILE, &before);
  EXPECT_TRUE(loop.until([&] { return door.listener.connections() == 2; }));
}

TEST(Listener, OutlivesAConnectionThatFailsAndSaysSo) {
  const observe::LogCapture log;
  Loop loop;
  Listener listener(loop.executor(), {.address = loopback()});
  TestScope scope(loop.executor());
  scope.spawn(listener.run([](Accepted) -> asio::awaitable<void> {
    throw std::runtime_error("a bug of ours");
    co_return;
  }));
  for (std::size_t i = 1; i <= 3; ++i) {
    auto peer = dial(loop, listener.local());
    EXPECT_TRUE(closed_by_peer(loop, peer));
    ASSERT_EQ(log.count("task-failed"), i);
  }
  EXPECT_EQ(log.records().front().field("task"), "connections");
  EXPECT_EQ(listener.connections(), 0U);
  EXPECT_TRUE(loop.end(scope));
}

TEST(Listener, ObeysACancelAtOnce) {
  Loop loop;
  Listener listener(loop.executor(), {.address = loopback()});
  TestScope scope(loop.executor());
  scope.spawn(listener.run([](Accepted accepted) { return hold(std::move(accepted)); }));
  auto held = dial(loop, listener.local());
  EXPECT_TRUE(loop.until([&] { return listener.connections() == 1; }));
  const auto start = now();
  EXPECT_TRUE(loop.end(scope));
  EXPECT_LT(now() - start, kAtOnce);
  EXPECT_EQ(listener.connections(), 0U);
}

TEST(Listener, DrainsWithoutEndingWhatIsOpen) {
  Loop loop;
  Listener listener(loop.executor(), {.address = loopback()});
  TestScope scope(loop.executor());
  scope.spawn(listener.run([](Accepted accepted) { return hold(std::move(accepted)); }));
  {
    auto held = dial(loop, listener.local());
    EXPECT_TRUE(loop.until([&] { return listener.connections() == 1; }));
    listener.close();
    loop.settle(30ms);
    EXPECT_EQ(listener.connections(), 1U);
    EXPECT_FALSE(scope.empty());
    tcp::socket late(loop.executor());
    error_code error;
    late.connect(to_tcp(listener.local()), error);
    EXPECT_EQ(error, asio::error::connection_refused);
  }
  EXPECT_TRUE(loop.until([&] { return scope.empty(); }));
}

// Answers that the test wrote down, one after the other; the last one stays.
class ScriptedResolver final : public Resolver {
 public:
  explicit ScriptedResolver(std::vector<Answer> answers) : answers_(std::move(answers)) {}
  asio::awaitable<Answer> resolve(Private<std::string> host, Duration) override {
    asked.push_back(host.reveal_to_socket());
    co_return answers_[std::min(asked.size(), answers_.size()) - 1];
  }
  std::vector<std::string> asked;

 private:
  std::vector<Answer> answers_;
};

class StuckResolver final : public Resolver {
 public:
  asio::awaitable<Answer> resolve(Private<std::string>, Duration limit) override {
    co_await test::pause(limit);
    co_return ResolveErrc::TimedOut;
  }
};

std::vector<IpAddress> ips(std::initializer_list<const char*> texts) {
  std::vector<IpAddress> out;
  for (const auto* text : texts) out.push_back(*IpAddress::parse(text));
  return out;
}

Result<tcp::socket, ConnectErrc> connect(Loop& loop, auto& connector, std::string host, std::uint16_t port,
                                         Duration limit = 2s) {
  std::optional<Result<tcp::socket, ConnectErrc>> out;
  loop.run([](auto& by, std::string to, std::uint16_t at, Duration within, auto& result) -> asio::awaitable<void> {
    result.emplace(co_await by.connect(Private(std::move(to)), at, within));
  }(connector, std::move(host), port, limit, out));
  return std::move(*out);
}

TEST(Connector, ChecksTheVeryAddressItConnectsTo) {
  Loop loop;
  Door door(loop);
  const auto port = door.listener.local().port;
  // DNS rebinding: public first, loopback next. Nothing may ever reach the listener on loopback.
  ScriptedResolver rebinding({ips({"::ffff:127.0.0.1"}), ips({"127.0.0.1"}), ips({"10.0.0.1", "169.254.169.254"}),
                              ips({"64:ff9b::7f00:1"}), ips({"::1", "::"})});
  const core::AddressPolicy strict{{}};
  Connector connector(loop.executor(), rebinding, strict);
  for (int i = 0; i < 6; ++i)
    EXPECT_EQ(connect(loop, connector, "rebind.example.net", port).error(), ConnectErrc::Policy);
  EXPECT_EQ(rebinding.asked.size(), 6U) << "one resolution per connect";
  loop.settle();
  EXPECT_EQ(door.listener.connections(), 0U);
}

TEST(Connector, ResolvesOnceEvenWhenTheFirstAnswerFails) {
  Loop loop;
  Door door(loop);
  const auto good = door.listener.local();
  std::uint16_t closed_port = 0;
  {
    const Listener gone(loop.executor(), {.address = loopback()});
    closed_port = gone.local().port;
  }
  // First answer: an allowed address where nobody listens. Second answer would be the open listener.
  ScriptedResolver resolver({ips({"127.0.0.2"}), ips({"127.0.0.1"})});
  const core::AddressPolicy policy{{.endpoints = {{*IpAddress::parse("127.0.0.2"), closed_port}, good}}};
  Connector connector(loop.executor(), resolver, policy);
  EXPECT_EQ(connect(loop, connector, "name.example.net", closed_port).error(), ConnectErrc::Refused);
  EXPECT_EQ(resolver.asked.size(), 1U);
}

TEST(Connector, TakesTheNextAddressWhenOneRefuses) {
  Loop loop;
  Door door(loop);
  const auto port = door.listener.local().port;
  ScriptedResolver resolver({ips({"::1", "127.0.0.2", "127.0.0.3", "127.0.0.1"})});
  const auto anywhere = core::AddressPolicy::unrestricted();
  Connector connector(loop.executor(), resolver, anywhere);
  const auto start = now();
  EXPECT_TRUE(connect(loop, connector, "name.example.net", port).ok());
  EXPECT_LT(now() - start, 2 * kNextAttempt) << "a refusal is not waited out, three times";
}

TEST(Connector, AnExceptionsPortDoesNotOpenThatPortElsewhere) {
  Loop loop;
  ScriptedResolver resolver({ips({"8.8.8.8"})});
  const core::EgressPolicy policy(core::PortPolicy::web(), core::AddressPolicy{{.endpoints = {loopback(7000)}}});
  EgressConnector connector(loop.executor(), resolver, policy);
  EXPECT_EQ(connect(loop, connector, "name.example.net", 7000).error(), ConnectErrc::Policy);
  EXPECT_EQ(connect(loop, connector, "0x7f.1", 80).error(), ConnectErrc::Policy);
  EXPECT_EQ(connect(loop, connector, "localhost", 80).error(), ConnectErrc::Policy);
  EXPECT_EQ(resolver.asked.size(), 1U) << "numeric and local names never reach the resolver";
}

TEST(Connector, EndsWithinItsLimitAndObeysACancel) {
  Loop loop;
  StuckResolver stuck;
  const auto anywhere = core::AddressPolicy::unrestricted();
  Connector connector(loop.executor(), stuck, anywhere);
  EXPECT_EQ(connect(loop, connector, "name.example.net", 80, 50ms).error(), ConnectErrc::NameFailure);

  // A listener whose backlog is full never answers the SYN: the connect itself hangs.
  tcp::acceptor full(loop.executor());
  full.open(tcp::v4());
  full.bind(to_tcp(loopback()));
  full.listen(0);
  const auto to = from_asio(full.local_endpoint());
  std::deque<tcp::socket> fillers;
  for (int i = 0; i < 4; ++i) {
    fillers.emplace_back(loop.executor());
    fillers.back().async_connect(to_tcp(to), [](error_code) {});
  }
  loop.settle();
  const auto begin = now();
  EXPECT_EQ(connect(loop, connector, "127.0.0.1", to.port, 100ms).error(), ConnectErrc::TimedOut);
  EXPECT_LT(now() - begin, 2s);

  TestScope scope(loop.executor());
  scope.spawn([](Connector& by, std::uint16_t at) -> asio::awaitable<void> {
    static_cast<void>(co_await by.connect(Private(std::string("127.0.0.1")), at));
  }(connector, to.port));
  loop.settle();
  const auto start = now();
  EXPECT_TRUE(loop.end(scope));
  EXPECT_LT(now() - start, kAtOnce);
}

TEST(SystemResolver, NeverSendsWhatIsNoName) {
  Loop loop;
  SystemResolver resolver(loop.executor());
  for (const auto* hostile : {"", ".", "127.0.0.1", "0x7f.1", "2130706433", "a b", "::1", "exa\nmple.com"})
    loop.run([](Resolver& by, std::string host) -> asio::awaitable<void> {
      const auto answer = co_await by.resolve(Private(host), 1s);
      EXPECT_TRUE(!answer.ok() && answer.error() == ResolveErrc::BadName) << host;
    }(resolver, hostile));
}

TEST(SystemResolver, KnowsLocalhostWithoutAskingAnybody) {
  Loop loop;
  SystemResolver resolver(loop.executor());
  loop.run([](Resolver& by) -> asio::awaitable<void> {
    const auto answer = co_await by.resolve(Private(std::string("localhost")), 5s);
    EXPECT_TRUE(answer.ok() && *answer == ips({"127.0.0.1", "::1"}));
  }(resolver));
}

TEST(SystemResolver, ObeysDeadlineAndCancelWhateverTheNameServersDo) {
  Loop loop;
  SystemResolver resolver(loop.executor());
  TestScope scope(loop.executor());
  const auto begin = now();
  for (int i = 0; i < 100; ++i)
    scope.spawn([](Resolver& by, int n) -> asio::awaitable<void> {
      static_cast<void>(co_await by.resolve(Private("n" + std::to_string(n) + ".invalid"), 100ms));
    }(resolver, i));
  EXPECT_TRUE(loop.until([&] { return scope.empty(); }));
  EXPECT_LT(now() - begin, 2s);
  scope.spawn([](Resolver& by) -> asio::awaitable<void> {
    static_cast<void>(co_await by.resolve(Private(std::string("other.invalid")), 60s));
  }(resolver));
  loop.settle(1ms);
  const auto start = now();
  EXPECT_TRUE(loop.end(scope));
  EXPECT_LT(now() - start, kAtOnce);
}

TEST(OwnAddresses, KnowLoopback) {
  const auto own = own_addresses();
  EXPECT_NE(std::find(own.begin(), own.end(), *IpAddress::parse("127.0.0.1")), own.end());
  EXPECT_EQ(std::find(own.begin(), own.end(), kNobody), own.end());
}

}  // namespace
}  // namespace footbridge::io
