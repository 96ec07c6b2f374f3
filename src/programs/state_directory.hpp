// Where an installation keeps what it must remember: the option, else where a parent says, else what systemd gives
// ($STATE_DIRECTORY), else footbridge under $XDG_STATE_HOME or ~/.local/state; nullopt: nowhere. Nothing is made here.
#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

#include "ops/values.hpp"

namespace footbridge {

// In it, for all networks together: which ways to brokers helped where (way_memory.hpp).
inline constexpr std::string_view kWayOrderFile = "way-order";

std::optional<std::filesystem::path> state_directory(const std::optional<ops::FilePath>& option,
                                                     const std::optional<ops::FilePath>& parent);

}  // namespace footbridge
