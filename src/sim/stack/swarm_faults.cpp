#include "sim/stack/swarm_faults.hpp"

#include "base/assert.hpp"
#include "core/path/packet_sizes.hpp"

namespace footbridge::sim {

namespace {

constexpr std::size_t kLinkHeaderBytes = 60;  // IP, UDP, DTLS and SCTP, per chunk
constexpr std::size_t kLegMessageBytes = 65'536;
constexpr std::size_t kSocketBytes = 256 * 1024;  // what a sender's own queue holds; the relay's bound is below it

}  // namespace

std::string_view name(SwarmFault fault) {
  switch (fault) {
    case SwarmFault::Loss: return "loss";
    case SwarmFault::Bursts: return "bursts";
    case SwarmFault::Jitter: return "jitter";
    case SwarmFault::Reordering: return "reordering";
    case SwarmFault::Duplicates: return "duplicates";
    case SwarmFault::SlowLinks: return "slow-links";
    case SwarmFault::SmallMessages: return "small-messages";
    case SwarmFault::Crash: return "crash";
    case SwarmFault::Freeze: return "freeze";
    case SwarmFault::Partition: return "partition";
    case SwarmFault::LegLost: return "leg-lost";
    case SwarmFault::Silence: return "silence";
    case SwarmFault::Impatience: return "impatience";
    case SwarmFault::Stalls: return "stalls";
    case SwarmFault::EgressRestart: return "egress-restart";
  }
  FB_ASSERT(false);
}

SwarmFaults::SwarmFaults(Seed seed) {
  Dice dice(seed.child("faults"));
  for (auto& strength : strengths_) strength = dice.chance(0.5) ? dice.real(0.05, 1) : 0;
}

// A volunteer's line at home: the rate is its modem's, whose queue it sees.
PipeWeather SwarmFaults::link(Dice& dice) const {
  LinkWeather line;
  line.delay = dice.duration(Millis{5}, Millis{100});
  const bool slow = dice.chance(strength(SwarmFault::SlowLinks));
  line.bytes_per_second = static_cast<std::uint64_t>(slow ? dice.real(20e3, 200e3) : dice.real(250e3, 2.5e6));
  line.queue_bytes = kSocketBytes;
  line.overhead_bytes = kLinkHeaderBytes;
  line.fragment_bytes = core::kFragmentBytes;
  line.loss = dice.real(0, 0.03) * strength(SwarmFault::Loss);
  if (on(SwarmFault::Bursts))
    line.bursts = {dice.real(0, 0.01) * strength(SwarmFault::Bursts), dice.real(0.05, 0.5), dice.real(0.5, 1)};
  line.jitter = Duration(static_cast<Duration::rep>(dice.real(0, 50e6) * strength(SwarmFault::Jitter)));
  line.keeps_order = dice.chance(0.5);
  line.reordered = dice.real(0, 0.1) * strength(SwarmFault::Reordering);
  line.duplicates = dice.real(0, 0.1) * strength(SwarmFault::Duplicates);
  line.held_back = Millis{60};
  if (dice.chance(strength(SwarmFault::SmallMessages))) line.max_message_bytes = 2 * core::kFragmentBytes;
  PipeWeather weather{line, line, true};
  weather.back.bytes_per_second =
      static_cast<std::uint64_t>(static_cast<double>(line.bytes_per_second) * dice.real(0.3, 1));
  return weather;
}

// A TCP connection: in order, nothing lost, its sender waits.
PipeWeather SwarmFaults::leg(Dice& dice) const {
  LinkWeather line;
  line.delay = dice.duration(Millis{2}, Millis{60});
  line.bytes_per_second = static_cast<std::uint64_t>(dice.real(1e6, 10e6));
  line.queue_bytes = kSocketBytes;
  line.max_message_bytes = kLegMessageBytes;
  return {line, line, true};
}

}  // namespace footbridge::sim
