#include "programs/doctor/targets.hpp"

#include <utility>

#include "ops/errors.hpp"
#include "programs/broker_ways.hpp"
#include "programs/network_view.hpp"
#include "programs/state_directory.hpp"

namespace footbridge::doctor {
namespace {

using core::DoctorRole;
using core::Finding;

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

void take_network(Targets& out, UnixSeconds now) {
  auto view = network_view(out.joined->invite, out.joined->keeper.serving(now));
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
  try {
    if (options.ways.broker.empty()) choose(out, options);
  } catch (const ops::UsageError&) {
    out.spoiled = true;  // its text names files; the state directory's finding says what to do
  }
  if (out.joined) take_network(out, now);
  for (auto& way : broker_ways(options.ways)) out.ways.push_back({std::move(way), std::nullopt});
  if (!options.ways.broker.empty()) out.configuration = Finding::BrokerNamed;
  for (const auto& egress : options.egress) add_relay(out.relays, egress.reveal_to_socket().text, std::nullopt);
  if (!options.stun.empty()) out.stun = options.stun;
  if (out.stun.empty() && out.joined && !options.allow_private) out.stun = built_in_stun();
  number(out.ways);
  return out;
}

}  // namespace footbridge::doctor
