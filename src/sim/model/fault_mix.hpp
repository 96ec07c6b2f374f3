// FaultMix: what goes wrong in one run, and how much. Swarm testing: each seed first draws which kinds are on at all,
// because a world in which everything fails at once never gets far enough to show what only one kind breaks.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "sim/seed.hpp"

namespace footbridge::sim::model {

enum class Fault : std::uint8_t {
  // Weather, for as long as the faults last.
  Loss,             // of messages on links
  Bursts,           // of it
  Duplicates,       // on links
  Reordering,       // on links
  Jitter,           // on links and legs
  SlowLines,        // rates of some 100 kbit/s
  LossyRendezvous,  // requests and answers get lost
  // Things that happen.
  SilentDeath,      // a link carries nothing any more, nobody is told
  Cut,              // a link or a leg carries nothing for a while
  LegReset,         // a leg is closed by the network
  ProxyCrash,       // and its restart, with or without what it knew
  ProxyFreeze,      // stopped for a while, as in a suspended machine
  ProxySlots,       // the volunteer takes more or fewer clients
  ClientCrash,      // and its restart
  ClientOffline,    // no network for a while
  BrokerRestart,    // with nothing but its keys
  EgressRestart,    // with nothing but its keys
  EgressPartition,  // no leg carries anything, none can be dialled
  NatRestart,       // a router forgets all bindings
  // What ends are like.
  WrongClock,   // wall clocks some seconds apart, within what is allowed
  UnknownNat,   // ends that do not know their own translation
  SlowReaders,  // applications that pause
  GivesUp,      // applications and websites that reset
};
inline constexpr std::size_t kFaults = static_cast<std::size_t>(Fault::GivesUp) + 1;
std::string_view name(Fault fault);
std::optional<Fault> fault_named(std::string_view name);

class FaultMix {
 public:
  FaultMix() = default;  // nothing goes wrong
  // `allowed`: only of these; empty: of all.
  FaultMix(Seed seed, const std::vector<Fault>& allowed);

  // 0: off; up to 1.
  double strength(Fault fault) const { return strength_[static_cast<std::size_t>(fault)]; }
  bool on(Fault fault) const { return strength(fault) > 0; }

 private:
  std::array<double, kFaults> strength_{};
};

}  // namespace footbridge::sim::model
