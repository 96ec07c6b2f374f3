// Inside of pt_arguments: what every set of arguments is held to, whichever text it is read from.
#pragma once

#include <string>

#include "wire/pt_arguments.hpp"

namespace footbridge::wire {

// One more argument of a set that is being read.
Status<PtArgumentsErrc> add_pt_argument(PtArguments& arguments, std::string key, std::string value);

}  // namespace footbridge::wire
