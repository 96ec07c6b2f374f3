// `footbridge connect` started by tor: what is different from a start by a person.
#include "io/finally.hpp"
#include "ops/errors.hpp"
#include "programs/client/managed_client.hpp"
#include "programs/client/run_connect.hpp"
#include "programs/parent_watch.hpp"

namespace footbridge::client {
namespace {

// tor 0.4.9 gives up on a connection when it has heard nothing for 300 s. Until then somebody may come who helps, and
// what we have to say stands in its log anyway.
constexpr Seconds kBridgeTimeout{270};
// What tor wrote last leaves; nothing can come back to it any more. With kGoodbyeLimit and the second that WebRTC may
// take this is less than the 2 s after which parents lose patience.
constexpr Millis kManagedGrace{200};

void prepare(ConnectOptions& options, const wire::PtClientRequest& request) {
  options.timeout = kBridgeTimeout;
  options.common.drain_timeout = kManagedGrace;
  options.link.parent_state_dir = ops::FilePath{request.state_dir + "/footbridge"};
}

// Broker and pins may come with the bridge line.
void check_managed(const ConnectOptions& options, const wire::PtClientRequest& request) {
  check_ways(options.ways);
  static_cast<void>(way_out(options));
  if (request.listen && !ops::is_loopback(request.listen->address))
    throw ops::UsageError("-proxylistenaddr: others could use this port; use 127.0.0.1:0");
}

int run_managed_connect(const ConnectOptions& options, const Reload<ConnectOptions>& reload,
                        const wire::PtClientRequest& request, ManagedTransport& parent) {
  auto way = way_out(options);
  if (request.outbound_v4 || request.outbound_v6) way.local = {request.outbound_v4, request.outbound_v6};
  if (request.proxy) {
    auto upstream = io::upstream_of(request.proxy->reveal_to_socket());
    if (!upstream) return parent.proxy_error(io::advice(upstream.error()));
    way.upstream = std::move(upstream).value();
  }
  if (way.upstream) way.upstream->local = way.local;
  RunLoop loop(SignalsFrom::Parent);
  const ParentWatch watch(loop.executor(), request.exit_on_stdin_close, [&] { loop.request_stop(); });
  observe::Registry registry;
  Service service(loop.executor(), options.common, registry, {}, {.program = "connect"});
  loop.on_reload([&] { reload_options(service, reload, [](const ConnectOptions&) {}); });
  ManagedClient client(loop, options, request, std::move(way), parent, registry);
  add_client_metrics(registry, [&client] { return client.counts(); });
  service.describe([&client](StatusReport& report) { tell_status(report, client.counts()); });
  service.start();
  loop.run(io::finally(client.run(service), service.stop()));
  return client.exit_code();
}

}  // namespace

ManagedProgram<ConnectOptions, wire::PtClientRequest> managed_connect() {
  return {.prepare = prepare, .check = check_managed, .run = run_managed_connect};
}

}  // namespace footbridge::client
