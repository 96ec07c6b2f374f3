#include "programs/client/run_connect.hpp"

#include <cstdio>
#include <optional>
#include <utility>

#include "io/clock.hpp"
#include "io/finally.hpp"
#include "io/network_watch.hpp"
#include "io/task_scope.hpp"
#include "io/unless.hpp"
#include "observe/log.hpp"
#include "ops/errors.hpp"
#include "programs/broker_ways.hpp"
#include "programs/client/client_ground.hpp"
#include "programs/client/client_metrics.hpp"
#include "programs/client/client_network.hpp"
#include "programs/client/front_door.hpp"
#include "programs/link_setup.hpp"
#include "programs/nat_gauge.hpp"
#include "programs/network_source.hpp"
#include "programs/run_loop.hpp"
#include "programs/self_tag.hpp"
#include "programs/service.hpp"

namespace footbridge::client {
namespace {

using observe::kv;
using observe::Level;

ClientNetwork::Config network_config(const ConnectOptions& options, ClientGround& ground, NetworkSource* source) {
  ClientNetwork::Config config{
      .brokers = {{}, &ground.trust(), &ground.way_memory()}, .rendezvous = ground.rendezvous(), .keeper = {}};
  config.keeper.plan = {.target = options.paths, .idle_after = options.idle_after};
  if (source != nullptr) {
    live_in(*source, config);
    return config;
  }
  config.brokers.ways = broker_ways(options.ways);
  for (const auto& pin : trusted_pins(options)) config.keeper.pins.emplace_back(pin.sha256);
  return config;
}

// Some of it may heal while we try; nothing goes past the proxy meanwhile.
void tell_upstream(io::UpstreamErrc why) {
  if (!io::may_heal(why)) throw ops::RunError("--upstream-proxy: " + std::string(io::advice(why)));
  observe::log(Level::Warn, "upstream-unusable", kv("why", why), kv("advice", io::advice(why)));
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
  Client(RunLoop& loop, const ConnectOptions& options, observe::Registry& registry)
      : loop_(loop),
        options_(options),
        source_(joined_source(options.ways, options.link, /*required=*/true)),
        nat_gauge_(registry, kNatMetric),
        ground_(loop.executor(), options_.link, broker_trust(options.ways), way_out(options),
                [this](TimePoint, const core::NatReport& report) {
                  nat_gauge_.show(report.verdict());
                  nat_ = report;
                  network_.set_nat(report.nat);
                }),
        network_(loop.executor(), ground_.dialer(), network_config(options, ground_, source_ ? &*source_ : nullptr),
                 ground_.rng()),
        watch_(loop.executor(),
               [this](TimePoint now) {
                 observe::log(Level::Info, "network-changed");
                 ground_.on_network_change(now);
                 network_.on_network_change(now);
               }),
        door_(loop.executor(), options.listen, options.timeout, network_.tunnel(), ground_.rng()) {}

  const FrontDoor& door() const { return door_; }
  ClientCounts counts() const {
    const auto& keeper = network_.keeper();
    return {.connections = door_.connections(),
            .networks = 1,
            .paths = keeper.carrying(),
            .standby = keeper.standby(),
            .streams = keeper.streams()};
  }

  void describe(StatusReport& report) const {
    report.nat(nat_);
    tell_status(report, counts());
  }

  asio::awaitable<void> run(Service& service) {
    io::TaskScope scope(loop_.executor(), "front-door", loop_.fail());
    scope.spawn(door_.run());
    co_await io::finally(connect(service), drain(service, scope));
  }

 private:
  asio::awaitable<void> connect(Service& service) {
    const auto probed = co_await io::unless(loop_.stop_requested(), ground_.probe());
    if (!probed) co_return;
    if (!*probed) tell_upstream(probed->error());
    // Applications may come at once: what they ask for waits for the first path.
    if (source_) {
      const auto known = co_await io::unless(
          loop_.stop_requested(),
          first_directory(loop_.executor(), *source_, ground_.dialer(), ground_.trust(), ground_.rng()));
      if (!known || !*known) co_return;
      take_stun(options_.link, *source_);
    }
    auto config = co_await io::unless(loop_.stop_requested(), ground_.engine_config());
    if (!config) co_return;
    ground_.start(std::move(*config));
    co_await ground_.nat_known();
    network_.start(io::now(), ground_.link_maker());
    service.status("port " + std::to_string(door_.local().port));
    service.ready();
    co_await loop_.stop_requested();
  }

  asio::awaitable<void> drain(Service& service, io::TaskScope& scope) {
    service.draining();
    observe::log(Level::Notice, "draining", kv("connections", door_.connections()));
    network_.refuse();
    door_.drain();
    io::DeadlineTimer end_of_grace(loop_.executor(), [this](TimePoint) { door_.stop(); });
    end_of_grace.arm(io::now() + options_.common.drain_timeout);
    co_await scope.join();
    co_await network_.leave();
    observe::log(Level::Notice, "stopped");
  }

  RunLoop& loop_;
  ConnectOptions options_;               // STUN servers of a directory are added
  std::optional<NetworkSource> source_;  // nullopt: the options name broker and pins
  NatGauge nat_gauge_;
  core::NatReport nat_;
  ClientGround ground_;
  ClientNetwork network_;
  io::NetworkWatch watch_;
  FrontDoor door_;
};

}  // namespace

int run_connect(const ConnectOptions& options, const Reload<ConnectOptions>& reload) {
  RunLoop loop;
  observe::Registry registry;
  Service service(loop.executor(), options.common, registry, {}, {"connect", state_directory(options.link)});
  loop.on_reload([&] { reload_options(service, reload, [](const ConnectOptions&) {}); });
  try {
    Client client(loop, options, registry);
    add_client_metrics(registry, [&client] { return client.counts(); });
    service.describe([&client](StatusReport& report) { client.describe(report); });
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
