// ManagedStart: did somebody start us as a managed pluggable transport, and with which words? Version 1 of the protocol
// is recognised by its variable, version 3.0 by its flags (docs/spec/09-managed-transport.md §5). Threads: any.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "wire/pt_environment.hpp"
#include "wire/pt_request.hpp"

namespace footbridge {

struct ManagedStart {
  wire::PtInput input;
  std::vector<std::string> arguments;  // our own options among what was given
};

// nullopt: an ordinary start. A refusal is version 3.0's, about a flag or the file that -optionsFile names.
std::optional<Result<ManagedStart, wire::PtRefusal>> find_managed_start(wire::PtRole role,
                                                                        std::span<const std::string> arguments,
                                                                        const wire::PtEnvironment& environment);

}  // namespace footbridge
