// The egress as a program: ends sessions and connects their streams to the internet, as far as its policy allows.
#pragma once

#include "programs/egress/egress_options.hpp"

namespace footbridge::egress {

// Returns the exit code; throws ops::UsageError or ops::RunError when it cannot start.
int run_egress(const EgressOptions& options, const Reload<EgressOptions>& reload);

}  // namespace footbridge::egress
