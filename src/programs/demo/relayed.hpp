// What a volunteer says of itself: the bytes it has carried, read from its admin socket's /metrics. The demo believes
// that a fetch went through volunteers only when they say so.
#pragma once

#include <cstdint>
#include <filesystem>

#include "io/asio.hpp"

namespace footbridge::demo {

// Bytes carried towards clients so far. Throws ops::RunError when the volunteer does not tell.
asio::awaitable<std::uint64_t> relayed_down_bytes(std::filesystem::path admin_socket);

}  // namespace footbridge::demo
