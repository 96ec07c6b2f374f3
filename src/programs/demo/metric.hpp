// What a program of the demo says of itself, read from its admin socket's /metrics. The demo believes that a fetch went
// through volunteers only when they say so.
#pragma once

#include <cstdint>
#include <string>

#include "io/asio.hpp"
#include "programs/demo/child.hpp"

namespace footbridge::demo {

// The value of a counter or gauge without labels. `program` outlives the call. Throws ops::RunError when it does not
// tell.
asio::awaitable<std::uint64_t> metric(const Child& program, std::string name);

}  // namespace footbridge::demo
