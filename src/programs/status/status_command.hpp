// `footbridge status`: what runs on this machine, for a person or (--json) for a tool; it ends with 1 when nothing was
// found that answers. `footbridge health`: 0 when something was found and all of it is ready, else 1.
#pragma once

#include "programs/command.hpp"

namespace footbridge::status {

Command status_command();
Command health_command();

}  // namespace footbridge::status
