// NatRecheck: how long after a measurement of address translation the next one begins (spec 13). To each wait up to
// half of it is added at random, so that neither the hour of day nor a steady beat says who asks.
//
//   NoUdp: NAT-T8, doubled after each, up to NAT-T6; anything else: NAT-T6, and NAT-T8 is the first again.
//
// Ownership: rng outlives it. Threads: the caller's.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/rng.hpp"
#include "base/time.hpp"

namespace footbridge {

inline constexpr Seconds kNatRecheck{6 * 3600};  // NAT-T6
inline constexpr Seconds kNoUdpRecheck{600};     // NAT-T8: a blocked network may be left without other addresses

class NatRecheck {
 public:
  explicit NatRecheck(Rng& rng) : rng_(rng) {}

  Seconds next(bool no_udp) {
    const auto least = no_udp ? no_udp_pause_ : kNatRecheck;
    no_udp_pause_ = no_udp ? std::min(2 * no_udp_pause_, kNatRecheck) : kNoUdpRecheck;
    return least + Seconds(rng_.between(0, static_cast<std::uint64_t>(least.count()) / 2));
  }
  void forget() { no_udp_pause_ = kNoUdpRecheck; }  // another network

 private:
  Rng& rng_;
  Seconds no_udp_pause_ = kNoUdpRecheck;
};

}  // namespace footbridge
