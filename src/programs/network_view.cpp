#include "programs/network_view.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "core/rendezvous/way_order.hpp"

namespace footbridge {
namespace {

// Rendezvous in the clear is for a broker on this machine only: who is on the way would see that this is no web site.
bool may_be_used(const http::Route& route) {
  return route.url.is_tls() || ops::names_loopback(route.url.host.reveal_to_socket());
}

void add(NetworkWays& out, NetworkWays more) {
  for (std::size_t i = 0; i < more.ways.size(); ++i) {
    const bool known = std::ranges::find(out.ways, more.ways[i]) != out.ways.end();
    if (known || !may_be_used(more.ways[i]) || out.ways.size() == core::kMaxWays) continue;
    out.ways.push_back(std::move(more.ways[i]));
    out.seals.push_back(std::move(more.seals[i]));
  }
}

}  // namespace

NetworkView network_view(const wire::Invite& invite, const wire::Directory* directory) {
  const auto secret = crypto::SecretKey::from(invite.obfuscation.reveal_to_socket()).value();
  const auto group = invite.compartment.value_or(wire::kCommonCompartment);
  NetworkView out;
  if (directory != nullptr) {
    add(out.brokers, network_ways(directory->brokers, secret, group));
    for (const auto& egress : directory->egresses) out.pins.push_back({egress.pin.raw});
    out.relays = core::relays_of(*directory);
    for (const auto& server : directory->stun_servers)
      if (auto parsed = ops::ValueType<ops::HostPort>::parse(server.reveal_to_socket()))
        out.stun.emplace_back(std::move(*parsed));
    out.tactics = directory->tactics;
  }
  const std::vector<wire::BrokerEntry> invited{{.name = {}, .addresses = invite.brokers, .keys = {}}};
  add(out.brokers, network_ways(invited, secret));
  return out;
}

std::vector<Private<ops::HostPort>> built_in_stun() {
  std::vector<Private<ops::HostPort>> out;
  for (const auto* host : {"stun.cloudflare.com", "stun.nextcloud.com", "stun.voipgate.com", "stun.sonetel.com",
                           "stun.epygi.com", "stun.voip.blackberry.com"})
    out.emplace_back(ops::HostPort{host, 3478});
  return out;
}

}  // namespace footbridge
