#include "programs/proxy/rendezvous_terms.hpp"

#include <string>
#include <utility>
#include <vector>

#include "core/network/network_self.hpp"
#include "programs/broker_ways.hpp"
#include "programs/link_setup.hpp"
#include "programs/proxy_key.hpp"
#include "programs/self_tag.hpp"

namespace footbridge::proxy {
namespace {

// By a key that only we have: who we are, and who invited us.
void prove(core::ProxyRendezvousConfig& config, const wire::Invite& invite, const crypto::X25519KeyPair& key) {
  config.proxy = ProxyId{key.public_key.raw};
  config.self_tag = core::self_tag_in(invite.root, config.self_tag);
  config.invite = invite.id;
  if (!invite.announcing || !invite.compartment) return;
  config.compartments = {*invite.compartment};
  config.announcing = {*invite.announcing};
}

core::ProxyRendezvousConfig own_word(const VolunteerOptions& options, Rng& rng) {
  core::ProxyRendezvousConfig out;
  out.proxy = ProxyId::random(rng);
  out.self_tag = load_self_tag(options.link, rng);
  out.nat = nat_classes(options.link.nat);
  out.families = wire::Families::Both;
  out.capabilities = link_capabilities(options.link);
  out.was_warned = options.even_if_risky;
  return out;
}

}  // namespace

core::ProxyEngineConfig relay_terms(const VolunteerOptions& options) {
  std::vector<std::string> urls;
  for (const auto& relay : options.egress) {
    auto url = relay.reveal_to_socket().text;
    while (url.ends_with('/')) url.pop_back();  // the token becomes one more segment
    urls.push_back(std::move(url));
  }
  return {std::move(urls), options.allow_private_egress};
}

core::RelayAllowList relays_of(const VolunteerOptions& options, const NetworkView& view) {
  return {view.relays.urls, options.allow_private_egress, view.relays.udp_ports, view.relays.tls_pins};
}

RendezvousTerms rendezvous_terms(const VolunteerOptions& options, VolunteerGround& ground) {
  RendezvousTerms out{own_word(options, ground.rng()), {.ways = {}, .trust = &ground.trust()}};
  const auto* source = ground.network_or_null();
  if (source == nullptr) {
    out.ways.ways = broker_ways(options.ways);
    return out;
  }
  auto brokers = source->view().brokers;
  out.ways.ways = std::move(brokers.ways);
  out.ways.seals = std::move(brokers.seals);
  out.ways.in_order = source->in_order();
  out.ways.proxy = core::proxy_key_in(source->invite().root, load_proxy_secret(options.link, ground.rng()));
  prove(out.says, source->invite(), *out.ways.proxy);
  return out;
}

}  // namespace footbridge::proxy
