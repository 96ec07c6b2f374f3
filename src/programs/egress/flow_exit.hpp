// FlowExit: the UDP flows of one session on their way out of the egress: a connected socket for each, with the policy,
// the limits and the ends that core::EgressFlows decides.
//
// Ownership: host, services, scope and metrics outlive it; each flow is a child of `scope`, which is joined before it
// is destroyed. Bounds: those of core::EgressFlows, and the sockets of all sessions in the ServerBudget.
// Threads: the executor's one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>

#include "base/rng.hpp"
#include "core/egress/egress_flows.hpp"
#include "io/deadline_timer.hpp"
#include "io/session_host.hpp"
#include "io/task_scope.hpp"
#include "io/udp_connector.hpp"
#include "programs/egress/egress_metrics.hpp"
#include "programs/egress/server_budget.hpp"

namespace footbridge::egress {

// What the flows of all sessions of a worker share.
struct FlowServices {
  io::UdpConnector connector;
  ServerBudget& budget;
  bool offered = true;  // the operator lets UDP out
};

// One socket with a lot to say gives the others their turn.
inline constexpr int kPacketsPerTurn = 32;

class FlowExit {
 public:
  FlowExit(asio::any_io_executor executor, io::SessionHost& host, FlowServices& services, io::TaskScope& scope,
           EgressMetrics& metrics, Rng& rng);
  ~FlowExit();
  FlowExit(const FlowExit&) = delete;
  FlowExit& operator=(const FlowExit&) = delete;

  void on_message(TimePoint now, core::FlowId flow, ByteView message);

 private:
  // A flow number may be opened again after it was closed; each life has a socket and a coroutine of its own.
  struct Place {
    std::uint64_t life = 0;
    io::udp::socket* socket = nullptr;  // the coroutine's, once it is connected
  };

  asio::awaitable<void> carry(core::FlowId flow, std::uint64_t life, Private<wire::Destination> to);
  Place* find(core::FlowId flow, std::uint64_t life);
  bool read_some(core::FlowId flow, io::udp::socket& socket);
  void settle(TimePoint now);
  void open(const core::EgressFlows::Open& open);
  void send(const core::EgressFlows::Send& send);
  void close(core::FlowId flow);
  void tell(TimePoint now, core::EgressFlows::Tell tell);

  io::SessionHost& host_;
  FlowServices& services_;
  io::TaskScope& scope_;
  EgressMetrics& metrics_;
  core::EgressFlows flows_;
  std::unordered_map<core::FlowId, Place> places_;
  std::uint64_t next_life_ = 1;
  Bytes buffer_;  // of whichever socket is read
  io::DeadlineTimer timer_;
};

}  // namespace footbridge::egress
