#include "programs/egress/run_egress.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "crypto/system_rng.hpp"
#include "observe/log.hpp"
#include "ops/errors.hpp"
#include "programs/egress/egress_keys.hpp"
#include "programs/egress/exit_policies.hpp"
#include "programs/egress/worker_pool.hpp"
#include "programs/run_loop.hpp"
#include "programs/service.hpp"
#include "programs/web_face.hpp"

namespace footbridge::egress {
namespace {

// Three paths of each session and one that replaces another; and whoever knocks meanwhile.
constexpr std::size_t kConnectionsPerSession = 4;

std::size_t worker_count(const EgressOptions& options) {
  const auto cores = std::max<std::size_t>(std::thread::hardware_concurrency(), 1);
  return std::min<std::size_t>(options.workers.value_or(cores), kMaxWorkers);
}

std::optional<std::uint16_t> udp_port(const EgressOptions& options) {
  if (!options.relay_udp_port) return std::nullopt;
  if (*options.relay_udp_port + worker_count(options) - 1 > UINT16_MAX)
    throw ops::UsageError("--relay-udp-port: each worker needs a port, and the last one would be above 65535");
  return static_cast<std::uint16_t>(*options.relay_udp_port);
}

// Everything of a running egress, in the order in which it is made.
struct Egress {
  Egress(RunLoop& loop, const EgressOptions& options, EgressKeys own_keys, const EgressNews& news)
      : service(loop.executor(), options.common, registry),
        keys(std::move(own_keys)),
        policy(exit_policy(options)),
        udp_policy(udp_exit_policy(options)),
        bridge(bridge_of(options, news.bridge_failed)),
        face(loop.executor(), options.face, registry),
        budget(options.max_sessions),
        guard({keys.leg_key}),
        cookies(system_rng),
        workers(loop.executor(), {worker_count(options), listen_options(options), udp_port(options)},
                {keys.identity, policy, udp_policy ? &*udp_policy : nullptr, bridge ? &*bridge : nullptr, budget, guard,
                 cookies, metrics, face.face()},
                loop.fail()) {
    registry.gauge_from("footbridge_egress_connections", "Connections at the door, legs included.",
                        [this] { return static_cast<double>(workers.connections()); });
    registry.gauge_from("footbridge_egress_session_memory_bytes", "What all sessions hold of their common budget.",
                        [this] { return static_cast<double>(budget.used_bytes()); });
    registry.gauge("footbridge_egress_workers", "Threads that carry sessions.")
        .set(static_cast<std::int64_t>(workers.size()));
  }

  static io::ListenOptions listen_options(const EgressOptions& options) {
    io::ListenOptions out;
    out.address = options.listen;
    out.limits.max_connections = std::max(out.limits.max_connections, kConnectionsPerSession * options.max_sessions);
    return out;
  }

  observe::Registry registry;
  EgressMetrics metrics{registry};
  Service service;
  EgressKeys keys;
  core::EgressPolicy policy;
  std::optional<core::EgressPolicy> udp_policy;
  std::optional<Bridge> bridge;
  WebFace face;
  ServerBudget budget;
  LegGuard guard;
  crypto::SystemRng system_rng;
  core::UdpCookieJar cookies;
  WorkerPool workers;
};

asio::awaitable<void> serve(RunLoop& loop, Egress& egress, Millis drain_timeout) {
  egress.service.start([&egress] { return egress.workers.all_turned(); });
  egress.workers.start();
  egress.service.status("port " + std::to_string(egress.workers.local().port));
  egress.service.ready();
  co_await loop.stop_requested();

  egress.service.draining();
  observe::log(observe::Level::Notice, "draining", observe::kv("sessions", egress.budget.sessions()));
  co_await egress.workers.drain(drain_timeout);
  co_await egress.service.stop();
  observe::log(observe::Level::Notice, "stopped");
}

}  // namespace

void run_egress(RunLoop& loop, const EgressOptions& options, const Reload<EgressOptions>& reload,
                const EgressNews& news) {
  crypto::SystemRng rng;
  auto keys = load_keys(options, rng);
  const auto pin = keys.identity.pin();
  if (!options.allow_destination.empty())
    observe::log(observe::Level::Warn, "private-destinations-allowed",
                 observe::kv("count", options.allow_destination.size()));
  try {
    Egress egress(loop, options, std::move(keys), news);
    const auto at = egress.workers.local();
    const auto relay_url = options.relay_url ? options.relay_url->reveal_to_socket().text
                                             : (options.face.tls_cert ? "wss://" : "ws://") + at.to_text() + "/leg";
    write_descriptor(options, pin, relay_url, egress.workers.udp_port());
    observe::log(observe::Level::Notice, "egress-ready", observe::kv("port", at.port),
                 observe::kv("pin", pin.to_hex()));
    if (news.listening) news.listening(at, pin);
    loop.on_reload([&] { reload_options(reload, [&](const EgressOptions&) { egress.face.reload(); }); });
    loop.run(serve(loop, egress, options.common.drain_timeout));
  } catch (const io::ListenError& error) {
    throw ops::RunError(error.what());
  }
}

int run_egress(const EgressOptions& options, const Reload<EgressOptions>& reload) {
  RunLoop loop;
  run_egress(loop, options, reload, {});
  return ops::kExitDone;
}

}  // namespace footbridge::egress
