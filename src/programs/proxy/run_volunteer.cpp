#include "programs/proxy/run_volunteer.hpp"

#include <charconv>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "core/egress/address_policy.hpp"
#include "core/network/network_self.hpp"
#include "crypto/system_rng.hpp"
#include "io/clock.hpp"
#include "io/connector.hpp"
#include "io/finally.hpp"
#include "io/network_watch.hpp"
#include "io/own_addresses.hpp"
#include "io/portmap/gateway_way.hpp"
#include "io/portmap/upnp_way.hpp"
#include "io/unless.hpp"
#include "observe/log.hpp"
#include "ops/errors.hpp"
#include "programs/broker_ways.hpp"
#include "programs/directory_fetch.hpp"
#include "programs/link_setup.hpp"
#include "programs/nat_gauge.hpp"
#include "programs/nat_keeper.hpp"
#include "programs/proxy/volunteer.hpp"
#include "programs/proxy_key.hpp"
#include "programs/run_loop.hpp"
#include "programs/self_tag.hpp"
#include "programs/service.hpp"

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

core::RelayAllowList relays_of(const VolunteerOptions& options, const NetworkView& view) {
  return {view.relays.urls, options.allow_private_egress, view.relays.udp_ports, view.relays.tls_pins};
}

// What polls say beyond that in a joined network: who we are, by a key that only we have, and who invited us.
void prove(core::ProxyRendezvousConfig& config, const wire::Invite& invite, const crypto::X25519KeyPair& key) {
  config.proxy = ProxyId{key.public_key.raw};
  config.self_tag = core::self_tag_in(invite.root, config.self_tag);
  config.invite = invite.id;
  if (!invite.announcing || !invite.compartment) return;
  config.compartments = {*invite.compartment};
  config.announcing = {*invite.announcing};
}

core::ProxyRendezvousConfig rendezvous_config(const VolunteerOptions& options, Rng& rng) {
  core::ProxyRendezvousConfig out;
  out.proxy = ProxyId::random(rng);
  out.self_tag = load_self_tag(options.link, rng);
  out.nat = nat_classes(options.link.nat);
  out.families = wire::Families::Both;
  out.capabilities = link_capabilities(options.link);
  out.was_warned = options.even_if_risky;
  return out;
}

// POST /slots?count=N, with --control: what a person's own switch or schedule changes while the program runs.
AdminCommands admin_commands(const VolunteerOptions& options, LimitKeeper*& running) {
  if (!options.control) return {};
  return {{"/slots", [&running](std::string_view query) -> ops::AdminReply {
             constexpr std::string_view kCount = "count=";
             std::size_t count = 0;
             const auto* end = query.data() + query.size();
             if (running == nullptr) return {503, "still starting"};
             if (!query.starts_with(kCount) || std::from_chars(query.data() + kCount.size(), end, count).ptr != end ||
                 count < 1 || count > core::ProxyEngine::kMaxSlots)
               return {400, "say POST /slots?count=N with N from 1 to 10"};
             running->use_slots(count);
             const auto paused =
                 running->pause() == core::Pause::None ? "" : ", paused: " + std::string(core::name(running->pause()));
             return {200, "slots " + std::to_string(count) + paused};
           }}};
}

// Null where the router is not to be asked. The demo and tests, which use private addresses, are not to open anything
// at the router of the machine that they happen to run on.
std::unique_ptr<io::PortMapper> port_mapper(const VolunteerOptions& options, asio::any_io_executor executor, Rng& rng,
                                            std::function<void()> on_change) {
  if (options.no_port_mapping || options.link.allow_private_candidates) return nullptr;
  io::PortMapper::Ways ways{std::make_unique<io::GatewayWay>(executor, rng, io::find_home_router),
                            std::make_unique<io::UpnpWay>(executor, io::find_home_router)};
  return std::make_unique<io::PortMapper>(executor, io::PortMapper::Config{}, std::move(ways), rng,
                                          std::move(on_change));
}

std::optional<std::uint64_t> bytes_of(const std::optional<ops::ByteCount>& size) {
  return size ? std::optional(size->bytes) : std::nullopt;
}

void apply_limits(Volunteer& volunteer, LimitKeeper& limits, const VolunteerOptions& options) {
  volunteer.set_max_rate(bytes_of(options.max_rate));
  limits.use({.hours = core::WeekHours(options.hours),
              .bytes_per_day = bytes_of(options.per_day),
              .bytes_per_month = bytes_of(options.per_month)},
             options.slots);
}

LimitKeeper::Tells tells_of(Volunteer& volunteer) {
  return {.slots = [&](std::size_t slots, Duration grace) { volunteer.set_slots(slots, grace); },
          .end_all = [&] { volunteer.end_all(); },
          .carried =
              [&] {
                const auto carried = volunteer.carried();
                return LimitKeeper::Carried{carried.up_bytes, carried.down_bytes};
              },
          .helping = [&] { return volunteer.helping(); }};
}

asio::awaitable<void> close(io::PortMapper* ports) {
  if (ports != nullptr) co_await ports->close();
}

asio::awaitable<void> help_until_stopped(RunLoop& loop, const VolunteerOptions& options, Service& service,
                                         Volunteer& volunteer, std::optional<DirectoryFetch>& fetch) {
  co_await loop.stop_requested();
  if (fetch) co_await fetch->close();
  service.draining();
  observe::log(observe::Level::Notice, "draining", observe::kv("helping", volunteer.helping()));
  co_await volunteer.close(options.common.drain_timeout);
}

