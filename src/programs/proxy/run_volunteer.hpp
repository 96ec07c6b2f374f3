// A volunteer's proxy as a program: lends slots of its connection until it is told to stop.
#pragma once

#include "programs/proxy/volunteer_options.hpp"

namespace footbridge::proxy {

// Returns the exit code; throws ops::UsageError or ops::RunError when it cannot start.
int run_volunteer(const VolunteerOptions& options, const Reload<VolunteerOptions>& reload);

}  // namespace footbridge::proxy
