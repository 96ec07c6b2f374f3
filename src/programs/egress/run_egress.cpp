#include "programs/egress/run_egress.hpp"

#include <utility>

#include "base/buffered_rng.hpp"
#include "core/egress/egress_policy.hpp"
#include "crypto/system_rng.hpp"
#include "io/own_addresses.hpp"
#include "observe/log.hpp"
#include "ops/errors.hpp"
#include "programs/egress/egress_keys.hpp"
#include "programs/egress/leg_door.hpp"
#include "programs/egress/session_table.hpp"
#include "programs/run_loop.hpp"
#include "programs/service.hpp"

namespace footbridge::egress {
namespace {

// After the sessions said goodbye, what their legs get for it: one WebSocket close and a retransmission.
constexpr Millis kGoodbye{800};

core::PortPolicy port_policy(const EgressOptions& options) {
  switch (options.policy) {
    case PolicyPreset::Web: return core::PortPolicy::web();
    case PolicyPreset::Reduced: return core::PortPolicy::reduced();
    case PolicyPreset::Custom: break;
  }
  std::string list;
  for (const auto& range : options.allow_ports)
    list += (list.empty() ? "" : ",") + std::to_string(range.first) + "-" + std::to_string(range.last);
  auto policy = core::PortPolicy::custom(list);
  if (!policy) throw ops::UsageError("--allow-ports: at most 64 ports and ranges");
  return std::move(*policy);
}

core::EgressPolicy exit_policy(const EgressOptions& options) {
  core::AddressPolicy::Rules rules;
  rules.own = io::own_addresses();
  rules.deny = options.deny_prefix;
  for (const auto& endpoint : options.allow_destination) rules.endpoints.push_back(endpoint.reveal_to_socket());
  return {port_policy(options), core::AddressPolicy(std::move(rules))};
}

// Everything of a running egress, in the order in which it is made.
struct Egress {
  Egress(RunLoop& loop, const EgressOptions& options, EgressKeys own_keys)
      : executor(loop.executor()),
        service(executor, options.common, registry),
        keys(std::move(own_keys)),
        policy(exit_policy(options)),
        resolver(executor),
        connector(executor, resolver, policy),
        sessions(executor, rng, connector, metrics, options.max_sessions),
        guard({keys.leg_key}),
        door(executor, guard, keys.identity, sessions, rng, metrics),
        server(executor, listen_options(options), door),
        scope(executor, "server", loop.fail()) {
    registry.gauge_from("footbridge_egress_streams",
                        "Streams of all sessions, until the client has confirmed their end.",
                        [this] { return static_cast<double>(sessions.streams()); });
  }

  static io::ListenOptions listen_options(const EgressOptions& options) {
    io::ListenOptions out;
    out.address = options.listen;
    return out;
  }

  asio::any_io_executor executor;
  observe::Registry registry;
  EgressMetrics metrics{registry};
  Service service;
  crypto::SystemRng system_rng;
  BufferedRng rng{system_rng};
  EgressKeys keys;
  core::EgressPolicy policy;
  io::SystemResolver resolver;
  io::EgressConnector connector;
  SessionTable sessions;
  core::LegTokenGuard guard;
  LegDoor door;
  http::Server server;
  io::TaskScope scope;
};

asio::awaitable<void> serve(RunLoop& loop, Egress& egress, Millis drain_timeout) {
  egress.service.start();
  egress.scope.spawn(egress.server.run());
  egress.service.status("port " + std::to_string(egress.server.local().port));
  egress.service.ready();
  co_await loop.stop_requested();

  egress.service.draining();
  observe::log(observe::Level::Notice, "draining", observe::kv("sessions", egress.sessions.size()));
  egress.server.drain();
  egress.door.drain();
  co_await egress.sessions.close(drain_timeout);
  co_await egress.door.close(kGoodbye);
  egress.scope.cancel();
  co_await egress.scope.join();
  co_await egress.service.stop();
  observe::log(observe::Level::Notice, "stopped");
}

}  // namespace

int run_egress(const EgressOptions& options, const Reload<EgressOptions>& reload) {
  crypto::SystemRng rng;
  auto keys = load_keys(options, rng);
  const auto pin = keys.identity.pin();
  if (!options.allow_destination.empty())
    observe::log(observe::Level::Warn, "private-destinations-allowed",
                 observe::kv("count", options.allow_destination.size()));
  RunLoop loop;
  try {
    Egress egress(loop, options, std::move(keys));
    egress.registry.gauge_from("footbridge_egress_connections", "Connections at the door, legs included.",
                               [&] { return static_cast<double>(egress.server.connections()); });
    const auto relay_url = options.relay_url ? options.relay_url->reveal_to_socket().text
                                             : "ws://" + egress.server.local().to_text() + "/leg";
    write_descriptor(options, pin, relay_url);
    observe::log(observe::Level::Notice, "egress-ready", observe::kv("port", egress.server.local().port),
                 observe::kv("pin", pin.to_hex()));
    loop.on_reload([&] { reload_options(reload, [](const EgressOptions&) {}); });
    loop.run(serve(loop, egress, options.common.drain_timeout));
  } catch (const io::ListenError& error) {
    throw ops::RunError(error.what());
  }
  return ops::kExitDone;
}

}  // namespace footbridge::egress
