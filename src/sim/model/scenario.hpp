// Scenario: how large a world of the model is, how long it runs, and what may go wrong in it. The rest follows from the
// seed.
//
//   0 ─── faults ─── length - calm ─── no faults: connect again ─── - kCalmEnd ─── no new streams: all end ─── length
#pragma once

#include <cstdint>
#include <vector>

#include "base/time.hpp"
#include "sim/model/fault_mix.hpp"

namespace footbridge::sim::model {

// Within this time without faults every client that can be is connected (liveness).
inline constexpr Duration kReconnectWithin = Seconds{60};
// A path that ends meanwhile is replaced within this.
inline constexpr Duration kReplacesWithin = Seconds{20};
// And then all streams end within this.
inline constexpr Duration kStreamsEndWithin = Seconds{60};
inline constexpr Duration kCalm = kReconnectWithin + kStreamsEndWithin;

struct Scenario {
  std::uint64_t clients = 20;
  std::uint64_t proxies = 60;
  std::uint64_t brokers = 2;
  std::uint64_t egresses = 2;
  Duration length = Seconds{600};  // of which kCalm at the end is without faults
  std::uint64_t most_stream_bytes = 400'000;
  bool faulty = true;
  std::vector<Fault> faults{};  // allowed; empty: all
};

}  // namespace footbridge::sim::model
