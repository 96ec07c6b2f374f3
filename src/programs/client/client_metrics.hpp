// What a client shows on /metrics and /status, whatever door it has. Threads: read on the loop's one thread.
#pragma once

#include <cstddef>
#include <functional>

#include "observe/metrics.hpp"
#include "programs/status_report.hpp"

namespace footbridge::client {

struct ClientCounts {
  std::size_t connections = 0;
  std::size_t networks = 0;
  std::size_t paths = 0;
  std::size_t standby = 0;
  std::size_t streams = 0;
};

inline constexpr observe::MetricName kNatMetric{"footbridge_connect_nat_info"};

// `count` outlives the registry's last use.
void add_client_metrics(observe::Registry& registry, std::function<ClientCounts()> count);
void tell_status(StatusReport& report, const ClientCounts& counts);

}  // namespace footbridge::client
