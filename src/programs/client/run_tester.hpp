// `footbridge tester`, from options to exit code. Throws ops::UsageError or ops::RunError when it cannot start.
#pragma once

#include "programs/client/tester_options.hpp"
#include "programs/common_options.hpp"

namespace footbridge::client {

int run_tester(const TesterOptions& options, const Reload<TesterOptions>& reload);

}  // namespace footbridge::client
