#include "programs/broker/run_broker.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "base/buffered_rng.hpp"
#include "crypto/primitives.hpp"
#include "crypto/system_rng.hpp"
#include "io/clock.hpp"
#include "io/deadline_timer.hpp"
#include "io/task_scope.hpp"
#include "observe/log.hpp"
#include "observe/metrics.hpp"
#include "ops/errors.hpp"
#include "programs/broker/broker_door.hpp"
#include "programs/broker/broker_egresses.hpp"
#include "programs/broker/broker_metrics.hpp"
#include "programs/broker/broker_pages.hpp"
#include "programs/broker/guest_book.hpp"
#include "programs/broker/invite_watch.hpp"
#include "programs/broker/network_seal.hpp"
#include "programs/country_files.hpp"
#include "programs/run_loop.hpp"
#include "programs/service.hpp"
#include "programs/state_directory.hpp"
#include "programs/state_reporter.hpp"
#include "programs/web_face.hpp"

namespace footbridge::broker {
namespace {

// Parked requests are answered at once when the broker drains; this is for writing the answers.
constexpr Seconds kLastAnswers{2};

core::CountryTactics country_tactics(const wire::Directory* directory) {
  if (directory == nullptr) return {};
  const auto& sensitive = directory->tactics.dtls_sensitive;
  const auto& off = directory->tactics.native_links_off;
  const auto& risky = directory->tactics.risky_to_help;
  return {{sensitive.begin(), sensitive.end()}, {off.begin(), off.end()}, {risky.begin(), risky.end()}};
}

core::BrokerConfig broker_config(const BrokerOptions& options, const wire::Directory* directory) {
  core::BrokerConfig out;
  out.egresses = egress_entries(options, directory);
  out.slots_per_prefix = static_cast<std::uint32_t>(options.slots_per_prefix);
  out.max_parked = options.max_connections;
  out.tactics = country_tactics(directory);
  // Derived from a key that outlives the process, and changes with it: whom a network may meet stays the same.
  out.slice_key = crypto::SecretKey::from(crypto::blake2b<crypto::SecretKey::kBytes>(
      as_bytes("slices of the live pool"), out.egresses.front().leg_key.reveal_to_primitive()));
  return out;
}

void use_countries(BrokerDoor& door, ops::CountryTable countries) {
  observe::log(observe::Level::Info, "geoip", observe::kv("ranges", countries.ranges()));
  door.set_countries(std::move(countries));
}

void use_egresses(BrokerDoor& door, std::vector<core::EgressEntry> egresses) {
  const auto count = egresses.size();
  const auto [added, removed] = door.set_egresses(std::move(egresses));
  if (added + removed > 0)
    observe::log(observe::Level::Notice, "egresses-changed", observe::kv("egresses", count),
                 observe::kv("added", added), observe::kv("removed", removed));
}

void show_pages(std::optional<BrokerPages>& pages, const NetworkSeal& seal) {
  if (!pages) return;
  try {
    pages->show(seal);
  } catch (const ops::UsageError& error) {
    observe::log(observe::Level::Warn, "pages-refused", observe::kv("why", error.what()));
  }
}

// False: its egresses cannot be used, and are as they were. The pages follow what is in force: they never keep a broker
// from an egress.
bool use_directory(BrokerDoor& door, const BrokerOptions& options, const NetworkSeal& seal,
                   std::optional<BrokerPages>& pages) {
  const auto& directory = seal.directory();
  door.set_tactics(country_tactics(&directory));
  try {
    use_egresses(door, egress_entries(options, &directory));
    show_pages(pages, seal);
    return true;
  } catch (const ops::UsageError& error) {
    observe::log(observe::Level::Warn, "network-files-refused", observe::kv("why", error.what()));
    return false;
  }
}

asio::awaitable<void> serve(RunLoop& loop, Service& service, BrokerDoor& door, http::Server& server,
                            std::optional<OwnStateReporter>& netstate) {
  service.start();
  io::TaskScope scope(loop.executor(), "server", loop.fail());
  scope.spawn(server.run());
  service.status("port " + std::to_string(server.local().port));
  service.ready();
  if (netstate) netstate->reporter.start();
  co_await loop.stop_requested();

  service.draining();
  observe::log(observe::Level::Notice, "draining", observe::kv("waiting_proxies", door.parked_polls()),
               observe::kv("waiting_offers", door.parked_offers()));
  door.drain();
  server.drain();
  io::DeadlineTimer end_of_grace(loop.executor(), [&](TimePoint) { scope.cancel(); });
  end_of_grace.arm(io::now() + kLastAnswers);
  co_await scope.join();
  if (netstate) co_await netstate->reporter.close();
  co_await service.stop();
  observe::log(observe::Level::Notice, "stopped");
}

std::string limits_text(const BrokerOptions& options) {
  return "max_connections=" + std::to_string(options.max_connections) +
         " slots_per_prefix=" + std::to_string(options.slots_per_prefix);
}

// One for each broker of a network that keeps its state in the same place.
GuestBook guest_book(const BrokerOptions& options, const std::string& network) {
  const auto folder = state_directory(options.state_dir, std::nullopt);
  if (!folder)
    throw ops::UsageError(
        "--state-dir: there is no home directory to remember in which devices use which invite; name a directory");
  return {*folder, network + (options.name ? "-" + *options.name : std::string())};
}

}  // namespace

int run_broker(const BrokerOptions& options, const Reload<BrokerOptions>& reload) {
  crypto::SystemRng system;
  BufferedRng rng(system);  // a match draws a dozen times
  RunLoop loop;
  observe::Registry registry;
  std::optional<NetworkSeal> seal;
  if (options.network) seal.emplace(loop.executor(), *options.network, options.name, io::unix_now(), rng, registry);
  auto config = broker_config(options, seal ? &seal->directory() : nullptr);
  std::optional<InviteWatch> invites;
  std::optional<GuestBook> guests;
  if (options.network) {
    invites.emplace(loop.executor(), *options.network);
    guests.emplace(guest_book(options, invites->rules().network));
    config.invites.emplace(invites->rules().rules, guests->read());
  }
  auto countries = read_countries(options.geoip);
  const auto egresses = config.egresses;
  BrokerDoor door(loop.executor(), std::move(config), rng, seal ? &*seal : nullptr);
  if (guests) door.keep_guests(*std::move(guests));
  if (invites) {
    invites->on_change([&](const core::InviteRules& rules) { door.set_invites(rules); });
    door.look_first([&](TimePoint now) { invites->on_request(now); });
  }
  use_countries(door, std::move(countries));
  add_metrics(registry, door);
  WebFace face(loop.executor(), options.face, registry);
  std::optional<BrokerPages> pages;
  if (options.web) pages.emplace(options, face);
  if (pages && seal) pages->show(*seal);
  Service service(loop.executor(), options.common, registry, {}, {.program = "broker"});
  try {
    io::ListenOptions listen;
    listen.address = options.listen;
    listen.limits.max_connections = options.max_connections;
    auto shown = face.face();
    if (seal) shown.max_body_bytes = crypto::kMaxEnvelopeBytes;
    http::Server server(loop.executor(), listen, door, shown);
    registry.gauge_from("footbridge_broker_connections", "Connections of clients and proxies.",
                        [&] { return static_cast<double>(server.connections()); });
    std::optional<OwnStateReporter> netstate;
    if (options.reporter.file)
      netstate.emplace(loop.executor(), options.reporter, wire::NodeRole::Broker, std::nullopt, rng,
                       [](const StateReporter&) { return wire::StateReport{.role = wire::NodeRole::Broker}; });
    auto in_force = options;
    service.describe(
        [&](StatusReport& report) { tell_status(report, door, server.connections(), limits_text(in_force)); });
    const auto show_on_this_machine = [&](const std::vector<core::EgressEntry>& known) {
      if (pages && !seal) pages->show(server.local(), options.face.tls_cert.has_value(), known);
    };
    show_on_this_machine(egresses);
    observe::log(observe::Level::Notice, "broker-ready", observe::kv("port", server.local().port),
                 observe::kv("egresses", egresses.size()));
    if (seal) seal->on_directory([&](const wire::Directory&) { return use_directory(door, in_force, *seal, pages); });
    loop.on_reload([&] {
      reload_options(service, reload, [&](const BrokerOptions& now) {
        // Everything is read first, and the certificate, which is used as it is read, last: what is wrong leaves all as
        // it was.
        auto read = read_countries(now.geoip);
        auto network = seal ? std::optional(seal->read()) : std::nullopt;
        auto rules = invites ? std::optional(invites->read()) : std::nullopt;
        auto egress_list = egress_entries(now, network ? &network->files.directory : nullptr);
        auto reporter = pages ? pages->read_reporter() : std::nullopt;
        face.reload();
        in_force = now;
        if (pages) pages->use_reporter(std::move(reporter));
        if (network) seal->use(*std::move(network));
        if (rules) invites->use(*std::move(rules));
        use_countries(door, std::move(read));
        use_egresses(door, egress_list);
        show_on_this_machine(egress_list);
        if (seal) show_pages(pages, *seal);
        door.set_tactics(country_tactics(seal ? &seal->directory() : nullptr));
        door.set_limits(static_cast<std::uint32_t>(now.slots_per_prefix), now.max_connections);
        server.set_max_connections(now.max_connections);
      });
    });
    loop.run(serve(loop, service, door, server, netstate));
  } catch (const io::ListenError& error) {
    throw ops::RunError(error.what());
  }
  return ops::kExitDone;
}

}  // namespace footbridge::broker
