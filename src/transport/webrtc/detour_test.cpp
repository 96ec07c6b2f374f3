// Links behind a SOCKS5 proxy: they open, carry, learn their outside address, and end with the association.
#include <array>
#include <gtest/gtest.h>
#include <string_view>
#include <sys/socket.h>

#include "crypto/system_rng.hpp"
#include "io/socks_association.hpp"
#include "io/test_socks_proxy.hpp"
#include "transport/webrtc/consent.hpp"
#include "transport/webrtc/link_harness.hpp"
#include "transport/webrtc/plain_stun_server.hpp"
#include "transport/webrtc/stun_integrity.hpp"
#include "wire/sdp.hpp"
#include "wire/stun.hpp"

namespace footbridge::webrtc {
namespace {

using io::TestSocksProxy;

// The client's link takes the detour, the volunteer's does not.
EngineConfig detoured(const TestSocksProxy& proxy, std::optional<wire::Destination> stun = std::nullopt) {
  auto config = loopback_config();
  config.make_detour = [upstream = proxy.upstream(), stun, made = 0]() mutable -> std::unique_ptr<io::Detour> {
    if (made++ > 0) return nullptr;
    auto server = stun ? std::optional(Private(*stun)) : std::nullopt;
    return std::make_unique<io::SocksAssociation>(upstream, std::move(server));
  };
  return config;
}

void exchange(LinkPair& pair, std::size_t count) {
  const Bytes message(1'000);
  for (auto* user : {&pair.client, &pair.proxy}) {
    for (std::size_t i = 0; i < count; ++i) ASSERT_TRUE(user->link->send(message));
    user->link->flush();
  }
}

TEST(Detour, CarriesALinkOfEitherKindBothWays) {
  for (const auto kind : {LinkKind::Native, LinkKind::DataChannel}) {
    TestSocksProxy proxy;
    LinkPair pair(detoured(proxy));
    ASSERT_TRUE(pair.open({.best = kind})) << name(kind);
    EXPECT_EQ(pair.client.link->info().kind, kind);
    exchange(pair, 30);
    EXPECT_TRUE(run_until(pair.io, [&] { return pair.client.messages == 30 && pair.proxy.messages == 30; }))
        << pair.client.messages << " " << pair.proxy.messages;
    EXPECT_EQ(pair.client.link->info().pair->local, CandidateKind::ServerReflexive);
    EXPECT_GT(proxy.datagrams(), 30U);
  }
}

TEST(Detour, GoesOnAfterThePairIsOursAlone) {
  TestSocksProxy proxy;
  LinkPair pair(detoured(proxy));
  ASSERT_TRUE(pair.open({.best = LinkKind::Native}));
  // Consent asks within kConsentIntervalMax, and gives up after kConsentLimit without an answer.
  const auto until = std::chrono::steady_clock::now() + kConsentIntervalMax + Millis(500);
  run_until(
      pair.io, [&] { return std::chrono::steady_clock::now() >= until; }, std::chrono::seconds(20));
  EXPECT_EQ(pair.client.closed + pair.proxy.closed, 0);
  EXPECT_TRUE(pair.client.link->info().round_trip.has_value());
  exchange(pair, 5);
  EXPECT_TRUE(run_until(pair.io, [&] { return pair.client.messages == 5 && pair.proxy.messages == 5; }));
}

TEST(Detour, PublishesWhatTheStunServerSaysAndNothingOfThisMachine) {
  TestSocksProxy proxy;
  boost::asio::io_context io{1};
  PlainStunServer stun(io);
  LinkPair pair(detoured(proxy, wire::Destination{"stun.test", stun.socket.local_endpoint().port()}));
  pair.client.link = pair.engine.offer(pair.io.get_executor(), {}, pair.client);
  ASSERT_TRUE(run_until(pair.io, [&] {
    io.poll();
    return pair.client.description.has_value();
  }));
  EXPECT_GT(stun.answered, 0) << "the server is known by name, and answers under its address";
  const auto offer = wire::parse_sdp(pair.client.description->reveal_to_socket());
  ASSERT_TRUE(offer.ok());
  ASSERT_EQ(offer->candidates.size(), 1U);
  EXPECT_EQ(offer->candidates[0].type, wire::CandidateType::ServerReflexive);
  pair.proxy.link = pair.engine.answer(pair.io.get_executor(), {}, *pair.client.description, pair.proxy);
  ASSERT_TRUE(run_until(pair.io, [&] {
    io.poll();
    return pair.proxy.description.has_value();
  }));
  ASSERT_TRUE(pair.client.link->accept_answer(*pair.proxy.description, LinkKind::DataChannel));
  EXPECT_TRUE(run_until(pair.io, [&] {
    io.poll();
    return pair.client.opened == 1 && pair.proxy.opened == 1;
  }));
}

TEST(Detour, BindsIceToTheLoopbackDevice) {
  const auto on_lo = [] {
    std::size_t out = 0;
    for (int i = 0; i < 1'024; ++i) {
      std::array<char, 16> device{};
      socklen_t bytes = device.size();
      if (getsockopt(i, SOL_SOCKET, SO_BINDTODEVICE, device.data(), &bytes) == 0)
        out += std::string_view(device.data()) == "lo" ? 1 : 0;
    }
    return out;
  };
  TestSocksProxy proxy;
  LinkPair pair(detoured(proxy));
  ASSERT_EQ(on_lo(), 0U);
  ASSERT_TRUE(pair.open({.best = LinkKind::Native}));
  EXPECT_EQ(on_lo(), 1U);
}

TEST(Detour, EndsTheLinkWithItsAssociation) {
  TestSocksProxy proxy;
  LinkPair pair(detoured(proxy));
  ASSERT_TRUE(pair.open({.best = LinkKind::Native}));
  proxy.drop();
  ASSERT_TRUE(run_until(
      pair.io, [&] { return pair.client.closed == 1; }, std::chrono::seconds(2)));
  EXPECT_EQ(pair.client.end, PipeEnd::Lost);
  EXPECT_TRUE(pair.client.link->info().detour_lost);
}

TEST(Detour, GivesNoLinkWhereTheProxyRefuses) {
  for (const auto& rules : {io::TestProxyRules{.wants = wire::ProxyCredentials{"u", "p"}},
                            io::TestProxyRules{.reply = 7}, io::TestProxyRules{.garbage = true}}) {
    TestSocksProxy proxy(rules);
    LinkPair pair(detoured(proxy));
    pair.client.link = pair.engine.offer(pair.io.get_executor(), {}, pair.client);
    ASSERT_TRUE(run_until(
        pair.io, [&] { return pair.client.closed == 1; }, std::chrono::seconds(2)));
    EXPECT_EQ(pair.client.end, PipeEnd::Setup);
    EXPECT_TRUE(pair.client.link->info().detour_lost);
    EXPECT_FALSE(pair.client.description);
  }
}

// Only the kernel of the proxy's own address is spoken to, whatever address the proxy names.
TEST(Detour, SendsToTheProxysOwnAddressOnly) {
  TestSocksProxy proxy({.names_nonsense = true});
  LinkPair pair(detoured(proxy));
  EXPECT_TRUE(pair.open({.best = LinkKind::Native}));
}

TEST(Detour, BringsNothingInFromStrangers) {
  TestSocksProxy proxy;
  LinkPair pair(detoured(proxy));
  ASSERT_TRUE(pair.open({.best = LinkKind::Native}));
  crypto::SystemRng rng;
  const Endpoint stranger{IpAddress::v4(0x08080808), 53};
  for (int i = 0; i < 100; ++i) {
    Bytes check = wire::encode_stun_request({rng.array<wire::kStunTransactionBytes>(), "abcd:efgh", 1, true, 1});
    seal(check, Private<std::string>("wrong"));
    proxy.forge(stranger, std::move(check));
    proxy.forge(stranger, Bytes(1'200, std::byte{23}));
  }
  exchange(pair, 5);
  EXPECT_TRUE(run_until(pair.io, [&] { return pair.client.messages == 5 && pair.proxy.messages == 5; }));
  EXPECT_EQ(pair.client.closed, 0);
}

}  // namespace
}  // namespace footbridge::webrtc
