// Whom a waiting proxy may be given to, and who an offer is from: people, or the network's testers, for a test
// (tested_proxies.hpp) or for one of two probes (nat_probes.hpp).
#pragma once

#include <cstdint>

namespace footbridge::core {

// A bit set.
enum class Audience : std::uint8_t {
  Nobody = 0,
  People = 1,
  Testers = 2,
  Both = 3,
  StrictProbes = 4,
  ModerateProbes = 8
};

constexpr bool meets(Audience a, Audience b) { return (static_cast<unsigned>(a) & static_cast<unsigned>(b)) != 0; }
constexpr Audience operator|(Audience a, Audience b) {
  return static_cast<Audience>(static_cast<unsigned>(a) | static_cast<unsigned>(b));
}
constexpr Audience audience_of(bool people, bool testers) {
  return static_cast<Audience>((people ? 1U : 0U) | (testers ? 2U : 0U));
}

}  // namespace footbridge::core
