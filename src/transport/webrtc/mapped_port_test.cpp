// A link at a port that a router forwards, with a router that does nothing else: whoever comes otherwise finds nobody.
#include <algorithm>
#include <array>
#include <boost/asio/ip/udp.hpp>
#include <gtest/gtest.h>
#include <string>
#include <unistd.h>

#include "base/byte_writer.hpp"
#include "transport/webrtc/link_harness.hpp"
#include "wire/sdp.hpp"

namespace footbridge::webrtc {
namespace {

using Udp = boost::asio::ip::udp;
const IpAddress kLoopback = IpAddress::v4(0x7f000001);

Udp::endpoint on_loopback(std::uint16_t port) { return {boost::asio::ip::address_v4::loopback(), port}; }
Endpoint endpoint_of(const Udp::socket& socket) { return {kLoopback, socket.local_endpoint().port()}; }

// A socket of the test that is looked at in each turn of its loop.
struct Ear {
  explicit Ear(boost::asio::io_context& io) : socket(io, on_loopback(0)) { socket.non_blocking(true); }
  template <class OnDatagram>
  void read(const OnDatagram& on_datagram) {
    std::array<std::byte, 2'048> buffer{};
    boost::system::error_code error;
    Udp::endpoint from;
    for (;;) {
      const auto count = socket.receive_from(boost::asio::buffer(buffer), from, 0, error);
      if (error) return;
      on_datagram(ByteView(buffer).first(count), from);
    }
  }
  void send(ByteView datagram, const Udp::endpoint& to) {
    boost::system::error_code ignored;
    socket.send_to(boost::asio::buffer(datagram.data(), datagram.size()), to, 0, ignored);
  }
  Udp::socket socket;
};

// Above those that Linux gives to whoever wants just any: nobody takes it before the link does. Two runs at once begin
// at different places.
std::uint16_t free_port(boost::asio::io_context& io) {
  constexpr std::uint16_t kFirst = 61'000, kCount = 4'000;
  for (std::uint16_t i = 0; i < kCount; ++i) {
    const auto port = static_cast<std::uint16_t>(kFirst + (::getpid() + i) % kCount);
    Udp::socket socket(io, Udp::v4());
    boost::system::error_code taken;
    socket.bind(on_loopback(port), taken);
    if (!taken) return port;
  }
  return 0;
}

// Outside ⇄ one port inside, for one stranger.
struct Router {
  Router(boost::asio::io_context& io, std::uint16_t inside_port)
      : outside(io), inside(io), behind(on_loopback(inside_port)) {}
  void carry() {
    outside.read([&](ByteView datagram, const Udp::endpoint& from) {
      stranger = from;
      inside.send(datagram, behind);
    });
    inside.read([&](ByteView datagram, const Udp::endpoint&) {
      if (stranger) outside.send(datagram, *stranger);
    });
  }
  Ear outside;
  Ear inside;
  Udp::endpoint behind;
  std::optional<Udp::endpoint> stranger;
};

// Says of everybody who asks that it sees him at `seen`: the request's head and MAPPED-ADDRESS, which libnice asks for
// in the words of RFC 3489 (§11.2.1).
struct StunServer {
  StunServer(boost::asio::io_context& io, Endpoint seen_at) : ear(io), seen(seen_at) {}
  void answer() {
    ear.read([&](ByteView question, const Udp::endpoint& from) {
      if (question.size() < 20) return;
      Bytes out;
      ByteWriter writer(out);
      writer.u16(0x0101).u16(12).bytes(question.subspan(4, 16));
      writer.u16(0x0001).u16(8).u16(1).u16(seen.port).u32(seen.address.v4_host_order());
      ear.send(out, from);
    });
  }
  Ear ear;
  Endpoint seen;
};

wire::SessionDescription parsed(const std::optional<Private<std::string>>& description) {
  return *wire::parse_sdp(description->reveal_to_socket());
}
Private<std::string> written(const wire::SessionDescription& description) {
  return Private(wire::encode_sdp(description, 1));
}

struct MappedPort : testing::Test {
  std::unique_ptr<LinkPair> pair = std::make_unique<LinkPair>();
  std::uint16_t port = 0;
  std::optional<Router> router;

