// The addresses of this host's interfaces, for AddressPolicy: an egress must not be asked to connect to itself.
// Reads them from the operating system once per call; throws std::system_error when it cannot (start-up only: an
// egress that does not know its own addresses must not run).
#pragma once

#include <vector>

#include "base/address.hpp"

namespace footbridge::io {

std::vector<IpAddress> own_addresses();

}  // namespace footbridge::io
