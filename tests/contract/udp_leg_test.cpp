// UDP relay legs on loopback: the real server and the real dialler, and raw sockets that say what nobody asked for.
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/udp.hpp>
#include <deque>
#include <gtest/gtest.h>

#include "contract/loop.hpp"
#include "contract/ws_pair.hpp"
#include "core/egress/address_policy.hpp"
#include "io/resolver.hpp"
#include "io/test_scope.hpp"
#include "transport/udp/dial.hpp"
#include "transport/udp/server.hpp"

namespace footbridge::udp {
namespace {

using namespace std::chrono_literals;
using test::Heard;
using test::Loop;

const Endpoint kAnyPort{IpAddress::v4(0x7f000001), 0};

// An egress that knows one token.
struct OneToken final : Gate {
  std::optional<std::uint16_t> port_for(TimePoint, ByteView shown) override {
    ++knocks;
    return std::ranges::equal(shown, token) && !used ? std::optional(port) : std::nullopt;
  }
  std::optional<Admitted> admit(TimePoint, const Endpoint&, ByteView shown) override {
    if (!std::ranges::equal(shown, token) || used) return std::nullopt;
    used = once;
    return Admitted{MatchId{}, {}};
  }
  void take(std::unique_ptr<Leg> leg, MatchId, const Endpoint&) override {
    legs.push_back(std::move(leg));
    legs.back()->set_idle_limit_for_test(idle);
    legs.back()->start(heard.emplace_back());
  }
  Bytes token;
  std::uint16_t port = 0;
  bool once = true, used = false;
  int knocks = 0;
  Duration idle = kUdpIdleLimit;
  std::deque<Heard> heard;
  std::vector<std::unique_ptr<Leg>> legs;
};

struct World {
  World() {
    gate.token = rng.bytes(crypto::kLegTokenBytes);
    gate.port = server->local().port;
    server->start();
  }
  ~World() { gate.legs.clear(); }
  Result<std::unique_ptr<Leg>, DialErrc> dial(std::uint16_t port, Duration limit = 3s) {
    std::optional<Result<std::unique_ptr<Leg>, DialErrc>> out;
    loop.run([](World& in, std::uint16_t to, Duration within, auto& into) -> asio::awaitable<void> {
      into.emplace(co_await udp::dial(in.connector, Private(std::string("127.0.0.1")), to, Private(in.gate.token),
                                      in.rng, within));
    }(*this, port, limit, out));
    return std::move(*out);
  }
  // Both ends of an open leg.
  void open() {
    auto dialled = dial(server->local().port);
    ASSERT_TRUE(dialled.ok());
    leg = std::move(*dialled);
    leg->set_idle_limit_for_test(gate.idle);
    leg->start(heard);
    ASSERT_TRUE(loop.until([&] { return heard.open && !gate.heard.empty() && gate.heard[0].open; }));
  }

