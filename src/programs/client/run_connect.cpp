#include "programs/client/run_connect.hpp"

#include <cstdio>
#include <optional>
#include <utility>

#include "base/buffered_rng.hpp"
#include "core/egress/address_policy.hpp"
#include "crypto/system_rng.hpp"
#include "io/clock.hpp"
#include "io/finally.hpp"
#include "io/network_watch.hpp"
#include "io/own_addresses.hpp"
#include "io/task_scope.hpp"
#include "io/unless.hpp"
#include "io/with_deadline.hpp"
#include "observe/log.hpp"
#include "observe/metrics.hpp"
#include "ops/errors.hpp"
#include "programs/client/broker_client.hpp"
#include "programs/client/changes.hpp"
#include "programs/client/front_door.hpp"
#include "programs/client/path_keeper.hpp"
#include "programs/client/session_tunnel.hpp"
#include "programs/link_setup.hpp"
#include "programs/run_loop.hpp"
#include "programs/self_tag.hpp"
#include "programs/service.hpp"
#include "transport/webrtc/engine.hpp"

namespace footbridge::client {
namespace {

using observe::kv;
using observe::Level;

// For the BYEs of all paths to leave: one round trip of a slow path is half of it, and nobody waits for the answer.
constexpr Millis kGoodbyeLimit{500};

PathKeeper::Config keeper_config(const ConnectOptions& options) {
  PathKeeper::Config config;
  for (const auto& pin : trusted_pins(options)) config.pins.emplace_back(pin.sha256);
  config.plan = {.target = options.paths, .idle_after = options.idle_after};
  return config;
}

core::ClientRendezvousConfig rendezvous_config(const ConnectOptions& options, Rng& rng) {
  core::ClientRendezvousConfig config;
  config.self_tag = load_self_tag(options.link, rng);
  config.nat = nat_classes(options.link.nat);
  config.families = wire::Families::Both;
  config.capabilities = link_capabilities(options.link);
  return config;
}

// The one thing a person has to read; not a log event, because it says an address.
void announce(const FrontDoor& door) {
  const auto at = door.local().to_text();
  std::fprintf(stderr,
               "footbridge connect: your proxy listens on %s (SOCKS and HTTP)\n"
               "footbridge connect: for browsers and systems, the configuration URL: %s\n",
               at.c_str(), door.pac_url().c_str());
}

// Everything of one running client, in the order in which it depends on each other.
class Client {
 public:
  Client(RunLoop& loop, const ConnectOptions& options)
      : loop_(loop),
        options_(options),
        resolver_(loop.executor()),
        connector_(loop.executor(), resolver_, to_broker_),
        changes_(loop.executor()),
        keeper_(loop.executor(), keeper_config(options), rng_, troubles_, [this] { changes_.notify(); }),
        network_(loop.executor(),
                 [this](TimePoint now) {
                   observe::log(Level::Info, "network-changed");
                   keeper_.on_network_change(now);
                 }),
        broker_(loop.executor(), connector_, broker_url(*options.broker), rendezvous_config(options, rng_), rng_,
                keeper_),
        tunnel_(keeper_, changes_, troubles_),
        door_(loop.executor(), options.listen, options.timeout, tunnel_, rng_) {}

  const FrontDoor& door() const { return door_; }
  const PathKeeper& keeper() const { return keeper_; }

  asio::awaitable<void> run(Service& service) {
    io::TaskScope scope(loop_.executor(), "front-door", loop_.fail());
    scope.spawn(door_.run());
    co_await io::finally(connect(service), drain(service, scope));
  }

 private:
  asio::awaitable<void> connect(Service& service) {
    // Applications may come at once: what they ask for waits for the first path.
    auto config = co_await io::unless(loop_.stop_requested(), engine_config(options_.link, resolver_));
    if (!config) co_return;
    engine_.emplace(std::move(*config));
    keeper_.start(io::now(), broker_, [this](webrtc::LinkEvents& events) {
      return engine_->offer(loop_.executor(), {.best = best_link(link_capabilities(options_.link))}, events);
    });
    service.status("port " + std::to_string(door_.local().port));
    service.ready();
    co_await loop_.stop_requested();
  }

  asio::awaitable<void> drain(Service& service, io::TaskScope& scope) {
    service.draining();
    observe::log(Level::Notice, "draining", kv("connections", door_.connections()));
    tunnel_.stop();
    door_.drain();
    io::DeadlineTimer end_of_grace(loop_.executor(), [this](TimePoint) { door_.stop(); });
    end_of_grace.arm(io::now() + options_.common.drain_timeout);
    co_await scope.join();

    keeper_.stop(io::now());
    const auto said_by = io::now() + kGoodbyeLimit;
    while (keeper_.state() != PathKeeper::State::Resting && io::now() < said_by)
      static_cast<void>(co_await io::with_deadline(said_by, changes_.wait(changes_.seen())));
    co_await broker_.close();
    observe::log(Level::Notice, "stopped");
  }

  RunLoop& loop_;
  const ConnectOptions& options_;
  crypto::SystemRng system_rng_;
  BufferedRng rng_{system_rng_};
  io::SystemResolver resolver_;
  // The broker's address comes from our user's own configuration.
  const core::AddressPolicy to_broker_ = core::AddressPolicy::unrestricted();
  io::Connector connector_;
  TroubleTeller troubles_;
  Changes changes_;
  std::optional<webrtc::Engine> engine_;  // outlives the links of keeper_
  PathKeeper keeper_;
  io::NetworkWatch network_;
  BrokerClient broker_;
  SessionTunnel tunnel_;
  FrontDoor door_;
};

void add_metrics(observe::Registry& registry, const Client& client) {
  registry.gauge_from("footbridge_connect_connections", "Local connections of applications.",
                      [&] { return static_cast<double>(client.door().connections()); });
  registry.gauge_from("footbridge_connect_paths", "Paths that carry the session.",
                      [&] { return static_cast<double>(client.keeper().carrying()); });
  registry.gauge_from("footbridge_connect_paths_standby", "Of the paths, those that have nothing to carry.",
                      [&] { return static_cast<double>(client.keeper().standby()); });
  registry.gauge_from("footbridge_connect_streams", "Streams to the egress, until it has confirmed their end.",
                      [&] { return static_cast<double>(client.keeper().streams()); });
}

}  // namespace

int run_connect(const ConnectOptions& options, const Reload<ConnectOptions>& reload) {
  RunLoop loop;
  loop.on_reload([&] { reload_options(reload, [](const ConnectOptions&) {}); });
  observe::Registry registry;
  Service service(loop.executor(), options.common, registry);
  try {
    Client client(loop, options);
    add_metrics(registry, client);
    service.start();
    announce(client.door());
    observe::log(Level::Notice, "client-ready", kv("port", client.door().local().port));
    loop.run(io::finally(client.run(service), service.stop()));
  } catch (const io::ListenError& error) {
    throw ops::RunError(error.what());
  }
  return ops::kExitDone;
}

}  // namespace footbridge::client
