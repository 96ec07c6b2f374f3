// The whole network on this machine: starts broker, egress, volunteer and client as children of this binary.
#pragma once

#include "programs/demo/demo_options.hpp"

namespace footbridge::demo {

// Returns the exit code; throws ops::UsageError or ops::RunError when it cannot start.
int run_demo(const DemoOptions& options, const Reload<DemoOptions>& reload);

}  // namespace footbridge::demo
