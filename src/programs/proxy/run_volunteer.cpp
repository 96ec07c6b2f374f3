#include "programs/proxy/run_volunteer.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "core/egress/address_policy.hpp"
#include "crypto/system_rng.hpp"
#include "io/own_addresses.hpp"
#include "observe/log.hpp"
#include "ops/errors.hpp"
#include "ops/sd_notify.hpp"
#include "programs/link_setup.hpp"
#include "programs/proxy/volunteer.hpp"
#include "programs/run_loop.hpp"

namespace footbridge::proxy {
namespace {

std::vector<std::string> allowed_relays(const VolunteerOptions& options) {
  std::vector<std::string> out;
  for (const auto& relay : options.egress) {
    auto url = relay.reveal_to_socket().text;
    while (url.ends_with('/')) url.pop_back();  // the token becomes one more segment
    out.push_back(std::move(url));
  }
  return out;
}

// A volunteer's own network is nobody else's business: legs go to public addresses only.
core::AddressPolicy leg_policy(const VolunteerOptions& options) {
  if (options.allow_private_egress) return core::AddressPolicy::unrestricted();
  core::AddressPolicy::Rules rules;
  rules.own = io::own_addresses();
  return core::AddressPolicy(std::move(rules));
}

core::ProxyRendezvousConfig rendezvous_config(const VolunteerOptions& options, Rng& rng) {
  core::ProxyRendezvousConfig out;
  out.proxy = ProxyId::random(rng);
  out.self_tag = SelfTag::random(rng);
  out.nat = nat_classes(options.link.nat);
  out.families = wire::Families::Both;
  return out;
}

asio::awaitable<void> serve(RunLoop& loop, const VolunteerOptions& options) {
  const auto executor = loop.executor();
  crypto::SystemRng rng;
  observe::Registry registry;
  VolunteerMetrics metrics(registry);
  io::SystemResolver resolver(executor);
  const auto anywhere = core::AddressPolicy::unrestricted();
  const auto to_legs = leg_policy(options);
  io::Connector broker_connector(executor, resolver, anywhere);
  io::Connector leg_connector(executor, resolver, to_legs);
  webrtc::Engine engine(co_await engine_config(options.link, resolver));
  Volunteer volunteer(executor, {engine, broker_connector, leg_connector, rng, metrics},
                      {allowed_relays(options), options.allow_private_egress}, rendezvous_config(options, rng),
                      wire::parse_url(options.broker->reveal_to_socket().text).value());
  const auto manager = ops::ServiceManager::from_environment();
  volunteer.set_slots(options.slots);
  observe::log(observe::Level::Notice, "volunteer-ready", observe::kv("slots", options.slots));
  manager.ready();
  co_await loop.stop_requested();

  manager.stopping();
  observe::log(observe::Level::Notice, "draining", observe::kv("helping", volunteer.helping()));
  co_await volunteer.close(options.common.drain_timeout);
  observe::log(observe::Level::Notice, "stopped", observe::kv("helped", metrics.clients_helped.value()));
}

}  // namespace

int run_volunteer(const VolunteerOptions& options, const Reload<VolunteerOptions>&) {
  RunLoop loop;
  loop.run(serve(loop, options));
  return ops::kExitDone;
}

}  // namespace footbridge::proxy
