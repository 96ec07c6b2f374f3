// PacketLadder: how large the packets of one path are. It starts on the highest rung that the path can carry and only
// ever steps down: when large packets are measurably lost more often than small ones, or none arrives. Loss as such
// says nothing, since a congestion control that probes always loses some; so a small share of the traffic stays on the
// lowest rung and serves as the comparison.
//
// Pure: knows neither time nor QUIC. The caller asks for the size of each packet and reports its fate.
// Not thread-safe; one instance per path. Spec: docs/spec/04-path.md §7 (PATH-L*).
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/rng.hpp"
#include "core/datagram_port.hpp"
#include "core/path/packet_sizes.hpp"

namespace footbridge::core {

// Share of the bytes that stays in the smallest packets, as 1/20.
inline constexpr unsigned kSmallShareDivisor = 20;
// No verdict before this many packets of either size have met their fate.
inline constexpr std::uint64_t kMinVerdictPackets = 200;
// Halve both counts when the small one reaches this: what happened minutes ago fades.
inline constexpr std::uint64_t kFadePackets = 2000;
// Large packets are worse when they lose this much more than small ones (in 1/1000: 0.5 points) ...
inline constexpr std::uint64_t kWorsePerMille = 5;
// ... and groups of so many packets of one size suffer more often by at least this many standard errors, so that chance
// does not push a path down for good. In groups, because loss comes in bursts: a queue that overflows once while a path
// starts has no room for many large packets, and says nothing about the path.
inline constexpr unsigned kJudgedTogether = 8;
inline constexpr unsigned kWorseStandardErrors = 3;
// Or nothing large gets through at all: so often in turn a small one arrived and a large one was lost, and no large one
// arrived. An outage takes both, and counts once.
inline constexpr unsigned kBlackHoleTurns = 8;

class PacketLadder {
 public:
  // max_bytes: what pipe, match and peer allow. Below two fragments the ladder has a single rung of max_bytes: such a
  // pipe has no fragments.
  explicit PacketLadder(std::size_t max_bytes);

  // Size of the next packet that carries a full datagram.
  std::size_t next_packet_bytes(Rng& rng);
  // A packet of this size was acknowledged or lost. Sizes that are no rung in use are ignored.
  void on_fate(std::size_t packet_bytes, DatagramFate fate);

  std::size_t top_bytes() const { return rung_bytes(top_); }
  std::size_t small_bytes() const { return rung_bytes(0); }
  std::uint64_t steps_down() const { return steps_down_; }

 private:
  struct Tally {
    void count(DatagramFate fate);
    void halve();

    std::uint64_t settled = 0;  // acknowledged or lost
    std::uint64_t lost = 0;
    std::uint64_t groups = 0;  // whole ones
    std::uint64_t harmed = 0;  // of these: with a loss
    unsigned in_group = 0;     // packets of the one that is not whole
    bool group_harmed = false;
  };
  std::size_t rung_bytes(std::size_t rung) const;
  bool large_is_worse() const;
  bool is_black_hole(bool large, DatagramFate fate);
  void step_down();
  void fade();

  std::size_t max_bytes_;
  std::size_t top_ = 0;  // index into kPacketRungs
  std::uint64_t large_until_small_ = 0;
  Tally small_;
  Tally large_;
  bool small_arrived_ = false;        // since the last turn was counted
  unsigned turns_without_large_ = 0;  // towards kBlackHoleTurns
  std::uint64_t steps_down_ = 0;
};

}  // namespace footbridge::core
