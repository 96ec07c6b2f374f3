// --bind-address, as clients and volunteers have it: which addresses of this machine's its packets may carry.
#pragma once

#include <vector>

#include "base/address.hpp"
#include "base/private.hpp"
#include "io/local_addresses.hpp"

namespace footbridge {

// Throws ops::UsageError for two of one family. Nothing is asked of the system.
io::LocalAddresses local_addresses(const std::vector<Private<IpAddress>>& named);

}  // namespace footbridge
