// The client as a program: a local SOCKS and HTTP proxy whose streams leave through volunteers.
#pragma once

#include "programs/client/connect_options.hpp"

namespace footbridge::client {

// Returns the exit code; throws ops::UsageError or ops::RunError when it cannot start.
int run_connect(const ConnectOptions& options, const Reload<ConnectOptions>& reload);

}  // namespace footbridge::client
