// What netstate says of itself on /status: how much there is on the map and how much it hears. Pure.
#pragma once

#include <cstddef>

#include "core/netstate/netstate.hpp"
#include "programs/status_report.hpp"

namespace footbridge::netstate {

void tell_status(StatusReport& report, const core::Netstate& state, std::size_t viewers);

}  // namespace footbridge::netstate
