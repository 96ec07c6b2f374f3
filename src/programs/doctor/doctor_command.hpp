// `footbridge doctor`: examines this machine and its network, and says what is wrong and what to do.
// Exit code 0: no problem, 1: there is one, 2: the options are wrong.
#pragma once

#include "programs/command.hpp"

namespace footbridge::doctor {

Command doctor_command();

}  // namespace footbridge::doctor
