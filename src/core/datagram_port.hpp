// The seam between a session (core) and the paths that carry it (quic): who gives datagrams, who tells their fate.
// A path *pulls*: when its congestion window has room and the pipe below has no backlog, it asks the session for one
// more datagram. Nothing is ever pushed into a path.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "base/time.hpp"

namespace footbridge::core {

// Names a datagram to the session that made it; unique per path, never 0.
using DatagramId = std::uint64_t;

class DatagramSource {
 public:
  virtual ~DatagramSource() = default;
  // Writes the next datagram into `out` (its size is what fits into the packet) and answers how many bytes it wrote
  // and under which id; nullopt: nothing to send now.
  struct Pulled {
    DatagramId id = 0;
    std::size_t bytes = 0;
  };
  virtual std::optional<Pulled> pull(TimePoint now, ByteSpan out) = 0;
};

enum class DatagramFate : std::uint8_t {
  Acked,  // the peer's QUIC end has it
  Lost,   // QUIC believes it lost; a late ack may still follow
};

// What a path reports of its own health; durations as QUIC measures them.
struct PathStats {
  Duration smoothed_rtt{};
  Duration rtt_variance{};
  std::uint64_t congestion_window_bytes = 0;
  std::uint64_t in_flight_bytes = 0;
  TimePoint last_heard{};
};

}  // namespace footbridge::core
