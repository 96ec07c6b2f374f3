// Bytes between a TCP connection and a stream of the session, both ways, until both directions have ended.
// Half-closes travel: the end of one direction is passed on and the other goes on. A reset on one side becomes a reset
// on the other. Back-pressure is the session's window in one direction and the socket's in the other.
//
// Bounds: it holds no bytes of its own; what the session has no room for stays in the kernel (with memory short, one
// chunk). A connection on which nothing moves ends after RelayLimits, or websites that never close and applications
// that never read would keep streams and descriptors for as long as the session lives.
// Cancellation ends both directions at once. Threads: the executor's one thread.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/time.hpp"
#include "io/asio.hpp"
#include "io/session_stream.hpp"

namespace footbridge::io {

// One read or write of the socket: what the kernel moves well in one call, and one flush of a path.
inline constexpr std::size_t kRelayChunkBytes = 64 * 1024;

struct RelayLimits {
  // Nobody has anything to say: address translators keep such a connection for 2 h 4 min (RFC 5382, REQ-5).
  Duration quiet = Seconds{7'440};
  // One side has finished and the other is silent, or bytes wait for a reader: web servers give such a connection 1 to
  // 5 minutes, translators keep a half-closed one for 4; a paused download gets a little more.
  Duration stuck = Seconds{600};
};

struct RelayedBytes {
  std::uint64_t to_stream = 0;
  std::uint64_t to_socket = 0;
  bool reset = false;  // one side gave up
};

// Both must outlive the call; the socket is left shut down or closed.
asio::awaitable<RelayedBytes> relay(tcp::socket& socket, SessionStream& stream, RelayLimits limits = {});

}  // namespace footbridge::io
