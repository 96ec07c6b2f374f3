// What `footbridge network` does, one function for each action. Results that are to be kept or sent go to standard
// output, what a person should know to standard error. All throw ops::UsageError or ops::RunError.
#pragma once

#include "base/rng.hpp"
#include "base/time.hpp"
#include "programs/network/network_options.hpp"

namespace footbridge::network {

void make_network(const NetworkOptions& options, UnixSeconds now, Rng& rng);
void sign_directory(const NetworkOptions& options, UnixSeconds now, Rng& rng);
void make_invite(const NetworkOptions& options, UnixSeconds now, Rng& rng);
void revoke_invite(const NetworkOptions& options, UnixSeconds now);
void rotate_directory_key(const NetworkOptions& options, UnixSeconds now, Rng& rng);

}  // namespace footbridge::network
