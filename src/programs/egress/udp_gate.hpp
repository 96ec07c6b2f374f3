// UdpGate: what an egress decides about the UDP legs that come to one of its workers: is the token good, whose is it,
// and are there too many legs of this network already? The same guard and the same table as for legs over TCP.
// Ownership: what it is given outlives it. Threads: its worker's.
#pragma once

#include <cstdint>
#include <vector>

#include "io/connection_permit.hpp"
#include "programs/egress/leg_door.hpp"
#include "programs/egress/leg_guard.hpp"
#include "transport/udp/server.hpp"

namespace footbridge::egress {

// The UDP ports of all workers, in order. Complete before the first of them runs, and never changed after.
using UdpPorts = std::vector<std::uint16_t>;

class UdpGate final : public udp::Gate {
 public:
  UdpGate(std::size_t worker, const UdpPorts& ports, LegGuard& guard, io::ConnectionTable& connections, LegDoor& door,
          EgressMetrics& metrics)
      : worker_(worker), ports_(ports), guard_(guard), connections_(connections), door_(door), metrics_(metrics) {}

  std::optional<std::uint16_t> port_for(TimePoint now, ByteView token) override;
  std::optional<Admitted> admit(TimePoint now, const Endpoint& peer, ByteView token) override;
  void take(std::unique_ptr<udp::Leg> leg, MatchId match, const Endpoint& peer) override;

 private:
  std::size_t worker_;
  const UdpPorts& ports_;
  LegGuard& guard_;
  io::ConnectionTable& connections_;
  LegDoor& door_;
  EgressMetrics& metrics_;
};

}  // namespace footbridge::egress
