#include "programs/egress/run_egress.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "crypto/system_rng.hpp"
#include "io/clock.hpp"
#include "observe/log.hpp"
#include "ops/errors.hpp"
#include "programs/egress/egress_keys.hpp"
#include "programs/egress/exit_policies.hpp"
#include "programs/egress/reports.hpp"
#include "programs/egress/worker_pool.hpp"
#include "programs/run_loop.hpp"
#include "programs/service.hpp"
#include "programs/state_reporter.hpp"
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

wire::BootEpoch boot_epoch(Rng& rng) {
  for (;;)  // all zero means "not known"
    if (const auto drawn = wire::BootEpoch::random(rng); drawn != wire::BootEpoch{}) return drawn;
}

// Everything of a running egress, in the order in which it is made.
struct Egress {
  Egress(RunLoop& loop, const EgressOptions& options, EgressKeys own_keys, const EgressNews& news)
      : service(loop.executor(), options.common, registry, {}, {.program = "egress"}),
        keys(std::move(own_keys)),
        policy(exit_policy(options)),
        udp_policy(udp_exit_policy(options)),
        bridge(bridge_of(options, news.bridge_failed)),
        face(loop.executor(), options.face, registry),
        budget(options.max_sessions),
        boot(boot_epoch(system_rng)),
        guard({keys.leg_key}, boot),
        brokers(loop.executor(), options),
        receipts(brokers.size()),
        cookies(system_rng),
        workers(loop.executor(), {worker_count(options), listen_options(options), udp_port(options)},
                {keys.identity, policy, udp_policy ? &*udp_policy : nullptr, bridge ? &*bridge : nullptr, budget, guard,
                 cookies, metrics, face.face(), brokers.size() == 0 ? nullptr : &receipts},
                loop.fail()) {
    registry.gauge_from("footbridge_egress_connections", "Connections at the door, legs included.",
                        [this] { return static_cast<double>(workers.connections()); });
    registry.gauge_from("footbridge_egress_session_memory_bytes", "What all sessions hold of their common budget.",
                        [this] { return static_cast<double>(budget.used_bytes()); });
    registry.counters_from("footbridge_overload_total", "What was refused because something is full, by what.", "kind",
                           kOverloads, std::function([this](Overload kind) { return budget.refused(kind); }));
    registry.counter_from("footbridge_egress_receipts_dropped_total",
                          "What became of paths, forgotten because there was more than could be told.",
                          [this] { return receipts.dropped(); });
    registry.gauge("footbridge_egress_workers", "Threads that carry sessions.")
        .set(static_cast<std::int64_t>(workers.size()));
    service.describe([this](StatusReport& report) { describe(report); });
  }

  void describe(StatusReport& report) const {
    using Key = StatusKey;
    const auto number = [](const observe::Gauge& gauge) {
      return static_cast<std::uint64_t>(std::max<std::int64_t>(gauge.value(), 0));
    };
    const auto connected = metrics.streams[wire::OpenStatus::Connected].value();
    report.count(Key::Sessions, number(metrics.sessions)).count(Key::SessionsBegun, metrics.sessions_begun.value());
    report.count(Key::Streams, number(metrics.streams_live));
    report.count(Key::StreamsOpened, connected).count(Key::StreamsRefused, metrics.streams.total() - connected);
    report.count(Key::LegsRefused, metrics.legs_refused.total());
    report.count(Key::TicketsRefused, metrics.tickets_refused.total()).count(Key::Workers, workers.size());
    report.count(Key::Connections, workers.connections());
    report.say(Key::Limits, "max_sessions=" + std::to_string(budget.max_sessions()));
    report.count(Key::UpBytes, metrics.relayed_bytes_up.value());
    report.count(Key::DownBytes, metrics.relayed_bytes_down.value());
  }

  static io::ListenOptions listen_options(const EgressOptions& options) {
    io::ListenOptions out;
    out.address = options.listen;
    out.limits.max_connections = max_connections(options);
    return out;
  }
  static std::size_t max_connections(const EgressOptions& options) {
    return std::max(io::ConnectionLimits().max_connections, kConnectionsPerSession * options.max_sessions);
  }
  void take_over(const EgressOptions& options) {
    face.reload();
    budget.set_max_sessions(options.max_sessions);
    workers.set_max_connections(max_connections(options));
  }

  // As netstate is told.
  wire::StateReport so() const {
    wire::StateReport out;
    out.sessions = static_cast<std::uint32_t>(std::min<std::size_t>(budget.sessions(), wire::kMaxReportedCount));
    out.state = leaving            ? wire::NodeState::Draining
                : out.sessions > 0 ? wire::NodeState::Helping
                                   : wire::NodeState::Ready;
    out.up_kib = wire::in_steps(metrics.relayed_bytes_up.value() / 1'024);
    out.down_kib = wire::in_steps(metrics.relayed_bytes_down.value() / 1'024);
    return out;
  }
  core::Heartbeats::Condition condition() const { return {core::load_class(budget.fullness()), leaving}; }

  observe::Registry registry;
  EgressMetrics metrics{registry};
  Service service;
  EgressKeys keys;
  core::EgressPolicy policy;
  std::optional<core::EgressPolicy> udp_policy;
  std::optional<Bridge> bridge;
  WebFace face;
  ServerBudget budget;
  crypto::SystemRng system_rng;
  wire::BootEpoch boot;
  LegGuard guard;
  ToldBrokers brokers;
  ReceiptDesk receipts;
  core::UdpCookieJar cookies;
  WorkerPool workers;
  bool leaving = false;
};

asio::awaitable<void> serve(RunLoop& loop, Egress& egress, Reports& reports, std::optional<OwnStateReporter>& netstate,
                            Millis drain_timeout) {
  egress.service.start([&egress] { return egress.workers.all_turned(); });
  egress.workers.start();
  egress.service.status("port " + std::to_string(egress.workers.local().port));
  egress.service.ready();
  reports.start();
  if (netstate) netstate->reporter.start();
  co_await loop.stop_requested();

  egress.service.draining();
  observe::log(observe::Level::Notice, "draining", observe::kv("sessions", egress.budget.sessions()));
  egress.leaving = true;
  reports.begin_goodbye(io::now());
  co_await egress.workers.drain(drain_timeout);
  co_await reports.close();
  if (netstate) co_await netstate->reporter.close();
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
    std::optional<OwnStateReporter> netstate;
    if (options.reporter.file)
      netstate.emplace(loop.executor(), options.reporter, wire::NodeRole::Egress, wire::SpkiSha256::from(pin.view()),
                       egress.system_rng, [&egress](const StateReporter&) { return egress.so(); });
    const auto at = egress.workers.local();
    const auto relay_url = options.relay_url ? options.relay_url->reveal_to_socket().text
                                             : (options.face.tls_cert ? "wss://" : "ws://") + at.to_text() + "/leg";
    write_descriptor(options, pin, relay_url, egress.workers.udp_port());
    observe::log(observe::Level::Notice, "egress-ready", observe::kv("port", at.port),
                 observe::kv("pin", pin.to_hex()));
    if (news.listening) news.listening(at, pin);
    loop.on_reload(
        [&] { reload_options(egress.service, reload, [&](const EgressOptions& now) { egress.take_over(now); }); });
    Reports reports(loop.executor(), egress.brokers, options.brokers,
                    {pin, relay_url, egress.keys.leg_key, egress.boot}, egress.system_rng, egress.receipts,
                    egress.metrics, [&egress] { return egress.condition(); });
    loop.run(serve(loop, egress, reports, netstate, options.common.drain_timeout));
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
