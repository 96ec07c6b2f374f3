// Streams of kind bridge through a real egress, to something that speaks like tor.
#include <filesystem>
#include <gtest/gtest.h>
#include <memory>
#include <optional>
#include <string>

#include "contract/egress_world.hpp"
#include "contract/fake_tor.hpp"
#include "core/egress/ext_or_port.hpp"
#include "core/egress/stream_limits.hpp"
#include "io/test_scope.hpp"
#include "ops/scratch_dir.hpp"

namespace footbridge::egress {
namespace {

using namespace std::chrono_literals;
using test::EgressClient;
using test::TorMood;
using wire::OpenStatus;

constexpr std::uint16_t kUserAddress = 1, kTransport = 2, kDone = 0;

struct Heard {
  std::optional<OpenStatus> status;
  std::string echo;
};

class BridgeStreams : public testing::Test {
 protected:
  // A bridge whose tor is in this mood, and a client of its egress.
  void start(TorMood mood) {
    tor.emplace(loop().executor(), mood);
    tor_scope.spawn(tor->run());
    (mood == TorMood::OrPort ? bridge.or_port : bridge.extended_or_port) = Private(tor->local());
    bridge.auth_cookie_file = folder.path("cookie");
    write_cookie(tor->cookie);
  }
  ~BridgeStreams() override { world.loop.run(end()); }
  asio::awaitable<void> end() {
    tor_scope.cancel();
    co_await tor_scope.join();
  }
  test::Loop& loop() { return world.loop; }

  void write_cookie(ByteView cookie, unsigned mode = 0600) {
    folder.write("cookie", std::string(core::kAuthCookieHeader) + to_string(cookie), mode);
  }
  EgressClient& client() {
    auto& out = world.client(0);
    EXPECT_TRUE(world.add_path(out));
    return out;
  }
  // Opens a stream to the bridge, says `hello` in the same breath, and waits for the answer and the echo.
  Heard ask(EgressClient& from, std::string hello = "hello",
            wire::OpenHeader header = {.kind = wire::StreamKind::Bridge}) {
    Heard out;
    loop().run(converse(from, std::move(header), std::move(hello), out), 15s);
    return out;
  }
  static asio::awaitable<void> converse(EgressClient& from, wire::OpenHeader header, std::string hello, Heard& out) {
    const auto stream = from.open(header);
    if (!stream || !co_await stream->write(as_bytes(hello))) co_return;
    Bytes got;
    while (co_await stream->readable() == io::SessionStream::Arrival::Bytes) {
      append(got, stream->peek());
      stream->consume(stream->peek().size());
      const auto opened = wire::parse_opened(got);
      if (!opened) continue;
      out.status = opened->header;
      out.echo = to_string(ByteView(got).subspan(opened->bytes));
      if (*out.status != OpenStatus::Connected || out.echo.size() == hello.size()) co_return;
    }
  }
  std::uint64_t failures(BridgeErrc why) { return world.metrics.bridge_failures[why].value(); }