  // A port inside that was free just now, and a router that forwards to it.
  core::MappedPort map() {
    port = free_port(pair->io);
    router.emplace(pair->io, port);
    return {port, Private(endpoint_of(router->outside.socket))};
  }
  bool answer(core::MappedPort mapped, const Private<std::string>& offer) {
    pair->proxy.link = pair->engine.answer(pair->io.get_executor(), {.mapped = std::move(mapped)}, offer, pair->proxy);
    return run_until(pair->io, [&] { return pair->proxy.description.has_value(); });
  }
  bool offer() {
    pair->client.link = pair->engine.offer(pair->io.get_executor(), {}, pair->client);
    return run_until(pair->io, [&] { return pair->client.description.has_value(); });
  }
  static bool names(const wire::SessionDescription& description, const Private<Endpoint>& endpoint) {
    return std::ranges::any_of(description.candidates, [&](const auto& c) { return c.endpoint == endpoint; });
  }
};

TEST_F(MappedPort, BringsALinkTogetherWhereNothingElseDoes) {
  const auto mapped = map();
  ASSERT_TRUE(offer());
  // The proxy is told of a place of the client's where nobody is, the client of the router alone.
  Ear nobody(pair->io);
  auto offered = parsed(pair->client.description);
  offered.candidates.resize(1);
  offered.candidates[0].endpoint = Private(endpoint_of(nobody.socket));
  ASSERT_TRUE(answer(mapped, written(offered)));
  auto answered = parsed(pair->proxy.description);
  ASSERT_TRUE(names(answered, mapped.external));
  EXPECT_EQ(answered.candidates.front().type, wire::CandidateType::ServerReflexive);
  answered.candidates.resize(1);
  ASSERT_TRUE(pair->client.link->accept_answer(written(answered), LinkKind::DataChannel));
  EXPECT_TRUE(run_until(
      pair->io,
      [&] {
        router->carry();
        return pair->client.opened == 1 && pair->proxy.opened == 1;
      },
      std::chrono::seconds(30)));
  EXPECT_TRUE(router->stranger.has_value());
}

TEST_F(MappedPort, IsTheOneOfTheLinksOwnSockets) {
  const auto mapped = map();
  ASSERT_TRUE(offer());
  ASSERT_TRUE(answer(mapped, *pair->client.description));
  EXPECT_TRUE(names(parsed(pair->proxy.description), Private(Endpoint{kLoopback, port})));
  EXPECT_EQ(pair->proxy.description->reveal_to_socket().find("raddr 127"), std::string::npos);
}

TEST_F(MappedPort, IsDoneWithoutWhenSomebodyElseHasIt) {
  auto mapped = map();
  const Ear other(pair->io);
  mapped.local_port = other.socket.local_endpoint().port();
  ASSERT_TRUE(offer());
  ASSERT_TRUE(answer(mapped, *pair->client.description));
  const auto answered = parsed(pair->proxy.description);
  EXPECT_FALSE(names(answered, mapped.external));
  EXPECT_FALSE(answered.candidates.empty());
  ASSERT_TRUE(pair->client.link->accept_answer(*pair->proxy.description, LinkKind::DataChannel));
  EXPECT_TRUE(run_until(pair->io, [&] { return pair->client.opened == 1 && pair->proxy.opened == 1; }));
}

// What the router says, and what a STUN server saw.
struct SeenBy : MappedPort {
  bool told(std::string_view external, std::string_view seen) {
    pair.reset();  // one engine at a time
    boost::asio::io_context io;
    StunServer stun(io, *Endpoint::parse(seen));
    auto config = loopback_config();
    config.stun_servers = {endpoint_of(stun.ear.socket)};
    pair = std::make_unique<LinkPair>(config);
    port = free_port(pair->io);
    const core::MappedPort mapped{port, Private(*Endpoint::parse(external))};
    auto& client = pair->client;
    client.link = pair->engine.offer(pair->io.get_executor(), {.mapped = mapped}, client);
    const bool done = run_until(pair->io, [&] {
      stun.answer();
      return client.description.has_value();
    });
    EXPECT_TRUE(done);
    EXPECT_TRUE(names(parsed(client.description), Private(*Endpoint::parse(seen)))) << "the server was heard";
    return names(parsed(client.description), mapped.external);
  }
};

TEST_F(SeenBy, AStunServerWhereTheRouterSaysIsBelieved) { EXPECT_TRUE(told("8.8.4.4:61000", "8.8.4.4:5000")); }

TEST_F(SeenBy, AStunServerElsewhereMakesTheRouterALiar) { EXPECT_FALSE(told("8.8.8.8:61000", "8.8.4.4:5000")); }

}  // namespace
}  // namespace footbridge::webrtc
