// What POST /limits asks for: options of `footbridge volunteer` that a reload takes over, by their names, as the
// environment writes them, and a pause:
//
//   max_rate=2MB&hours=18:00-23:30   per_day=   (none)   pause=1h   resume
//
// All of it or nothing. Errors: ops::UsageError with the words that a wrong option has at the start. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"
#include "programs/proxy/volunteer_options.hpp"

namespace footbridge::proxy {

struct LimitChange {
  VolunteerOptions options;
  std::optional<Seconds> pause{};  // at most core::kLongestPause
  bool resume = false;
};

LimitChange limit_change(const VolunteerOptions& in_force, std::string_view query);

// Those of the options that are limits, as they are written: "slots=2 max_rate=2MB".
std::string limits_text(const VolunteerOptions& options);

}  // namespace footbridge::proxy
