#include "programs/netstate/run_netstate.hpp"

#include <optional>
#include <string>
#include <utility>

#include "base/buffered_rng.hpp"
#include "crypto/system_rng.hpp"
#include "io/clock.hpp"
#include "io/deadline_timer.hpp"
#include "io/task_scope.hpp"
#include "observe/log.hpp"
#include "ops/errors.hpp"
#include "programs/country_files.hpp"
#include "programs/netstate/known_network.hpp"
#include "programs/netstate/live_state.hpp"
#include "programs/netstate/netstate_metrics.hpp"
#include "programs/netstate/netstate_status.hpp"
#include "programs/netstate/page_files.hpp"
#include "programs/netstate/report_door.hpp"
#include "programs/netstate/unbounded_door.hpp"
#include "programs/netstate/view_door.hpp"
#include "programs/netstate/viewer_access.hpp"
#include "programs/run_loop.hpp"
#include "programs/service.hpp"
#include "programs/web_face.hpp"

namespace footbridge::netstate {
namespace {

// For answers that are being written when it is told to stop.
constexpr Seconds kLastAnswers{2};

// Without a network a root that nobody has the key of: nobody can sign.
KnownNetwork network_of(const NetstateOptions& options, Rng& rng) {
  return options.network ? read_known_network(*options.network) : KnownNetwork{wire::RootKey::random(rng)};
}

io::ListenOptions listen_at(const Endpoint& address, std::string option) {
  io::ListenOptions out;
  out.address = address;
  out.option = std::move(option);
  return out;
}

// Everything of a running netstate, in the order in which it is made.
struct Program {
  Program(RunLoop& loop, const NetstateOptions& options)
      : rng(system_rng),
        network(network_of(options, rng)),
        live(loop.executor(), network.root, options.private_network ? core::kPrivateView : core::kPublicView, rng),
        metrics(registry),
        access(options.viewer_token_file, options.face.tls_cert.has_value(), rng),
        face(loop.executor(), options.face, registry),
        unbounded(live, rng),
        reports(live, metrics, options.unbounded_compat ? &unbounded : nullptr),
        views(live, access, page_files(options.web), metrics, options.report_listen ? nullptr : &reports,
              options.unbounded_compat ? &unbounded : nullptr),
        service(loop.executor(), options.common, registry, {}, {.program = "netstate"}) {
    live.set_countries(read_countries(options.geoip));
    live.on_directory_serial(network.serial);
    const http::Server::Face shown{.tls = face.face().tls};
    view_server.emplace(loop.executor(), listen_at(options.listen, "--listen"), views, shown);
    if (options.report_listen)
      report_server.emplace(loop.executor(), listen_at(*options.report_listen, "--report-listen"), reports, shown);
    add_metrics();
    service.describe([this](StatusReport& report) { tell_status(report, live.state(), live.stream().viewers()); });
  }

  void add_metrics() {
    registry.counter_from("footbridge_netstate_reports_total", "Reports that were taken.",
                          [this] { return live.state().taken(); });
    registry.gauge_from("footbridge_netstate_nodes", "Programs that are known, and egresses that others carry to.",
                        [this] { return static_cast<double>(live.state().nodes()); });
    registry.gauge_from("footbridge_netstate_edges", "Volunteers and the egresses that they carry to, in pairs.",
                        [this] { return static_cast<double>(live.state().edges()); });
    registry.gauge_from("footbridge_netstate_viewers", "Who watches.",
                        [this] { return static_cast<double>(live.stream().viewers()); });
  }

  crypto::SystemRng system_rng;
  BufferedRng rng;
  KnownNetwork network;
  observe::Registry registry;
  LiveState live;
  NetstateMetrics metrics;
  ViewerAccess access;
  WebFace face;
  UnboundedDoor unbounded;
  ReportDoor reports;
  ViewDoor views;
  Service service;
  std::optional<http::Server> view_server;
  std::optional<http::Server> report_server;
};

asio::awaitable<void> serve(RunLoop& loop, Program& program) {
  program.service.start();
  io::TaskScope scope(loop.executor(), "server", loop.fail());
  scope.spawn(program.view_server->run());
  if (program.report_server) scope.spawn(program.report_server->run());
  program.service.status("port " + std::to_string(program.view_server->local().port));
  program.service.ready();
  co_await loop.stop_requested();

  program.service.draining();
  observe::log(observe::Level::Notice, "draining");
  program.view_server->drain();
  if (program.report_server) program.report_server->drain();
  program.live.stream().close();
  io::DeadlineTimer end_of_grace(loop.executor(), [&](TimePoint) { scope.cancel(); });
  end_of_grace.arm(io::now() + kLastAnswers);
  co_await scope.join();
  co_await program.service.stop();
  observe::log(observe::Level::Notice, "stopped");
}

void take_over(Program& program, const NetstateOptions& options) {
  auto countries = read_countries(options.geoip);
  const auto network = network_of(options, program.rng);
  program.face.reload();
  if (network.root == program.network.root) program.live.on_directory_serial(network.serial);
  program.live.set_countries(std::move(countries));
}

}  // namespace

int run_netstate(const NetstateOptions& options, const Reload<NetstateOptions>& reload) {
  RunLoop loop;
  try {
    Program program(loop, options);
    observe::log(observe::Level::Notice, "netstate-ready", observe::kv("port", program.view_server->local().port),
                 observe::kv("private", options.private_network));
    if (options.unbounded_compat) observe::log(observe::Level::Warn, "unsigned-reports-taken");
    loop.on_reload(
        [&] { reload_options(program.service, reload, [&](const NetstateOptions& now) { take_over(program, now); }); });
    loop.run(serve(loop, program));
  } catch (const io::ListenError& error) {
    throw ops::RunError(error.what());
  }
  return ops::kExitDone;
}

}  // namespace footbridge::netstate
