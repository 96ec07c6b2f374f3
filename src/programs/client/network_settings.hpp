// NetworkSettings: which network a connection of tor's wants. What its bridge line says wins, the program's options
// fill the rest, and where neither names broker and egress it is the network that was joined; two lines that come to
// the same settings share one network, however they were written.
//
//   Bridge footbridge 192.0.2.3:80 broker=http://127.0.0.1:8900/ pin=HEX,HEX paths=2 idle-after=60s
//
// An argument that is wrong is refused with a sentence that names it and says what to do, and never its value. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/private.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "ops/values.hpp"
#include "programs/client/connect_options.hpp"
#include "transport/http/route.hpp"
#include "wire/pt_arguments.hpp"

namespace footbridge::client {

struct NetworkSettings {
  bool joined = false;                  // the network that was joined, whose directory says both of these:
  std::vector<http::Route> brokers;     // ways to them, otherwise never empty
  Private<std::vector<ops::Pin>> pins;  // in order, each once, otherwise never empty
  std::uint64_t paths = 0;
  Millis idle_after{};

  friend bool operator==(const NetworkSettings& a, const NetworkSettings& b);
};

// One sentence for the log of tor.
struct WrongArgument {
  std::string sentence;
};

// `options` were checked; `option_pins` are those of the options and of their descriptor file, perhaps none. `joined`:
// there is a network for who names neither broker nor pin.
Result<NetworkSettings, WrongArgument> network_settings(const ConnectOptions& options,
                                                        const std::vector<ops::Pin>& option_pins,
                                                        const wire::PtArguments& arguments, bool joined = false);

}  // namespace footbridge::client
