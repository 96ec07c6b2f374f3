#include "programs/proxy/lending.hpp"

#include <functional>
#include <string>
#include <utility>

#include "io/clock.hpp"
#include "io/portmap/gateway_way.hpp"
#include "io/portmap/upnp_way.hpp"
#include "observe/log.hpp"
#include "programs/link_setup.hpp"
#include "programs/proxy/metered_hint.hpp"
#include "programs/proxy/volunteer_status.hpp"

namespace footbridge::proxy {
namespace {

// The router's way here, where links leave from the address that it forwards to.
std::optional<io::HomeRouter> router_of(const io::LocalAddresses& local) {
  auto router = io::find_home_router();
  const auto named = local.towards(Family::V4);
  const bool others = !local.any() && (!named || (router && router->own.reveal_to_socket() != *named));
  return others ? std::nullopt : router;
}

// Null where the router is not to be asked. The demo and tests, which use private addresses, are not to open anything
// at the router of the machine that they happen to run on.
std::unique_ptr<io::PortMapper> port_mapper(const VolunteerOptions& options, asio::any_io_executor executor,
                                            VolunteerGround& ground, std::function<void()> on_change) {
  if (options.no_port_mapping || options.link.allow_private_candidates) return nullptr;
  const auto router = [local = ground.local()] { return router_of(local); };
  io::PortMapper::Ways ways{std::make_unique<io::GatewayWay>(executor, ground.rng(), router),
                            std::make_unique<io::UpnpWay>(executor, router)};
  return std::make_unique<io::PortMapper>(executor, io::PortMapper::Config{}, std::move(ways), ground.rng(),
                                          std::move(on_change));
}

std::optional<std::uint64_t> bytes_of(const std::optional<ops::ByteCount>& size) {
  return size ? std::optional(size->bytes) : std::nullopt;
}

bool is_metered(Metered said, const io::LocalAddresses& local) {
  return said == Metered::Yes || (said == Metered::Auto && looks_metered(local));
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

Volunteer make_volunteer(asio::any_io_executor executor, Volunteer::Parts parts, const VolunteerOptions& options,
                         VolunteerGround& ground) {
  auto terms = rendezvous_terms(options, ground);
  return {executor, std::move(parts), relay_terms(options), std::move(terms.says), std::move(terms.ways)};
}

}  // namespace

Lending::Lending(asio::any_io_executor executor, Parts parts, webrtc::EngineConfig links)
    : parts_(parts),
      in_force_(parts.options),
      nat_terms_(nat_terms(parts.ground.link(), links, core::NatTests::Full, parts.ground.local())),
      engine_(std::move(links)),
      ports_(port_mapper(parts.options, executor, parts.ground, [this] { on_ports_changed(); })),
      volunteer_(make_volunteer(executor, volunteer_parts(), parts.options, parts.ground)),
      nat_gauge_(parts.registry, "footbridge_proxy_nat_info"),
      nat_keeper_(executor, parts.ground.rng(),
                  [this](TimePoint now, const core::NatReport& report) { on_nat(now, report); }),
      network_watch_(executor, [this](TimePoint now) { on_network_change(now); }),
      summary_(io::now()),
      summary_timer_(executor, [this](TimePoint now) { tell_summary(now); }),
      metered_timer_(executor, [this](TimePoint now) { look_metered(now); }) {
  if (parts.ground.network_or_null() != nullptr) follow_network(executor);
  count_carried();
}

Volunteer::Parts Lending::volunteer_parts() {
  const auto wish = [this](TimePoint now) {
    if (fetch_) fetch_->wish(now);
  };
  auto& ground = parts_.ground;
  return {engine_,        ground.to_brokers(),         ground.to_legs(), ground.trust(), ground.rng(),
          parts_.metrics, !parts_.options.no_udp_legs, ports_.get(),     wish,           &parts_.limits};
}

void Lending::follow_network(asio::any_io_executor executor) {
  take_view();
  fetch_.emplace(executor, *parts_.ground.network_or_null(), volunteer_.line(), parts_.ground.rng(),
                 [this](TimePoint) { take_view(); });
  fetch_->start();
}

void Lending::take_view() {
  auto view = parts_.ground.network_or_null()->view();
  egress_pins_ = view.relays.pins;
  volunteer_.use(relays_of(parts_.options, view), std::move(view.brokers));
}

void Lending::count_carried() {
  parts_.registry.counter_from("footbridge_proxy_relayed_up_bytes_total", "Bytes carried from clients.",
                               [this] { return volunteer_.carried().up_bytes; });
  parts_.registry.counter_from("footbridge_proxy_relayed_down_bytes_total", "Bytes carried to clients.",
                               [this] { return volunteer_.carried().down_bytes; });
}

void Lending::start() {
  const bool alone = parts_.options.link.allow_private_candidates;  // a demo or test, which asks nobody outside
  for (const auto trouble : troubles_of(look_around(alone || !parts_.ground.link().stun.empty())))
    troubles_.tell(trouble);
  if (parts_.options.allow_private_egress) observe::log(observe::Level::Warn, "private-egress-allowed");
  use({.options = parts_.options});
  parts_.limits.start(tells_of(volunteer_));
  nat_terms_.on_server = [this](const Endpoint& server, bool answers) { engine_.note_stun_server(server, answers); };
  engine_.on_gathered([this](TimePoint now, bool seen_outside) { nat_keeper_.on_gathered(now, seen_outside); });
  nat_keeper_.start(io::now(), std::move(nat_terms_));
  if (ports_ != nullptr) ports_->start();
  summary_timer_.arm(summary_.deadline());
}

void Lending::use(const LimitChange& change) {
  const auto& changed = change.options;
  parts_.limits.use({.limits = {.hours = core::WeekHours(changed.hours),
                                .bytes_per_day = bytes_of(changed.per_day),
                                .bytes_per_month = bytes_of(changed.per_month)},
                     .slots = changed.slots,
                     .metered = is_metered(changed.metered, parts_.ground.local()),
                     .pause = change.pause,
                     .resume = change.resume});
  in_force_ = changed;
  volunteer_.set_max_rate(bytes_of(changed.max_rate));
  metered_timer_.arm(io::now() + kMeteredAgain);
}

void Lending::look_metered(TimePoint now) {
  parts_.limits.set_metered(is_metered(in_force_.metered, parts_.ground.local()));
  metered_timer_.arm(now + kMeteredAgain);
}

asio::awaitable<void> Lending::drain(Duration grace) {
  draining_ = true;
  if (fetch_) co_await fetch_->close();
  observe::log(observe::Level::Notice, "draining", observe::kv("helping", volunteer_.helping()));
  co_await volunteer_.close(grace);
}

asio::awaitable<void> Lending::close_ports() {
  if (ports_ != nullptr) co_await ports_->close();
}

void Lending::on_nat(TimePoint now, const core::NatReport& report) {
  nat_ = report;
  nat_gauge_.show(report.verdict());
  parts_.service.status("address translation: " + std::string(name(report.verdict())));
  volunteer_.set_nat(now, report.nat);
}

void Lending::on_ports_changed() {
  volunteer_.on_ports_changed();
  if (ports_->failure() == core::MapFailure::Unusable) troubles_.tell(Trouble::TwoNats);
}

VolunteerState Lending::state() const {
  const auto carried = volunteer_.carried();
  const auto& verdict = parts_.limits.verdict();
  VolunteerState out{.helping = static_cast<std::uint64_t>(parts_.metrics.clients.value()),
                     .helped = parts_.metrics.clients_helped.value(),
                     .up_bytes = carried.up_bytes,
                     .down_bytes = carried.down_bytes,
                     .nat = nat_.verdict(),
                     .pause = verdict.pause,
                     .until = verdict.changes_at,
                     .limits = limits_text(in_force_),
                     .idle = {}};
  if (out.helping > 0) return out;
  out.idle = out.pause != core::Pause::None ? core::name(out.pause) : volunteer_.why_idle();
  if (out.idle.empty()) out.idle = "nobody-needs-it";
  return out;
}

wire::StateReport Lending::report(const StateReporter& names) const {
  const bool paused = parts_.limits.verdict().pause != core::Pause::None;
  return own_report(volunteer_, {paused, draining_}, egress_pins_, names, io::now());
}

void Lending::describe(StatusReport& report) const {
  const auto now = state();
  const auto troubles = troubles_.text();
  tell_status(report, {.state = now,
                       .nat = nat_,
                       .record = parts_.limits.record(),
                       .standby = static_cast<std::uint64_t>(parts_.metrics.standby.value()),
                       .slots = volunteer_.slots(),
                       .advice = volunteer_.idle_advice(),
                       .troubles = troubles});
}

void Lending::tell_summary(TimePoint now) {
  const auto state = this->state();
  if (const auto hour = summary_.poll(now, {state.helped, state.up_bytes, state.down_bytes}))
    observe::log(observe::Level::Notice, "hour", observe::kv("helped", hour->people),
                 observe::kv("helping", state.helping), observe::kv("up_mib", hour->up_mib),
                 observe::kv("down_mib", hour->down_mib), observe::kv("nat", state.nat),
                 observe::kv("limits", state.limits), observe::kv("idle", state.idle));
  summary_timer_.arm(summary_.deadline());
}

void Lending::on_network_change(TimePoint now) {
  observe::log(observe::Level::Info, "network-changed");
  nat_keeper_.on_network_change(now);
  volunteer_.on_network_change(now);
  look_metered(now);
  metered_timer_.arm(now + kMeteredSoon);
  if (ports_ != nullptr) ports_->on_network_change(now);
}

}  // namespace footbridge::proxy
