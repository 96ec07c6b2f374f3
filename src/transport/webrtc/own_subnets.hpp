// The networks this machine is attached to, so that the candidate filter can refuse our neighbours.
#pragma once

#include <vector>

#include "base/address.hpp"

namespace footbridge::webrtc {

// Read anew for each link: interfaces come and go. Throws std::system_error when the system does not tell.
std::vector<Prefix> own_subnets();

}  // namespace footbridge::webrtc
