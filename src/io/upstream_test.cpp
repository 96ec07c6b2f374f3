// Behind a SOCKS5 proxy: what a probe finds out, and how connections through it end.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <vector>

#include "crypto/system_rng.hpp"
#include "io/clock.hpp"
#include "io/connector.hpp"
#include "io/test_socks_proxy.hpp"
#include "io/upstream_connector.hpp"
#include "io/upstream_probe.hpp"

namespace footbridge::io {
namespace {

const IpAddress kOurs = IpAddress::v4(0x7f000009);  // 127.0.0.9, which nobody uses by itself
const wire::ProxyCredentials kUser{"u", "ser:p@ss"};

// The value of an awaitable, on a loop of its own.
template <class T>
T run(asio::io_context& context, asio::awaitable<T> what) {
  std::optional<T> out;
  asio::co_spawn(
      context,
      [](asio::awaitable<T> op, std::optional<T>& into) -> asio::awaitable<void> {
        into.emplace(co_await std::move(op));
      }(std::move(what), out),
      [](const std::exception_ptr& error) {
        if (error) std::rethrow_exception(error);
      });
  context.run();
  context.restart();
  return std::move(*out);
}

std::string probed(const Upstream& upstream, std::vector<Private<wire::Destination>> stun = {}) {
  asio::io_context context;
  crypto::SystemRng rng;
  const auto status = run(context, probe_upstream(upstream, std::move(stun), rng));
  return status ? "fine" : std::string(name(status.error()));
}

TEST(UpstreamProbe, IsContentWithAGrantedAssociation) {
  EXPECT_EQ(probed(TestSocksProxy().upstream()), "fine");
  EXPECT_EQ(probed(TestSocksProxy({.wants = kUser}).upstream(kUser)), "fine");
}

TEST(UpstreamProbe, SaysWhoSaidNo) {
  EXPECT_EQ(probed(TestSocksProxy({.wants = kUser}).upstream()), "wants-credentials");
  EXPECT_EQ(probed(TestSocksProxy({.wants = kUser}).upstream(wire::ProxyCredentials{"u", "x"})), "wrong-credentials");
  EXPECT_EQ(probed(TestSocksProxy({.reply = 7}).upstream()), "no-association");
  EXPECT_EQ(probed(TestSocksProxy({.reply = 2}).upstream()), "not-allowed");
  EXPECT_EQ(probed(TestSocksProxy({.reply = 1}).upstream()), "failed");
  EXPECT_EQ(probed(TestSocksProxy({.garbage = true}).upstream()), "not-socks5");
  EXPECT_EQ(probed(TestSocksProxy({.closes = true}).upstream()), "not-socks5");
  EXPECT_EQ(probed(TestSocksProxy({.resets = true}).upstream()), "unreachable") << "it may be back soon";
  std::optional<TestSocksProxy> gone(std::in_place);
  const auto upstream = gone->upstream();
  gone.reset();
  EXPECT_EQ(probed(upstream), "unreachable");
}

TEST(UpstreamProbe, FailsWhereThisMachineHasNoDescriptorLeft) {
  TestSocksProxy proxy;
  asio::io_context context;
  asio::steady_timer first(context);  // the loop has its descriptors now
  crypto::SystemRng rng;
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  // Whoever started us may have left gaps between the numbers in use: these fill them, so that two more are two more.
  std::vector<Descriptor> fillers;
  for (int i = 0; i < 64; ++i) fillers.emplace_back(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const rlimit two_more{static_cast<rlim_t>(fillers.back().get()) + 3, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &two_more), 0);
  const auto status = run(context, probe_upstream(proxy.upstream(), {}, rng));
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  ASSERT_FALSE(status);
  EXPECT_EQ(name(status.error()), "failed");
}

TEST(UpstreamProbe, WantsADatagramBackWhereSomebodyCouldAnswer) {
  const Private<wire::Destination> nobody(wire::Destination{"stun.test", 9});
  const auto before = now();
  EXPECT_EQ(probed(TestSocksProxy({.swallows = true}).upstream(), {nobody}), "datagrams-lost");
  EXPECT_GE(now() - before, kProbeAnswerLimit);
}

TEST(UpstreamProbe, SendsFromTheNamedAddressOnlyOrNotAtAll) {
  TestSocksProxy proxy;
  auto upstream = proxy.upstream();
  upstream.local.v6 = Private(*IpAddress::parse("::1"));
  EXPECT_EQ(probed(upstream), "unreachable") << "the proxy is IPv4, and only IPv6 was named";
  EXPECT_EQ(proxy.requests(), 0U);
  upstream.local.v4 = Private(kOurs);
  EXPECT_EQ(probed(upstream), "fine");
  EXPECT_EQ(proxy.last_peer(), kOurs);
}

std::string connected(const Upstream& upstream, std::string host, Duration limit = Seconds(5)) {
  asio::io_context context;
  UpstreamConnector connector(context.get_executor(), upstream);
  const auto socket = run(context, connector.connect(Private(std::move(host)), 80, limit));
  return socket ? "connected" : std::string(name(socket.error()));
}

TEST(UpstreamConnector, ConnectsByNameAndByAddressThroughTheProxyAlone) {
  TestSocksProxy proxy;
  EXPECT_EQ(connected(proxy.upstream(), "broker.example"), "connected");
  EXPECT_EQ(connected(proxy.upstream(), "192.0.2.1"), "connected");
  EXPECT_EQ(connected(proxy.upstream(), "[2001:db8::1]"), "connected");
  EXPECT_EQ(proxy.requests(), 3U);
  EXPECT_EQ(connected(proxy.upstream(), "not a name"), "bad-name");
  EXPECT_EQ(proxy.requests(), 3U);
}

TEST(UpstreamConnector, TellsTheProxysFailureFromTheDestinations) {
  EXPECT_EQ(connected(TestSocksProxy({.reply = 5}).upstream(), "a.example"), "refused");
  EXPECT_EQ(connected(TestSocksProxy({.reply = 4}).upstream(), "a.example"), "unreachable");
  EXPECT_EQ(connected(TestSocksProxy({.reply = 2}).upstream(), "a.example"), "upstream");
  EXPECT_EQ(connected(TestSocksProxy({.wants = kUser}).upstream(), "a.example"), "upstream");
  EXPECT_EQ(connected(TestSocksProxy({.garbage = true}).upstream(), "a.example"), "upstream");
}

TEST(UpstreamConnector, TellsASilentProxyFromASilentDestination) {
  const Descriptor silent(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const auto any = to_raw({IpAddress::v4(0x7f000001), 0});
  ASSERT_EQ(bind(silent.get(), generic(any), length_of(any)), 0);
  ASSERT_EQ(::listen(silent.get(), 1), 0);
  const Upstream upstream{Private(*bound_to(silent.get())), std::nullopt, {}};
  EXPECT_EQ(connected(upstream, "a.example", Millis(200)), "upstream");
  EXPECT_EQ(connected(TestSocksProxy({.hesitates = true}).upstream(), "a.example", Millis(500)), "timed-out");
}

TEST(UpstreamConnector, LeavesFromTheNamedAddress) {
  TestSocksProxy proxy;
  auto upstream = proxy.upstream();
  upstream.local.v4 = Private(kOurs);
  EXPECT_EQ(connected(upstream, "broker.example"), "connected");
  EXPECT_EQ(proxy.last_peer(), kOurs);
}

struct NoNames final : Resolver {
  asio::awaitable<Answer> resolve(Private<std::string>, Duration) override { co_return ResolveErrc::NoSuchName; }
};

TEST(LocalAddresses, AreWhatAConnectorLeavesFromAndTheOtherFamilyIsNotUsed) {
  TestSocksProxy listener;
  asio::io_context context;
  NoNames names;
  const auto anywhere = core::AddressPolicy::unrestricted();
  LocalAddresses local;
  local.v4 = Private(kOurs);
  Connector from_v4(context.get_executor(), names, anywhere, local);
  EXPECT_TRUE(run(context, from_v4.connect(Private(listener.at()), Seconds(5))).ok());
  const auto give_up = now() + Seconds(5);
  while (!listener.last_peer() && now() < give_up) std::this_thread::yield();
  EXPECT_EQ(listener.last_peer(), kOurs);
  Connector from_v6(context.get_executor(), names, anywhere, {std::nullopt, Private(*IpAddress::parse("::1"))});
  EXPECT_EQ(run(context, from_v6.connect(Private(listener.at()), Seconds(5))).error(), ConnectErrc::Policy);
}

TEST(Upstream, IsASocks5ProxyOrSaysWhatElseToName) {
  EXPECT_TRUE(upstream_of("socks5://u:ser:p@ss@127.0.0.1:1080").ok());
  for (const auto* url : {"http://127.0.0.1:1", "socks4://127.0.0.1:1", "socks4a://127.0.0.1:1"})
    EXPECT_EQ(upstream_of(url).error(), UpstreamErrc::CarriesNoUdp) << url;
  EXPECT_EQ(upstream_of("socks5://proxy.example:1080").error(), UpstreamErrc::BadUrl);
}

}  // namespace
}  // namespace footbridge::io
