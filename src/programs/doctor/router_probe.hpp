// Asks the home router to forward one UDP port, as a volunteer would, and takes it back at once.
//
// Bounds: what the ways say (io/portmap), some 16 s. Ownership: rng outlives it. Threads: the executor's one thread.
#pragma once

#include "base/rng.hpp"
#include "core/doctor/finding.hpp"
#include "io/asio.hpp"

namespace footbridge::doctor {

asio::awaitable<core::Finding> probe_router(asio::any_io_executor executor, Rng& rng);

}  // namespace footbridge::doctor
