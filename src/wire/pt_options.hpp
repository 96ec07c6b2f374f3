// The options of our transport that a parent gives when it starts us, in the two ways it has. Both come to the same map
// as the arguments of a connection and are held to the same rules (pt_arguments.hpp), because both are options by name.
// Pure; any thread. Bounds: kMaxPtArguments, and the parent's value (kMaxPtValueBytes).
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "wire/pt_arguments.hpp"

namespace footbridge::wire {

// Why they cannot be ours; goes behind the name of the variable or flag, and repeats no value.
struct PtOptionsFault {
  std::string why;
};

// Version 1: NAME:OPTION=VALUE;… with escapes, one NAME for each pair; those of other transports are passed over.
Result<PtArguments, PtOptionsFault> read_pt_options(std::string_view text);
// Version 3.0: a JSON object of strings. Some parents wrap it into one that names the transport: {"footbridge": {…}}.
Result<PtArguments, PtOptionsFault> read_pt_json_options(std::string_view json);

}  // namespace footbridge::wire
