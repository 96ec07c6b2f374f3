// Worker: one thread's share of an egress: a listener on the common port, the door behind it, and the sessions of its
// shards with their streams. Sessions, legs and streams never leave their worker; only a leg's socket moves, once,
// before its first frame, from the worker that accepted it to the one whose shard its token names.
//
// Ownership: what Parts names outlives it, the executor's loop too. drain() it before it is destroyed.
// Threads: made before its loop runs and destroyed after it; everything else on the loop's one thread.
#pragma once

#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "base/buffered_rng.hpp"
#include "core/egress/egress_policy.hpp"
#include "crypto/system_rng.hpp"
#include "io/listener.hpp"
#include "io/resolver.hpp"
#include "io/task_scope.hpp"
#include "programs/egress/flow_exit.hpp"
#include "programs/egress/leg_door.hpp"
#include "programs/egress/server_budget.hpp"
#include "programs/egress/session_table.hpp"
#include "programs/egress/stream_exit.hpp"
#include "programs/egress/udp_gate.hpp"
#include "transport/http/server.hpp"
#include "transport/udp/server.hpp"

namespace footbridge::egress {

class Worker {
 public:
  // What the workers of one egress share; each of it may be used from any thread, or is never changed.
  struct Parts {
    const quic::Identity& identity;
    const core::EgressPolicy& policy;
    const core::EgressPolicy* udp_policy;  // null: no UDP
    const Bridge* bridge;                  // null: none is behind this egress
    ServerBudget& budget;
    LegGuard& guard;
    const core::UdpCookieJar& cookies;
    EgressMetrics& metrics;
    http::Server::Face face{};
    ReceiptDesk* receipts = nullptr;  // null: nobody wants any
  };
  // Offers UDP legs at an address; `ports` is of all workers.
  struct UdpOptions {
    Endpoint address;
    std::size_t worker = 0;
    const UdpPorts& ports;
  };
  // Throws io::ListenError. `on_failure`: its listener cannot go on; called on its thread.
  Worker(asio::any_io_executor executor, const Parts& parts, io::ListenOptions listen, std::optional<UdpOptions> udp,
         LegDoor::HandOver hand_over, std::function<void(std::exception_ptr)> on_failure);

  Endpoint local() const { return server_.local(); }
  std::optional<Endpoint> udp_local() const { return udp_ ? std::optional(udp_->local()) : std::nullopt; }
  void start();
  void take_admitted(MatchId match, io::HttpUpgrade upgrade) { door_.take_admitted(match, std::move(upgrade)); }
  // No new sessions; those that are here may go on for `grace`. Returns when nothing is left.
  asio::awaitable<void> drain(Duration grace);

 private:
  crypto::SystemRng system_rng_;
  BufferedRng rng_{system_rng_};
  io::SystemResolver resolver_;
  StreamServices stream_services_;
  FlowServices flow_services_;
  SessionTable sessions_;
  LegDoor door_;
  http::Server server_;
  std::optional<UdpGate> udp_gate_;
  std::optional<udp::Server> udp_;
  io::TaskScope scope_;
};

}  // namespace footbridge::egress
