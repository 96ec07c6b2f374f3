// `footbridge join`: reads an invite, shows whose network it is, asks, and keeps it (programs/joined_networks.hpp).
// The invite comes from a terminal, standard input or a file, never from the command line.
#pragma once

#include "programs/command.hpp"

namespace footbridge::join {

Command join_command();

}  // namespace footbridge::join
