// HTTP and relay legs in TLS: our client against our server, with certificates of every kind.
#include <gtest/gtest.h>
#include <map>

#include "contract/http_world.hpp"
#include "io/certificate_key.hpp"
#include "io/test_certificates.hpp"
#include "ops/scratch_dir.hpp"

namespace footbridge::http {
namespace {

struct TlsWorld {
  explicit TlsWorld(const test::Wanted& wanted = {})
      : pair(authority.sign(wanted)),
        tls(pair, io::unix_now()),
        server(world.loop.executor(), {.address = {IpAddress::v4(0x7f000001), 0}}, world.site, {&tls}) {
    world.scope.spawn(server.run());
  }
  ~TlsWorld() { EXPECT_TRUE(world.loop.end(world.scope)); }
  wire::Url url(std::string_view path, std::string_view host = "127.0.0.1", std::string_view scheme = "https") {
    return *wire::parse_url(std::string(scheme) + "://" + std::string(host) + ":" +
                            std::to_string(server.local().port) + std::string(path));
  }
  Place place() { return {Private(std::string("127.0.0.1")), server.local().port, true}; }
  std::unique_ptr<Client> client(std::size_t connections = 2) {
    return std::make_unique<Client>(world.loop.executor(), world.connector, Client::Options{connections, &trust});
  }