  Loop loop;
  SeededRng rng{21};
  core::AddressPolicy anywhere = core::AddressPolicy::unrestricted();
  io::SystemResolver resolver{loop.executor()};
  io::Connector connector{loop.executor(), resolver, anywhere};
  core::UdpCookieJar jar{rng};
  OneToken gate;
  std::optional<Server> server{std::in_place, loop.executor(), kAnyPort, jar, gate, rng};
  Heard heard;
  std::unique_ptr<Leg> leg;
};

// A socket that says anything, and counts what comes back.
struct Stranger {
  explicit Stranger(World& in) : world(in), socket(in.loop.executor()) {
    socket.connect({asio::ip::address_v4::loopback(), in.server->local().port});
    socket.non_blocking(true);
  }
  void say(ByteView datagram) {
    said += datagram.size();
    socket.send(asio::buffer(datagram.data(), datagram.size()));
  }
  // All that came back so far.
  std::vector<Bytes> hear() {
    world.loop.settle(10ms);
    std::vector<Bytes> out;
    for (;;) {
      Bytes datagram(2000);
      io::error_code error;
      datagram.resize(socket.receive(asio::buffer(datagram), 0, error));
      if (error) return out;
      heard += datagram.size();
      out.push_back(std::move(datagram));
    }
  }
  World& world;
  asio::ip::udp::socket socket;
  std::size_t said = 0, heard = 0;
};

TEST(UdpLeg, CarriesMessagesOfEveryLengthBothWays) {
  World world;
  world.open();
  auto& far = *world.gate.legs[0];
  std::vector<Bytes> sent;
  for (std::size_t length = 1; length <= core::kMaxUdpMessageBytes; length += length < 80 ? 1 : 97) {
    sent.push_back(world.rng.bytes(length));
    EXPECT_TRUE(world.leg->send(sent.back()));
    EXPECT_TRUE(far.send(sent.back()));
  }
  world.leg->flush();
  far.flush();
  EXPECT_TRUE(world.loop.until(
      [&] { return world.heard.count == sent.size() && world.gate.heard[0].count == sent.size(); }, 3s));
  EXPECT_EQ(world.heard.messages, sent) << "signals and messages of 48 bytes are told apart";
  EXPECT_EQ(world.gate.heard[0].messages, sent);
  EXPECT_FALSE(world.leg->send(Bytes(core::kMaxUdpMessageBytes + 1)));
  EXPECT_EQ(world.leg->backlog_bytes(), 0U);
}

TEST(UdpLeg, CarriesThousandsInFewBatches) {
  World world;
  world.open();
  world.heard.keep = false;
  const auto message = world.rng.bytes(1132);
  world.heard.expected = message;
  constexpr std::size_t kCount = 3'000;
  for (std::size_t i = 0; i < kCount; ++i) {
    EXPECT_TRUE(world.gate.legs[0]->send(message));
    if (i % 50 == 49) world.gate.legs[0]->flush();
    if (i % 500 == 499) world.loop.until([&] { return world.heard.count == i + 1; }, 3s);
  }
  EXPECT_EQ(world.heard.count, kCount);
  EXPECT_TRUE(world.heard.intact);
  EXPECT_LT(world.heard.batches, kCount / 10) << "the kernel joins what comes in a row";
}

TEST(UdpLeg, IsSilentToWhoeverHasNoGoodToken) {
  World world;
  Stranger stranger(world);
  for (std::size_t i = 0; i < 50; ++i) stranger.say(world.rng.bytes(core::kMinUdpKnockBytes + 13 * i));
  stranger.say({});
  stranger.say(core::encode_udp_knock(world.rng.bytes(crypto::kLegTokenBytes), world.rng));
  stranger.say(ByteView(core::encode_udp_knock(world.gate.token, world.rng)).first(core::kMinUdpKnockBytes - 1));
  stranger.say(core::encode_udp_enter({}, world.gate.token, world.rng));
  world.gate.used = true;
  stranger.say(core::encode_udp_knock(world.gate.token, world.rng));
  EXPECT_TRUE(stranger.hear().empty());
  EXPECT_EQ(world.server->legs(), 0U);
  EXPECT_GT(world.gate.knocks, 0) << "the silence was an answer";
}

TEST(UdpLeg, ACookieIsGoodAtItsAddressOnlyAndTheTokenOnce) {
  World world;
  Stranger stranger(world);
  stranger.say(core::encode_udp_knock(world.gate.token, world.rng));
  const auto replies = stranger.hear();
  ASSERT_EQ(replies.size(), 1U);
  EXPECT_EQ(replies[0].size(), core::kUdpReplyBytes);
  EXPECT_LE(6 * stranger.heard, stranger.said) << "no amplifier";
  const auto invitation = core::parse_udp_reply(replies[0], world.gate.token);
  ASSERT_TRUE(invitation);
  asio::ip::udp::socket elsewhere(world.loop.executor(), {asio::ip::address_v4(0x7f000002), 0});
  const auto enter = core::encode_udp_enter(invitation->cookie, world.gate.token, world.rng);
  elsewhere.send_to(asio::buffer(enter), {asio::ip::address_v4::loopback(), world.server->local().port});
  world.loop.settle(10ms);
  EXPECT_EQ(world.server->legs(), 0U) << "the cookie of another address";
  stranger.say(enter);
  EXPECT_EQ(stranger.hear().size(), 1U) << "welcome";
  EXPECT_EQ(world.server->legs(), 1U);
  Stranger late(world);
  late.say(enter);
  EXPECT_TRUE(late.hear().empty()) << "the same cookie and token from another port";
  EXPECT_EQ(world.server->legs(), 1U);
}

TEST(UdpLeg, WelcomesWhoHasNotHeardIt) {
  World world;
  Stranger stranger(world);
  stranger.say(core::encode_udp_knock(world.gate.token, world.rng));
  const auto invitation = core::parse_udp_reply(stranger.hear().at(0), world.gate.token).value();
  const auto enter = core::encode_udp_enter(invitation.cookie, world.gate.token, world.rng);
  for (int i = 0; i < 3; ++i) {
    stranger.say(enter);
    EXPECT_EQ(stranger.hear().size(), 1U);
  }
  EXPECT_EQ(world.server->legs(), 1U);
  EXPECT_EQ(world.gate.heard[0].count, 0U) << "none of it was a message";
  stranger.say(world.rng.bytes(100));
  stranger.say(enter);
  EXPECT_TRUE(stranger.hear().empty()) << "who has begun to send has heard it";
}

TEST(UdpLeg, AnEndThatLeavesIsMissedAtOnce) {
  for (const bool politely : {true, false}) {
    World world;
    world.open();
    if (politely)
      world.leg->close(PipeEnd::Local);
    else
      world.leg.reset();
    EXPECT_TRUE(world.loop.until([&] { return world.gate.heard[0].closed.has_value(); }));
    EXPECT_EQ(world.gate.heard[0].closed, PipeEnd::Remote);
    if (politely) EXPECT_TRUE(world.loop.until([&] { return world.heard.closed == PipeEnd::Local; }));
    world.gate.legs.clear();
    EXPECT_EQ(world.server->legs(), 0U);
  }
}

TEST(UdpLeg, TheEgressLeavesToo) {
  World world;
  world.open();
  world.gate.legs[0]->close(PipeEnd::Local);
  EXPECT_TRUE(world.loop.until([&] { return world.heard.closed.has_value(); }));
  EXPECT_EQ(world.heard.closed, PipeEnd::Remote);
}

TEST(UdpLeg, ASilentEndIsLost) {
  World world;
  world.gate.idle = 150ms;
  world.open();
  const auto start = io::now();
  EXPECT_TRUE(world.loop.until([&] { return world.heard.closed && world.gate.heard[0].closed; }));
  EXPECT_EQ(world.heard.closed, PipeEnd::Lost);
  EXPECT_EQ(world.gate.heard[0].closed, PipeEnd::Lost);
  EXPECT_GE(io::now() - start, 100ms);
}

TEST(UdpLeg, TellsWhenNobodyIsThereAnyMore) {
  World world;
  world.open();
  world.gate.legs[0]->close(PipeEnd::Local);
  world.gate.legs.clear();
  world.server.reset();  // as an egress that ends: its words may not arrive
  EXPECT_TRUE(world.leg->send(as_bytes("anybody?")));
  world.leg->flush();
  EXPECT_TRUE(world.loop.until([&] { return world.heard.closed.has_value(); }));
}

TEST(UdpLeg, ADialIntoSilenceEndsInTime) {
  World world;
  asio::ip::udp::socket wall(world.loop.executor(), {asio::ip::address_v4::loopback(), 0});
  const auto start = io::now();
  const auto dialled = world.dial(wall.local_endpoint().port(), 300ms);
  ASSERT_FALSE(dialled.ok());
  EXPECT_EQ(dialled.error(), DialErrc::Silent);
  EXPECT_GE(io::now() - start, 290ms);
  EXPECT_LT(io::now() - start, 2s);
  EXPECT_GT(wall.available(), core::kMinUdpKnockBytes) << "it has said it more than once";
}

TEST(UdpLeg, ARefusedAddressHearsNothing) {
  World world;
  core::AddressPolicy nobody({});
  io::Connector strict(world.loop.executor(), world.resolver, nobody);
  std::optional<Result<std::unique_ptr<Leg>, DialErrc>> out;
  world.loop.run([](World& in, io::Connector& by, auto& into) -> asio::awaitable<void> {
    into.emplace(co_await udp::dial(by, Private(std::string("127.0.0.1")), in.server->local().port,
                                    Private(in.gate.token), in.rng));
  }(world, strict, out));
  ASSERT_FALSE(out->ok());
  EXPECT_EQ(out->error(), DialErrc::Policy);
  EXPECT_EQ(world.gate.knocks, 0);
}

}  // namespace
}  // namespace footbridge::udp
