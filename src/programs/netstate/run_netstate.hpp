// netstate as a program: hears from those who take part in a network how they are, and shows it to who may look.
#pragma once

#include "programs/netstate/netstate_options.hpp"

namespace footbridge::netstate {

// Returns the exit code; throws ops::UsageError or ops::RunError when it cannot start.
int run_netstate(const NetstateOptions& options, const Reload<NetstateOptions>& reload);

}  // namespace footbridge::netstate
