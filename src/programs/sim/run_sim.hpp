// `footbridge sim`: runs one seed and tells what happened, or many and tells which promise was broken in which of them.
#pragma once

#include "programs/command.hpp"
#include "programs/sim/sim_options.hpp"

namespace footbridge::simulate {

// Returns the exit code: 1 when something was broken.
int run_sim(const SimOptions& options, const Reload<SimOptions>& reload);
// The subcommand; --scenario FILE is another name for --config FILE.
Command sim_command();

}  // namespace footbridge::simulate