// `running` becomes what the admin command speaks to, and is left null.
asio::awaitable<void> lend(RunLoop& loop, const VolunteerOptions& options, const Reload<VolunteerOptions>& reload,
                           observe::Registry& registry, Service& service, LimitKeeper*& running) {
  const auto executor = loop.executor();
  crypto::SystemRng rng;
  VolunteerMetrics metrics(registry);
  LimitMetrics limit_metrics(registry);
  LimitKeeper limits(executor, state_directory(options.link), limit_metrics);
  if (options.per_day || options.per_month) limits.require_memory();
  io::SystemResolver resolver(executor);
  const auto anywhere = core::AddressPolicy::unrestricted();
  const auto to_legs = leg_policy(options);
  io::Connector broker_connector(executor, resolver, anywhere);
  auto trust = broker_trust(options.ways);
  io::Connector leg_connector(executor, resolver, to_legs);
  auto source = joined_source(options.ways, options.link, /*required=*/true);
  auto link = options.link;
  if (source) {
    const auto known =
        co_await io::unless(loop.stop_requested(), first_directory(executor, *source, broker_connector, trust, rng));
    if (!known || !*known) co_return;
    take_stun(link, *source);
  }
  auto link_config = co_await engine_config(link, resolver);
  auto nat = nat_terms(link, link_config, core::NatTests::Full);
  webrtc::Engine engine(std::move(link_config));
  Volunteer* volunteer_or_null = nullptr;  // the mapper's word may come before there is one
  auto ports = port_mapper(options, executor, rng, [&] {
    if (volunteer_or_null != nullptr) volunteer_or_null->on_ports_changed();
  });
  std::optional<DirectoryFetch> fetch;
  auto rendezvous = rendezvous_config(options, rng);
  BrokerWays ways{.ways = {}, .trust = &trust};
  if (source) {
    auto brokers = source->view().brokers;
    ways.ways = std::move(brokers.ways);
    ways.seals = std::move(brokers.seals);
    ways.in_order = source->in_order();
    ways.proxy = core::proxy_key_in(source->invite().root, load_proxy_secret(options.link, rng));
    prove(rendezvous, source->invite(), *ways.proxy);
  } else {
    ways.ways = broker_ways(options.ways);
  }
  Volunteer volunteer(executor,
                      {engine, broker_connector, leg_connector, trust, rng, metrics, !options.no_udp_legs, ports.get(),
                       [&fetch](TimePoint now) {
                         if (fetch) fetch->wish(now);
                       },
                       &limits},
                      {allowed_relays(options), options.allow_private_egress}, std::move(rendezvous), std::move(ways));
  const auto take_view = [&](TimePoint) {
    auto view = source->view();
    volunteer.use(relays_of(options, view), std::move(view.brokers));
  };
  if (source) {
    take_view(io::now());
    fetch.emplace(executor, *source, volunteer.line(), rng, take_view);
    fetch->start();
  }
  registry.counter_from("footbridge_proxy_relayed_up_bytes_total", "Bytes carried from clients.",
                        [&] { return volunteer.carried().up_bytes; });
  registry.counter_from("footbridge_proxy_relayed_down_bytes_total", "Bytes carried to clients.",
                        [&] { return volunteer.carried().down_bytes; });
  volunteer_or_null = &volunteer;
  running = &limits;
  if (options.allow_private_egress) observe::log(observe::Level::Warn, "private-egress-allowed");
  apply_limits(volunteer, limits, options);
  limits.start(tells_of(volunteer));
  loop.on_reload([&] {
    reload_options(service, reload, [&](const VolunteerOptions& changed) { apply_limits(volunteer, limits, changed); });
  });
  NatGauge nat_gauge(registry, "footbridge_proxy_nat_info");
  NatKeeper nat_keeper(executor, rng, [&](TimePoint now, const core::NatReport& report) {
    nat_gauge.show(report.verdict());
    service.status("address translation: " + std::string(name(report.verdict())));
    volunteer.set_nat(now, report.nat);
  });
  const io::NetworkWatch network(executor, [&](TimePoint now) {
    observe::log(observe::Level::Info, "network-changed");
    nat_keeper.on_network_change(now);
    volunteer.on_network_change(now);
    if (ports != nullptr) ports->on_network_change(now);
  });
  observe::log(observe::Level::Notice, "volunteer-ready", observe::kv("slots", options.slots));
  service.ready();
  nat.on_server = [&engine](const Endpoint& server, bool answers) { engine.note_stun_server(server, answers); };
  engine.on_gathered([&nat_keeper](TimePoint now, bool seen_outside) { nat_keeper.on_gathered(now, seen_outside); });
  nat_keeper.start(io::now(), std::move(nat));
  if (ports != nullptr) ports->start();
  co_await io::finally(help_until_stopped(loop, options, service, volunteer, fetch), close(ports.get()));
  co_await service.stop();  // before what its metrics and commands look at
  loop.on_reload({});
  running = nullptr;
  limits.close();
  observe::log(observe::Level::Notice, "stopped", observe::kv("helped", metrics.clients_helped.value()));
}

asio::awaitable<void> serve(RunLoop& loop, const VolunteerOptions& options, const Reload<VolunteerOptions>& reload) {
  observe::Registry registry;
  LimitKeeper* running = nullptr;  // for the admin command, which may come before there is one
  Service service(loop.executor(), options.common, registry, admin_commands(options, running));
  service.start();
  co_await io::finally(lend(loop, options, reload, registry, service, running), service.stop());
}

}  // namespace

int run_volunteer(const VolunteerOptions& options, const Reload<VolunteerOptions>& reload) {
  RunLoop loop;
  loop.run(serve(loop, options, reload));
  return ops::kExitDone;
}

}  // namespace footbridge::proxy
