// The addresses of this host's interfaces, for AddressPolicy: an egress must not be asked to connect to itself.
// Reads them from the operating system once per call; own_addresses() throws std::system_error when it cannot (start-up
// only: an egress that does not know its own addresses must not run). Threads: any.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/address.hpp"
#include "base/private.hpp"

namespace footbridge::io {

std::vector<IpAddress> own_addresses();

// The interface that has this address now. nullopt: none of ours has it, or the system does not say.
std::optional<Private<std::string>> interface_of(const IpAddress& own);

}  // namespace footbridge::io
