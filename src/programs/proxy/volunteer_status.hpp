// What a volunteer says of itself on /status: VolunteerState, what its installation has done before, and advice. Pure.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/limits/helping_record.hpp"
#include "core/nat/nat_report.hpp"
#include "programs/proxy/volunteer_state.hpp"
#include "programs/status_report.hpp"

namespace footbridge::proxy {

struct VolunteerStatus {
  const VolunteerState& state;
  const core::NatReport& nat;
  const core::HelpingRecord& record;
  std::uint64_t standby = 0;
  std::uint64_t slots = 0;
  std::string_view advice;    // about state.idle; empty: none
  std::string_view troubles;  // by name; empty: none
};

void tell_status(StatusReport& report, const VolunteerStatus& status);

}  // namespace footbridge::proxy
