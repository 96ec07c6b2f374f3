// The client as a program: a local SOCKS and HTTP proxy whose streams leave through volunteers.
#pragma once

#include "programs/client/connect_options.hpp"
#include "programs/managed_command.hpp"
#include "wire/pt_request.hpp"

namespace footbridge::client {

// Returns the exit code; throws ops::UsageError or ops::RunError when it cannot start.
int run_connect(const ConnectOptions& options, const Reload<ConnectOptions>& reload);

// The same as tor's managed transport: run_managed_connect.cpp.
ManagedProgram<ConnectOptions, wire::PtClientRequest> managed_connect();

}  // namespace footbridge::client
