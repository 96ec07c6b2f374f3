// `footbridge network ACTION`: which action, with which options.
#pragma once

#include "programs/command.hpp"

namespace footbridge::network {

Command network_command();

}  // namespace footbridge::network
