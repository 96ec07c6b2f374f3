// The broker as a program: pairs clients with proxies until it is told to stop.
#pragma once

#include "programs/broker/broker_options.hpp"

namespace footbridge::broker {

// Returns the exit code; throws ops::UsageError or ops::RunError when it cannot start.
int run_broker(const BrokerOptions& options, const Reload<BrokerOptions>& reload);

}  // namespace footbridge::broker
