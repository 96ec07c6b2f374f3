// What a volunteer is doing right now, for the hourly line and whoever asks for its status: counts and names of
// reasons, never who or where.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/limits/volunteer_limits.hpp"
#include "core/nat/nat_report.hpp"

namespace footbridge::proxy {

struct VolunteerState {
  std::uint64_t helping = 0;  // people, right now
  std::uint64_t helped = 0;   // since the program began
  std::uint64_t up_bytes = 0;
  std::uint64_t down_bytes = 0;
  core::NatVerdict nat = core::NatVerdict::Unmeasured;
  core::Pause pause = core::Pause::None;
  std::optional<core::CivilTime> until;  // the pause is over, or begins; nullopt: not by the calendar
  std::string limits;                    // in force, as options are written: "slots=2 max_rate=2MB"
  std::string_view idle;                 // why nobody is helped; empty: somebody is
};

}  // namespace footbridge::proxy
