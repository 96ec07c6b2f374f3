// StreamTraffic: one direction of a stream as an application sees it: so many pattern bytes to write, so many to read,
// each checked (P2). Shared by the client's applications and the websites behind the egress.
#pragma once

#include <cstdint>

#include "core/session/session.hpp"
#include "sim/ground.hpp"
#include "sim/model/pattern.hpp"

namespace footbridge::sim::model {

// What goes out. Done: all is written and the end is said.
struct Outgoing {
  std::uint64_t key = 0;
  std::uint64_t total = 0;
  std::uint64_t written = 0;
  bool done = false;

  void write(TimePoint now, core::Session& session, core::StreamId id) {
    std::byte chunk[4096];
    while (!done && written < total) {
      const auto room = session.room(id);
      const auto length = static_cast<std::size_t>(std::min<std::uint64_t>({sizeof chunk, total - written, room}));
      fill_pattern(key, written, {chunk, length});
      const auto taken = session.write(now, id, {chunk, length});
      written += taken;
      if (taken == 0 || taken < length) return;  // Writable follows
    }
    if (!done) session.finish(now, id);
    done = true;
  }
};

// What comes in.
struct Incoming {
  std::uint64_t key = 0;
  std::uint64_t total = 0;
  std::uint64_t read = 0;

  // The next `bytes` are read; false: they are not what was sent.
  bool take(ByteView bytes) {
    if (bytes.size() > total - read || !matches_pattern(key, read, bytes)) return false;
    read += bytes.size();
    return true;
  }
};

}  // namespace footbridge::sim::model