  ops::ScratchDir directory;
  test::Authority authority;
  World world;
  io::TlsClient trust{authority.write_to(directory.path("."))};
  io::TlsPair pair;
  io::TlsServer tls;
  Server server;
};

TEST(Tls, CarriesRequestsOnOneConnection) {
  TlsWorld at;
  const auto client = at.client();
  for (int i = 0; i < 4; ++i) {
    const auto body = Bytes(static_cast<std::size_t>(i) * 20'000, std::byte{7});
    const auto response = post(at.world, *client, at.url("/echo"), body);
    ASSERT_TRUE(response.ok()) << name(response.error());
    EXPECT_EQ(response->body, body);
    EXPECT_EQ(at.server.connections(), 1U);
  }
}

TEST(Tls, NamesWhatIsWrongWithACertificate) {
  const auto verdict = [](const test::Wanted& wanted) {
    TlsWorld at(wanted);
    return post(at.world, *at.client(), at.url("/echo"), {}).error();
  };
  EXPECT_EQ(verdict({.names = "DNS:other.example"}), HttpErrc::CertWrongName);
  EXPECT_EQ(verdict({.names = "IP:127.0.0.2"}), HttpErrc::CertWrongName);
  EXPECT_EQ(verdict({.by_itself = true}), HttpErrc::CertUnknownIssuer);
  TlsWorld at;
  io::TlsClient system;
  Client other(at.world.loop.executor(), at.world.connector, {2, &system});
  EXPECT_EQ(post(at.world, other, at.url("/echo"), {}).error(), HttpErrc::CertUnknownIssuer);
  EXPECT_TRUE(at.world.loop.until([&] { return at.server.connections() == 0; }));
}

TEST(Tls, APinnedKeyIsTheProofWhoeverVouchesForIt) {
  TlsWorld at({.names = "DNS:other.example", .by_itself = true});
  Route pinned(at.url("/echo"));
  pinned.pin = io::key_to_pin(at.pair.certificates);
  ASSERT_TRUE(pinned.pin);
  const auto response = post(at.world, *at.client(), pinned, to_bytes("x"));
  ASSERT_TRUE(response.ok()) << name(response.error());
  EXPECT_EQ(response->body, to_bytes("x"));
  Route fronted(*wire::parse_url("https://broker.example/echo"), at.place());
  fronted.front->pin = pinned.pin;
  EXPECT_TRUE(post(at.world, *at.client(), fronted, {}).ok());
}

TEST(Tls, AnotherKeyThanThePinnedIsRefusedAlsoWithAnAuthoritysWord) {
  TlsWorld at;
  EXPECT_FALSE(io::key_to_pin(at.pair.certificates)) << "an authority vouches for it: it need not be pinned";
  EXPECT_FALSE(io::key_to_pin("no certificate"));
  const auto client = at.client();
  ASSERT_TRUE(post(at.world, *client, at.url("/echo"), {}).ok());
  Route pinned(at.url("/echo"));
  pinned.pin = wire::SpkiSha256{};
  EXPECT_EQ(post(at.world, *client, pinned, {}).error(), HttpErrc::CertWrongKey)
      << "and the connection that was opened without a pin is not used";
}

TEST(Tls, AServerTakesNoCertificateThatHelpsNobody) {
  const test::Authority authority;
  const auto now = io::unix_now();
  const auto refusal = [&](const io::TlsPair& pair) -> std::string {
    try {
      io::TlsServer server(pair, now);
      return "taken";
    } catch (const io::TlsCertificateError& error) {
      return error.what();
    }
  };
  EXPECT_EQ(refusal(authority.sign()), "taken");
  EXPECT_EQ(refusal(authority.sign({.valid_until = -10})), "its certificate has expired");
  EXPECT_EQ(refusal(authority.sign({.valid_from = 600})),
            "its certificate is not valid yet; is this machine's clock right?");
  EXPECT_EQ(refusal({authority.sign().certificates, authority.sign().key}), "the key is not that of the certificate");
  EXPECT_EQ(refusal({"nothing", authority.sign().key}), "there is no certificate in PEM form in it");
  EXPECT_EQ(refusal({authority.sign().certificates, Private(std::string("nothing"))}),
            "there is no private key in PEM form, without password, in it");
}

// The clock stands still and the certificate moves: a server that was right when it began.
TEST(Tls, AnExpiredCertificateIsRefusedByItsCause) {
  test::Authority authority;
  const auto expired = authority.sign({.valid_until = -10});
  const auto early = authority.sign({.valid_from = 600});
  for (const auto& [pair, now, expected] :
       {std::tuple{expired, -1800L, HttpErrc::CertExpired}, std::tuple{early, 1200L, HttpErrc::CertNotYetValid}}) {
    World world;
    const auto then = UnixSeconds{static_cast<std::uint64_t>(static_cast<long>(count(io::unix_now())) + now)};
    io::TlsServer tls(pair, then);
    Server server(world.loop.executor(), {.address = {IpAddress::v4(0x7f000001), 0}}, world.site, {&tls});
    world.scope.spawn(server.run());
    ops::ScratchDir directory;
    io::TlsClient trust(authority.write_to(directory.path(".")));
    Client client(world.loop.executor(), world.connector, {2, &trust});
    const auto url = *wire::parse_url("https://" + server.local().to_text() + "/echo");
    EXPECT_EQ(post(world, client, url, {}).error(), expected);
    EXPECT_TRUE(world.loop.end(world.scope));
  }
}

TEST(Tls, AServerWithoutTlsIsNamed) {
  TlsWorld at;
  const auto client = at.client();
  EXPECT_EQ(post(at.world, *client, at.world.url("/echo", "https"), {}).error(), HttpErrc::NoTls);
  EXPECT_EQ(post(at.world, *client, at.url("/echo", "127.0.0.1", "http"), {}).error(), HttpErrc::Closed);
}

TEST(Tls, NothingWasSentWhereTheHandshakeBreaks) {
  TlsWorld at;
  io::Listener listener(at.world.loop.executor(), {.address = {IpAddress::v4(0x7f000001), 0}});
  at.world.scope.spawn(listener.run([](io::Accepted accepted) -> asio::awaitable<void> {
    std::array<char, 4096> hello{};
    co_await accepted.socket.async_read_some(asio::buffer(hello), io::no_throw);
  }));
  const auto url = *wire::parse_url("https://" + listener.local().to_text() + "/echo");
  EXPECT_EQ(post(at.world, *at.client(), url, {}).error(), HttpErrc::Unreachable);
  EXPECT_TRUE(at.world.loop.end(at.world.scope));  // before the listener is gone
}

TEST(Tls, BehindAFrontOnlyTheHostHeaderNamesTheBroker) {
  TlsWorld at({.names = "IP:127.0.0.1"});
  const auto client = at.client();
  const auto broker = *wire::parse_url("https://broker.example/echo");
  const auto response = post(at.world, *client, Route(broker, at.place()), to_bytes("x"));
  ASSERT_TRUE(response.ok()) << name(response.error()) << ": broker.example was looked up, or asked of the certificate";
  EXPECT_EQ(post(at.world, *client, broker, {}).error(), HttpErrc::Unresolved);
  EXPECT_EQ(post(at.world, *client, Route(*wire::parse_url("http://broker.example/"), at.place()), {}).error(),
            HttpErrc::BadScheme);
}

TEST(Tls, AnotherCertificateServesTheNextConnectionsAndABadOneNobody) {
  TlsWorld at;
  const auto first = at.client(1);
  ASSERT_TRUE(post(at.world, *first, at.url("/echo"), {}).ok());
  EXPECT_THROW(at.tls.replace(at.authority.sign({.valid_until = -10}), io::unix_now()), io::TlsCertificateError);
  ASSERT_TRUE(post(at.world, *at.client(), at.url("/echo"), {}).ok()) << "the old one serves on";
  at.tls.replace(at.authority.sign({.names = "DNS:localhost"}), io::unix_now());
  EXPECT_EQ(post(at.world, *at.client(), at.url("/echo"), {}).error(), HttpErrc::CertWrongName);
  EXPECT_TRUE(post(at.world, *first, at.url("/echo"), {}).ok()) << "an open connection stays";
}

TEST(Tls, WhoSaysNothingIsSentAway) {
  TlsWorld at;
  at.server.set_timing_for_test({.head = 100ms});
  io::tcp::socket silent(at.world.loop.executor());
  silent.connect(io::to_tcp(at.server.local()));
  ASSERT_TRUE(at.world.loop.until([&] { return at.server.connections() == 1; }));
  EXPECT_TRUE(at.world.loop.until([&] { return at.server.connections() == 0; }));
}

TEST(Tls, ADrainWaitsForNobodyWhoSaysNothing) {
  TlsWorld at;
  io::tcp::socket silent(at.world.loop.executor());
  silent.connect(io::to_tcp(at.server.local()));
  ASSERT_TRUE(at.world.loop.until([&] { return at.server.connections() == 1; }));
  at.server.drain();
  EXPECT_TRUE(at.world.loop.until([&] { return at.server.connections() == 0; }, 3s))
      << "and not for the handshake's limit";
}

TEST(Tls, ALegCarriesWhatItCarriesInTheClear) {
  TlsWorld at;
  std::unique_ptr<ws::Leg> leg;
  at.world.loop.run([](TlsWorld& in, std::unique_ptr<ws::Leg>& out) -> asio::awaitable<void> {
    auto dialled = co_await ws::dial(in.world.connector, in.url("/leg/good", "127.0.0.1", "wss"), in.world.site.rng, 5s,
                                     &in.trust);
    EXPECT_TRUE(dialled.ok());
    if (dialled) out = std::move(*dialled);
  }(at, leg));
  ASSERT_NE(leg, nullptr);
  test::Heard back;
  leg->start(back);
  ASSERT_TRUE(
      at.world.loop.until([&] { return back.open && at.world.site.leg != nullptr && at.world.site.heard.open; }));
  auto& there = at.world.site.heard;
  const Bytes message(1200, std::byte{9});
  there.expected = back.expected = message;
  there.keep = back.keep = false;
  constexpr std::size_t kMessages = 20'000;
  const auto feed = [&](ws::Leg& by, std::size_t& sent) {
    while (sent < kMessages && by.backlog_bytes() < 256 * 1024) by.send(message), ++sent;
    by.flush();
  };
  std::size_t up = 0;
  std::size_t down = 0;
  EXPECT_TRUE(at.world.loop.until(
      [&] {
        feed(*leg, up);
        feed(*at.world.site.leg, down);
        return there.count == kMessages && back.count == kMessages;
      },
      20s));
  EXPECT_TRUE(there.intact && back.intact);
  leg->close(PipeEnd::Local);
  EXPECT_TRUE(at.world.loop.until([&] { return there.closed && back.closed; }));
  EXPECT_EQ(there.closed, PipeEnd::Remote);
}

TEST(Tls, ALegIsNotDialledToAServerThatCannotProveItsName) {
  TlsWorld at({.names = "DNS:other.example"});
  at.world.loop.run([](TlsWorld& in) -> asio::awaitable<void> {
    auto dialled = co_await ws::dial(in.world.connector, in.url("/leg/good", "127.0.0.1", "wss"), in.world.site.rng, 5s,
                                     &in.trust);
    EXPECT_FALSE(dialled.ok());
    if (!dialled) EXPECT_EQ(dialled.error(), ws::DialErrc::Unproven);
  }(at));
}

TEST(Tls, ALegIsDialledByItsPinnedKey) {
  TlsWorld at({.by_itself = true});
  at.world.loop.run([](TlsWorld& in) -> asio::awaitable<void> {
    const auto url = in.url("/leg/good", "127.0.0.1", "wss");
    const auto pin = io::key_to_pin(in.pair.certificates);
    EXPECT_TRUE((co_await ws::dial(in.world.connector, url, in.world.site.rng, 5s, &in.trust, pin)).ok());
    const auto other = co_await ws::dial(in.world.connector, url, in.world.site.rng, 5s, &in.trust, wire::SpkiSha256{});
    EXPECT_FALSE(other.ok());
    if (!other) EXPECT_EQ(other.error(), ws::DialErrc::Unproven);
  }(at));
}

}  // namespace
}  // namespace footbridge::http
