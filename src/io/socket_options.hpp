// Socket options for connections that carry packets: they fail only on a socket that is already dead, and then the
// next read or write tells, so their errors are not reported.
#pragma once

#include <cstddef>

#include "io/asio.hpp"

namespace footbridge::io {

// Unsent bytes the kernel takes from a relay leg before it says "not writable". Without it the send buffer of up to
// 4 MB is the queue: at 50 Mbit/s a round trip grew to 599 ms; with 64 KiB it stayed at 16 ms.
inline constexpr std::size_t kRelayLowWaterBytes = 64 * 1024;

void set_no_delay(tcp::socket& socket);
void set_not_sent_low_water(tcp::socket& socket, std::size_t bytes);

}  // namespace footbridge::io
