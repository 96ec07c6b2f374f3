// ManagedClient: `footbridge connect` as tor starts it: a door for tor's connections, whose bridge lines choose the
// networks, and what the parent is told about them (docs/spec/09-managed-transport.md).
//
//   Starting ──proxy carries us──▶ Serving ──stop requested──▶ Draining ──goodbyes said──▶ gone
//       └── it does not: PROXY-ERROR ──────────────────────────▲
//
// The door is offered before WebRTC is ready: tor asks at once, and what it asks for waits. A stop is short: who tells
// us to has ended, or soon ends us.
// Errors: the constructor throws ops::UsageError and io::ListenError. Ownership: everything given outlives it.
// Threads: the executor's one thread.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "io/network_watch.hpp"
#include "io/upstream.hpp"
#include "programs/client/bridge_door.hpp"
#include "programs/client/client_ground.hpp"
#include "programs/client/client_metrics.hpp"
#include "programs/client/connect_options.hpp"
#include "programs/client/network_table.hpp"
#include "programs/managed_transport.hpp"
#include "programs/nat_gauge.hpp"
#include "programs/network_source.hpp"
#include "programs/run_loop.hpp"
#include "programs/service.hpp"

namespace footbridge::client {

class ManagedClient {
 public:
  // request.listen, if there is one, is on loopback. Request and parent outlive it.
  ManagedClient(RunLoop& loop, const ConnectOptions& options, const wire::PtClientRequest& request, io::WayOut way,
                ManagedTransport& parent, observe::Registry& registry);

  asio::awaitable<void> run(Service& service);
  int exit_code() const { return exit_code_; }
  ClientCounts counts() const;

 private:
  asio::awaitable<void> serve(Service& service);
  asio::awaitable<bool> take_proxy();
  asio::awaitable<void> drain(Service& service, io::TaskScope& scope);
  std::unique_ptr<ClientNetwork> make_network(std::size_t number, const NetworkSettings& settings);
  void complain(std::string_view sentence);

  RunLoop& loop_;
  ConnectOptions options_;               // STUN servers of a directory are added
  std::optional<NetworkSource> source_;  // the network that was joined, if there is one
  const bool parent_names_proxy_;
  ManagedTransport& parent_;
  int exit_code_ = ops::kExitDone;
  const std::vector<ops::Pin> option_pins_;
  NatGauge nat_gauge_;
  ClientGround ground_;
  NetworkTable networks_;
  io::NetworkWatch watch_;
  BridgeDoor door_;
};

}  // namespace footbridge::client
