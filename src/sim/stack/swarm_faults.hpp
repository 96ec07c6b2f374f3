// SwarmFaults: what may go wrong in one world of the stack tier, and how much. Swarm testing (Groce et al., 2012): each
// seed first draws which kinds are on and how strong, since worlds in which everything goes wrong at once hide what
// needs two things only.
//
// Everything follows from the seed. Thread: none.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "sim/seed.hpp"
#include "sim/stack/pipe.hpp"

namespace footbridge::sim {

enum class SwarmFault : std::uint8_t {
  // Weather of links, drawn anew for each.
  Loss,
  Bursts,
  Jitter,
  Reordering,
  Duplicates,
  SlowLinks,
  SmallMessages,  // links that take two chunks at most
  // Deeds, again and again.
  Crash,       // a volunteer is gone; the kernel may or may not say so
  Freeze,      // a volunteer stands still for a while
  Partition,   // nothing passes a link for a while
  LegLost,     // a leg breaks, both ends hear
  Silence,     // a link passes nothing any more, for good, and nobody hears
  Impatience,  // applications give streams up
  Stalls,      // applications do not read for a while
  EgressRestart,
};
inline constexpr std::size_t kSwarmFaults = 15;
std::string_view name(SwarmFault fault);

class SwarmFaults {
 public:
  explicit SwarmFaults(Seed seed);
  static SwarmFaults none() { return SwarmFaults(); }

  // From 0 (off) to 1.
  double strength(SwarmFault fault) const { return strengths_[static_cast<std::size_t>(fault)]; }
  bool on(SwarmFault fault) const { return strength(fault) > 0; }
  PipeWeather link(Dice& dice) const;
  PipeWeather leg(Dice& dice) const;

 private:
  SwarmFaults() = default;
  std::array<double, kSwarmFaults> strengths_{};
};

}  // namespace footbridge::sim
