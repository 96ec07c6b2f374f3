// What a shell offers after Tab, from the option tables: one branch for each command, and the script around them.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "ops/option_table.hpp"

namespace footbridge::ops {

enum class Shell : std::uint8_t { Bash, Zsh };

// The branch of one command.
std::string completion_branch(Shell shell, const OptionTable& table);
// The whole script; `commands` and `branches` are of all commands, in the same order.
std::string completion_script(Shell shell, std::span<const std::string> commands,
                              std::span<const std::string> branches);

}  // namespace footbridge::ops
