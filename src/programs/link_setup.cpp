#include "programs/link_setup.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/this_coro.hpp>
#include <exception>
#include <memory>
#include <utility>

#include "io/own_addresses.hpp"
#include "io/socks_association.hpp"
#include "observe/log.hpp"
#include "ops/errors.hpp"

namespace footbridge {

wire::Nat nat_classes(NatSetting setting) {
  using enum wire::NatBehaviour;
  switch (setting) {
    case NatSetting::Auto:
    case NatSetting::Unknown: return {Unknown, Unknown};
    case NatSetting::Open: return {EndpointIndependent, EndpointIndependent};
    case NatSetting::Moderate: return {EndpointIndependent, AddressAndPortDependent};
    case NatSetting::Strict: return {AddressAndPortDependent, AddressAndPortDependent};
  }
  FB_ASSERT(false);
}

std::uint64_t link_capabilities(const LinkOptions& options) {
  return options.native_link == NativeLinks::On ? wire::kNativeLinkCapability : 0;
}

webrtc::LinkKind best_link(std::uint64_t capabilities) {
  const bool native = (capabilities & wire::kNativeLinkCapability) != 0;
  return native ? webrtc::LinkKind::Native : webrtc::LinkKind::DataChannel;
}

NatKeeper::Terms nat_terms(const LinkOptions& options, const webrtc::EngineConfig& engine, core::NatTests tests,
                           io::LocalAddresses local) {
  NatKeeper::Terms out{.tests = tests, .local = std::move(local), .allow_private = options.allow_private_candidates};
  if (options.nat == NatSetting::Auto) out.stun_servers = engine.stun_servers;
  return out;
}

namespace {

webrtc::EngineConfig base_config(const LinkOptions& options) {
  webrtc::EngineConfig out;
  out.allow_private_candidates = options.allow_private_candidates;
  if (!options.allow_private_candidates) return out;
  observe::log(observe::Level::Warn, "private-candidates-allowed");
  // ICE leaves loopback out; on a machine without a network it is all there is.
  const auto own = io::own_addresses();
  if (std::all_of(own.begin(), own.end(), ops::is_loopback)) out.local_addresses = {IpAddress::v4(0x7f000001)};
  return out;
}

// Empty: the name has no address.
asio::awaitable<std::vector<Endpoint>> look_up(ops::HostPort server, io::Resolver& resolver) {
  std::vector<Endpoint> out;
  if (const auto address = IpAddress::parse(server.host)) {
    out.push_back({*address, server.port});
    co_return out;
  }
  const auto found = co_await resolver.resolve(Private(std::move(server.host)), kStunNameLimit);
  if (found)
    for (const auto& address : *found) out.push_back({address, server.port});
  co_return out;
}

// All at once, in the order of `servers`: silent name servers cost one limit and not one for each name.
asio::awaitable<std::vector<std::vector<Endpoint>>> look_up_all(std::vector<Private<ops::HostPort>> servers,
                                                                io::Resolver& resolver) {
  if (servers.empty()) co_return std::vector<std::vector<Endpoint>>();
  auto executor = co_await asio::this_coro::executor;
  const auto begin = [&](const Private<ops::HostPort>& server) {
    return asio::co_spawn(executor, look_up(server.reveal_to_socket(), resolver), asio::deferred);
  };
  std::vector<decltype(begin(servers.front()))> lookups;
  for (const auto& server : servers) lookups.push_back(begin(server));
  auto [order, errors, found] = co_await asio::experimental::make_parallel_group(std::move(lookups))
                                    .async_wait(asio::experimental::wait_for_all(), asio::use_awaitable);
  for (const auto& error : errors)
    if (error) std::rethrow_exception(error);
  co_return std::move(found);
}

}  // namespace

std::vector<Private<wire::Destination>> stun_destinations(const LinkOptions& options) {
  std::vector<Private<wire::Destination>> out;
  for (const auto& server : options.stun) {
    const auto& [host, port] = server.reveal_to_socket();
    wire::Destination to{host, port};
    if (const auto address = IpAddress::parse(host)) to.host = *address;
    if (wire::is_destination(to)) out.emplace_back(std::move(to));
  }
  return out;
}

asio::awaitable<webrtc::EngineConfig> engine_config(LinkOptions options, io::Resolver& resolver,
                                                    io::LocalAddresses local) {
  auto out = base_config(options);
  if (!local.any()) out.local_addresses.clear();  // the user knows better
  for (const auto& own : {local.v4, local.v6})
    if (own) out.local_addresses.push_back(own->reveal_to_socket());
  std::size_t unresolved = 0;
  const auto found = co_await look_up_all(options.stun, resolver);
  for (const auto& addresses : found) {
    if (addresses.empty()) ++unresolved;
    for (const auto& at : addresses)
      if (local.admits(at.address.family())) out.stun_servers.push_back(at);
  }
  if (unresolved > 0) observe::log(observe::Level::Warn, "stun-unresolved", observe::kv("servers", unresolved));
  co_return out;
}

webrtc::EngineConfig detoured_config(const LinkOptions& options, const io::Upstream& upstream) {
  auto out = base_config(options);
  // Links take turns: one question each, as without a detour.
  out.make_detour = [upstream, servers = stun_destinations(options), next = std::size_t{0}]() mutable {
    std::optional<Private<wire::Destination>> server;
    if (!servers.empty()) server = servers[next++ % servers.size()];
    return std::make_unique<io::SocksAssociation>(upstream, std::move(server));
  };
  return out;
}

}  // namespace footbridge
