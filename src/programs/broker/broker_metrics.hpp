// What a broker shows on /metrics and /status: who asks, what becomes of it, who waits. Threads: read on the loop's one
// thread.
#pragma once

#include <cstddef>
#include <string_view>

#include "observe/metrics.hpp"
#include "programs/broker/broker_door.hpp"
#include "programs/status_report.hpp"

namespace footbridge::broker {

// From now on `door` is counted; it outlives the registry's last use, and serves no longer than the registry lives.
void add_metrics(observe::Registry& registry, BrokerDoor& door);
// `limits`: in force, as options are written.
void tell_status(StatusReport& report, const BrokerDoor& door, std::size_t connections, std::string_view limits);

}  // namespace footbridge::broker
