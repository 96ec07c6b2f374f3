// What `footbridge docs WORD` writes of all commands together, for whoever builds a package: names (one a line), man
// (the overview of section 1), bash, zsh (the shell's script). UsageError for another word.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "programs/command.hpp"

namespace footbridge {

inline constexpr std::string_view kSummary = "reach the internet through people who lend a bit of their connection";

std::string document_of_all(const std::vector<Command>& commands, std::string_view what);

}  // namespace footbridge
