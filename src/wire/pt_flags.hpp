// The flags that start a transport in version 3.0 of the pluggable-transport specification ("Dispatcher IPC Interface"
// §1.1), as far as we can do what they say: one transport, mode socks5. They stand among our own options, with one dash
// or two, with "=" or a blank before their value. Pure; any thread. Errors: EnvError, which names the flag.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "wire/pt_request.hpp"

namespace footbridge::wire {

struct PtFlags {
  PtInput input;                            // of version 3.0
  std::optional<std::string> options_file;  // -optionsFile: what it holds belongs into input as PtKey::Options
  std::vector<std::string> others;          // what is not of version 3.0, in order
};

// True: a parent that speaks version 3.0 started us; it names its versions or the transports it wants.
bool has_pt_flags(std::span<const std::string> arguments);
Result<PtFlags, PtRefusal> parse_pt_flags(PtRole role, std::span<const std::string> arguments);

}  // namespace footbridge::wire
