// A stretch of the week as people write it: "18:00-23:30", on every day; "mon,wed 08:00-12:00"; "fri-sun 22:00-06:00",
// which goes on after midnight. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/limits/week_hours.hpp"

namespace footbridge::core {

// nullopt: not so written, or no stretch.
std::optional<Hours> parse_hours(std::string_view text);
std::string hours_text(const Hours& hours);
// "2026-11-21 18:00", or "" for never.
std::string civil_text(std::optional<CivilTime> at);

}  // namespace footbridge::core
