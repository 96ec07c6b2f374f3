#include "programs/doctor/targets.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "core/rendezvous/way_order.hpp"
#include "io/attached_network.hpp"
#include "ops/errors.hpp"
#include "programs/broker_ways.hpp"
#include "programs/network_view.hpp"
#include "programs/state_directory.hpp"
#include "programs/way_memory.hpp"

namespace footbridge::doctor {
namespace {

using core::DoctorRole;
using core::Finding;

bool same_broker(const wire::Url& a, const wire::Url& b) { return http::Route(a) == http::Route(b); }

void number(std::vector<Way>& ways) {
  for (std::size_t i = 0; i < ways.size(); ++i) {
    unsigned last = 0, front = 0;
    std::optional<unsigned> known;
    for (std::size_t j = 0; j < i; ++j) {
      last = std::max(last, ways[j].broker);
      if (ways[j].route.url.host != ways[i].route.url.host || ways[j].route.url.port != ways[i].route.url.port)
        continue;
      known = ways[j].broker;
      front = std::max(front, ways[j].front);
    }
    ways[i].broker = known.value_or(last + 1);
    ways[i].front = ways[i].route.front ? front + 1 : 0;
  }
}

void add_relay(std::vector<Relay>& relays, const std::string& text, std::optional<wire::SpkiSha256> pin) {
  if (auto url = wire::parse_url(text)) relays.push_back({std::move(*url), pin});
}

// The one network that is meant; else configuration says why there is none.
void choose(Targets& out, const DoctorOptions& options) {
  const auto state = state_directory(options.state_dir, std::nullopt);
  if (!state) return;
  const JoinedNetworks kept(*state);
  auto all = kept.all();
  if (all.empty()) return;
  auto named = options.ways.network ? kept.named(*options.ways.network) : std::move(all);
  if (named.size() == 1)
    out.joined = std::move(named.front());
  else
    out.configuration = options.ways.network ? Finding::NetworkUnknown : Finding::SeveralJoined;
}

// A broker shows itself only to who knows its network: to anybody else it is a web server.
void seal_named(Targets& out, const DoctorOptions& options, UnixSeconds now) {
  const auto state = state_directory(options.state_dir, std::nullopt);
  if (!state) return;
  for (const auto& network : JoinedNetworks(*state).all()) {
    const auto known = network_view(network.invite, network.keeper.serving(now)).brokers;
    for (std::size_t i = 0; i < known.ways.size(); ++i)
      for (auto& way : out.ways)
        if (!way.seal && same_broker(known.ways[i].url, way.route.url)) {
          way.seal = known.seals[i];
          if (!known.ways[i].front && !way.route.front) way.route.pin = known.ways[i].pin;
        }
  }
}

void take_network(Targets& out, UnixSeconds now) {
  auto view = network_view(out.joined->invite, out.joined->keeper.serving(now));
  out.in_order = out.joined->invite.compartment.has_value();
  for (std::size_t i = 0; i < view.brokers.ways.size(); ++i)
    out.ways.push_back({std::move(view.brokers.ways[i]), std::move(view.brokers.seals[i])});
  for (const auto& url : view.relays.urls) {
    const auto pin = view.relays.tls_pins.find(url);
    add_relay(out.relays, url, pin == view.relays.tls_pins.end() ? std::nullopt : std::optional(pin->second));
  }
  out.stun = std::move(view.stun);
  out.configuration = out.ways.empty() ? Finding::InviteLeadsNowhere : Finding::NetworkJoined;
}

}  // namespace

Targets find_targets(const DoctorOptions& options, UnixSeconds now) {
  Targets out;
  if (options.role == DoctorRole::Broker || options.role == DoctorRole::Egress)
    out.configuration = Finding::NoBrokerNamed;
  for (auto& way : broker_ways(options.ways)) out.ways.push_back({std::move(way), std::nullopt});
  try {
    if (options.ways.broker.empty())
      choose(out, options);
    else
      seal_named(out, options, now);
  } catch (const ops::UsageError&) {
    out.spoiled = true;  // its text names files; the state directory's finding says what to do
  }
  if (out.joined) take_network(out, now);
  if (!options.ways.broker.empty()) out.configuration = Finding::BrokerNamed;
  for (const auto& egress : options.egress) add_relay(out.relays, egress.reveal_to_socket().text, std::nullopt);
  if (!options.stun.empty()) out.stun = options.stun;
  if (out.stun.empty() && out.joined && !options.allow_private) out.stun = built_in_stun();
  number(out.ways);
  return out;
}

std::vector<std::size_t> turns(const Targets& targets, const DoctorOptions& options, UnixSeconds now, Rng& rng) {
  std::vector<http::Route> routes;
  for (const auto& way : targets.ways) routes.push_back(way.route);
  if (routes.empty()) return {};
  std::vector<std::size_t> out(routes.size());
  std::iota(out.begin(), out.end(), std::size_t{0});
  if (!targets.in_order) {
    const WayMemory memory(state_directory(options.state_dir, std::nullopt), rng, io::attached_network);
    const auto here = memory.here();
    out = core::WayOrder(routes.size(), here ? memory.helpers(now, *here, routes) : std::vector<std::size_t>(), rng)
              .order();
  }
  std::ranges::stable_partition(out, [&](std::size_t i) {
    const auto& seal = targets.ways[i].seal;
    return !seal || !seal->keys.empty();
  });
  return out;
}

}  // namespace footbridge::doctor