  ops::ScratchDir folder;
  Bridge bridge;
  test::EgressWorld world{100, {}, &bridge};
  std::optional<test::FakeTor> tor;
  io::TestScope tor_scope{world.loop.executor()};
};

TEST_F(BridgeStreams, GoToTheOrPort) {
  start(TorMood::OrPort);
  const auto heard = ask(client());
  EXPECT_EQ(heard.status, OpenStatus::Connected);
  EXPECT_EQ(heard.echo, "hello");
  EXPECT_EQ(to_string(tor->relayed), "hello");
  EXPECT_EQ(world.metrics.bridge_streams.value(), 1U);
}

TEST_F(BridgeStreams, AreIntroducedAtTheExtendedOrPortWithTheAddressOfTheSessionsFirstLeg) {
  start(TorMood::ExtOrPort);
  auto& from = client();
  ASSERT_EQ(ask(from).status, OpenStatus::Connected);
  ASSERT_TRUE(world.add_path(from));
  ASSERT_EQ(ask(from, "again").echo, "again");
  ASSERT_EQ(tor->commands.size(), 6U);
  const auto user = Endpoint::parse(tor->commands[0].second);
  ASSERT_TRUE(user && user->address == IpAddress::v4(0x7f000001) && user->port != 0) << "the leg's, which is ours";
  for (std::size_t at = 0; at < 6; at += 3) {
    EXPECT_EQ(tor->commands[at], std::pair(kUserAddress, user->to_text())) << "also with a second leg";
    EXPECT_EQ(tor->commands[at + 1], std::pair(kTransport, std::string("footbridge")));
    EXPECT_EQ(tor->commands[at + 2], std::pair(kDone, std::string()));
  }
  EXPECT_EQ(to_string(tor->relayed), "helloagain");
}

TEST_F(BridgeStreams, OfASessionOverUdpHaveItsLegsAddress) {
  start(TorMood::ExtOrPort);
  world.address.udp_port = world.pool->udp_port().value();
  ASSERT_EQ(ask(client()).status, OpenStatus::Connected);
  const auto user = Endpoint::parse(tor->commands.at(0).second);
  EXPECT_TRUE(user && user->address == IpAddress::v4(0x7f000001) && user->port != 0);
}

TEST_F(BridgeStreams, ReadTheCookieAgainForEachConnection) {
  start(TorMood::ExtOrPort);
  auto& from = client();
  ASSERT_EQ(ask(from).status, OpenStatus::Connected);
  tor->cookie = Bytes(32, std::byte{8});
  EXPECT_EQ(ask(from).status, OpenStatus::Internal) << "tor has started again and has not written its file yet";
  EXPECT_EQ(failures(BridgeErrc::WrongCookie), 1U);
  write_cookie(tor->cookie);
  EXPECT_EQ(ask(from).status, OpenStatus::Connected);
}

TEST_F(BridgeStreams, GiveNothingToWhoDoesNotKnowTheCookie) {
  start(TorMood::KnowsAnotherCookie);
  const auto heard = ask(client());
  EXPECT_EQ(heard.status, OpenStatus::Internal);
  EXPECT_TRUE(heard.echo.empty());
  EXPECT_EQ(failures(BridgeErrc::WrongCookie), 1U);
  loop().settle(50ms);
  EXPECT_TRUE(tor->after_server_hash.empty() && tor->relayed.empty() && tor->commands.empty());
}

TEST_F(BridgeStreams, AreRefusedWhenTorDenies) {
  start(TorMood::Denies);
  EXPECT_EQ(ask(client()).status, OpenStatus::Refused);
  EXPECT_EQ(failures(BridgeErrc::Denied), 1U);
  EXPECT_TRUE(tor->relayed.empty());
}

TEST_F(BridgeStreams, GiveUpOnATorThatSaysNothing) {
  start(TorMood::SaysNothing);
  const auto before = io::now();
  EXPECT_EQ(ask(client()).status, OpenStatus::TimedOut);
  EXPECT_LT(io::now() - before, kBridgeLimit + 3s);
}

TEST_F(BridgeStreams, SayWhyWhenThereIsNoTor) {
  start(TorMood::OrPort);
  const auto gone = tor->local();
  loop().run(end());
  tor.reset();
  bridge.or_port = Private(gone);
  EXPECT_EQ(ask(client()).status, OpenStatus::Refused);
  EXPECT_EQ(failures(BridgeErrc::Refused), 1U);
}

TEST_F(BridgeStreams, AreNoScanWhenThereIsNoTor) {
  start(TorMood::OrPort);
  const auto gone = tor->local();
  loop().run(end());
  tor.reset();
  bridge.or_port = Private(gone);
  auto& from = client();
  for (std::size_t i = 0; i < core::kMaxFailedDestinationsPerMinute + 5; ++i)
    ASSERT_EQ(ask(from).status, OpenStatus::Refused) << "for as long as it is away, and never Limit";
}

TEST_F(BridgeStreams, SendNothingWithoutAGoodCookieFile) {
  start(TorMood::ExtOrPort);
  auto& from = client();
  const auto cookie = tor->cookie;
  write_cookie(cookie, 0644);
  EXPECT_EQ(ask(from).status, OpenStatus::Internal) << "anybody on this machine may read it";
  write_cookie(ByteView(cookie).first(31));
  EXPECT_EQ(ask(from).status, OpenStatus::Internal) << "half written";
  std::filesystem::remove(folder.path("cookie"));
  EXPECT_EQ(ask(from).status, OpenStatus::Internal);
  std::filesystem::create_directory(folder.path("cookie"));
  EXPECT_EQ(ask(from).status, OpenStatus::Internal);
  EXPECT_EQ(failures(BridgeErrc::NoCookie), 4U);
  EXPECT_EQ(tor->connections, 0U);
  std::filesystem::remove(folder.path("cookie"));
  write_cookie(cookie, 0640);
  EXPECT_EQ(ask(from).status, OpenStatus::Connected) << "for tor's group, as its options allow";
}

TEST_F(BridgeStreams, AreTheOnlyWayToTheOrPort) {
  start(TorMood::OrPort);
  auto& from = client();
  const auto port = tor->local().port;
  world.policy = core::EgressPolicy(core::PortPolicy::custom(std::to_string(port)).value(), core::AddressPolicy({}));
  const Private<wire::Destination> there({tor->local().address, port});
  EXPECT_EQ(ask(from, "hello", {.destination = there}).status, OpenStatus::Policy);
  EXPECT_EQ(tor->connections, 0U);
}

TEST(BridgeStream, IsRefusedByPolicyWhereThereIsNoBridge) {
  test::EgressWorld world;
  auto& from = world.client(0);
  ASSERT_TRUE(world.add_path(from));
  std::optional<OpenStatus> status;
  world.loop.run([](EgressClient& at, std::optional<OpenStatus>& out) -> asio::awaitable<void> {
    const auto stream = at.open({.kind = wire::StreamKind::Bridge});
    if (co_await stream->readable() != io::SessionStream::Arrival::Bytes) co_return;
    if (const auto opened = wire::parse_opened(stream->peek())) out = opened->header;
  }(from, status));
  EXPECT_EQ(status, OpenStatus::Policy);
}

}  // namespace
}  // namespace footbridge::egress
