// `footbridge network reporter`: lets a program tell netstate about itself. Throws ops::UsageError or ops::RunError.
#pragma once

#include "base/rng.hpp"
#include "base/time.hpp"
#include "programs/network/network_options.hpp"

namespace footbridge::network {

void make_reporter(const NetworkOptions& options, UnixSeconds now, Rng& rng);

}  // namespace footbridge::network
