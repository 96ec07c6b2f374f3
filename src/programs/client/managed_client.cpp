#include "programs/client/managed_client.hpp"

#include <utility>

#include "io/clock.hpp"
#include "io/deadline_timer.hpp"
#include "io/finally.hpp"
#include "io/task_scope.hpp"
#include "io/unless.hpp"
#include "observe/log.hpp"
#include "programs/broker_ways.hpp"
#include "programs/client/network_story.hpp"

namespace footbridge::client {
namespace {

using observe::kv;
using observe::Level;

// A bridge line may bring the pins; what the options say must still be right.
std::vector<ops::Pin> option_pins(const ConnectOptions& options) {
  if (options.egress_pin.empty() && !options.egress_descriptor) return {};
  return trusted_pins(options);
}

// What a parent says once for all connections gives way to what comes with one of them.
wire::PtArguments with_defaults(wire::PtArguments arguments, const wire::PtArguments& defaults) {
  arguments.insert(defaults.begin(), defaults.end());
  return arguments;
}

}  // namespace

ManagedClient::ManagedClient(RunLoop& loop, const ConnectOptions& options, const wire::PtClientRequest& request,
                             io::WayOut way, ManagedTransport& parent, observe::Registry& registry)
    : loop_(loop),
      options_(options),
      source_(joined_source(options.ways, options.link, /*required=*/false)),
      parent_names_proxy_(request.proxy.has_value()),
      parent_(parent),
      option_pins_(option_pins(options)),
      nat_gauge_(registry, kNatMetric),
      ground_(loop.executor(), options_.link, broker_trust(options.ways), std::move(way),
              [this](TimePoint, const core::NatReport& report) {
                nat_gauge_.show(report.verdict());
                networks_.set_nat(report.nat);
              }),
      networks_(loop.executor(),
                [this](std::size_t number, const NetworkSettings& settings) { return make_network(number, settings); }),
      watch_(loop.executor(),
             [this](TimePoint now) {
               observe::log(Level::Info, "network-changed");
               ground_.on_network_change(now);
               networks_.on_network_change(now);
             }),
      door_(
          loop.executor(), request.listen.value_or(ops::loopback(0)), options.timeout, networks_,
          [this, &request](const wire::PtArguments& arguments) {
            return network_settings(options_, option_pins_, with_defaults(arguments, request.options),
                                    source_.has_value());
          },
          [this](std::string_view sentence) { complain(sentence); }) {}

std::unique_ptr<ClientNetwork> ManagedClient::make_network(std::size_t number, const NetworkSettings& settings) {
  ClientNetwork::Config config{.brokers = {settings.brokers, &ground_.trust(), &ground_.way_memory()},
                               .rendezvous = ground_.rendezvous(),
                               .keeper = {}};
  if (settings.joined) live_in(*source_, config);
  for (const auto& pin : settings.pins.reveal_to_socket()) config.keeper.pins.emplace_back(pin.sha256);
  config.keeper.plan = {.target = settings.paths, .idle_after = settings.idle_after};
  Audience audience{.people = [this](wire::PtSeverity severity, std::string_view text) { parent_.log(severity, text); },
                    .machines = [this](const std::string& line) { parent_.mention(line); }};
  auto story = std::make_unique<NetworkStory>(loop_.executor(), number, std::move(audience));
  return std::make_unique<ClientNetwork>(loop_.executor(), ground_.dialer(), std::move(config), ground_.rng(),
                                         std::move(story));
}

void ManagedClient::complain(std::string_view sentence) {
  observe::log(Level::Warn, "bridge-refused", kv("advice", sentence));
  parent_.log(wire::PtSeverity::Warning, sentence);
}

ClientCounts ManagedClient::counts() const {
  return {.connections = door_.connections(),
          .networks = networks_.size(),
          .paths = networks_.carrying(),
          .standby = networks_.standby(),
          .streams = networks_.streams()};
}

asio::awaitable<void> ManagedClient::run(Service& service) {
  io::TaskScope scope(loop_.executor(), "bridge-door", loop_.fail());
  scope.spawn(door_.run());
  co_await io::finally(serve(service), drain(service, scope));
}

// Nothing is tried before it is known whether the parent's proxy carries us, and it is told so. Of a proxy that our own
// options name it knows nothing: the person hears what is wrong, and nothing goes past it meanwhile. False: it is over.
asio::awaitable<bool> ManagedClient::take_proxy() {
  const auto probed = co_await io::unless(loop_.stop_requested(), ground_.probe());
  if (!probed) co_return false;
  if (parent_names_proxy_) {
    if (*probed)
      parent_.proxy_done();
    else
      exit_code_ = parent_.proxy_error(io::advice(probed->error()));
    co_return probed->ok();
  }
  if (!*probed) {
    observe::log(Level::Warn, "upstream-unusable", kv("why", probed->error()),
                 kv("advice", io::advice(probed->error())));
    parent_.log(wire::PtSeverity::Warning, io::advice(probed->error()));
  }
  co_return true;
}

asio::awaitable<void> ManagedClient::serve(Service& service) {
  if (!co_await take_proxy()) co_return;
  parent_.offer(door_.local());
  parent_.done();
  observe::log(Level::Notice, "client-ready", kv("port", door_.local().port));
  if (source_) take_stun(options_.link, *source_);
  auto config = co_await io::unless(loop_.stop_requested(), ground_.engine_config());
  if (!config) co_return;
  ground_.start(std::move(*config));
  co_await ground_.nat_known();
  networks_.start(ground_.link_maker());
  service.ready();
  co_await loop_.stop_requested();
}

asio::awaitable<void> ManagedClient::drain(Service& service, io::TaskScope& scope) {
  service.draining();
  observe::log(Level::Notice, "draining", kv("connections", door_.connections()));
  networks_.refuse();
  door_.drain();
  io::DeadlineTimer end_of_grace(loop_.executor(), [this](TimePoint) { door_.stop(); });
  end_of_grace.arm(io::now() + options_.common.drain_timeout);
  co_await scope.join();
  co_await networks_.leave();
  observe::log(Level::Notice, "stopped");
}

}  // namespace footbridge::client
