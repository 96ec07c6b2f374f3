// MappedPort: a UDP port that the router before this machine forwards. A socket bound to `local_port`, on the address
// that faces the router, is reached from everywhere at `external`. A plain value.
#pragma once

#include <cstdint>

#include "base/address.hpp"
#include "base/private.hpp"

namespace footbridge::core {

struct MappedPort {
  std::uint16_t local_port = 0;
  Private<Endpoint> external;
};

}  // namespace footbridge::core
