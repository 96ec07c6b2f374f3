// Bytes between a TCP connection and a stream of the session, both ways, until both directions have ended.
// Half-closes travel: the end of one direction is passed on and the other goes on. A reset on one side becomes a reset
// on the other. Back-pressure is the session's window in one direction and the socket's in the other.
//
// Cancellation ends both directions at once. Threads: the executor's one thread.
#pragma once

#include <cstddef>
#include <cstdint>

#include "io/asio.hpp"
#include "io/session_stream.hpp"

namespace footbridge::io {

// One read or write of the socket: what the kernel moves well in one call, and one flush of a path.
inline constexpr std::size_t kRelayChunkBytes = 64 * 1024;

struct RelayedBytes {
  std::uint64_t to_stream = 0;
  std::uint64_t to_socket = 0;
  bool reset = false;  // one side gave up
};

// Both must outlive the call; the socket is left shut down or closed.
asio::awaitable<RelayedBytes> relay(tcp::socket& socket, SessionStream& stream);

}  // namespace footbridge::io
