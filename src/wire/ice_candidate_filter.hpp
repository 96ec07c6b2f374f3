// Which remote candidates a link may send packets to. Both ends ask before they use a description: without this a
// stranger could make our machine knock on doors of the local network, or on a third party's DNS server.
// Fails closed: what is not plainly a public unicast address is refused.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/address.hpp"
#include "wire/ice_candidate.hpp"

namespace footbridge::wire {

inline constexpr std::size_t kMaxUsedCandidates = 8;      // each costs up to seven checks per local address
inline constexpr std::uint16_t kMinCandidatePort = 1024;  // no well-known service becomes a target

enum class CandidateVerdict : std::uint8_t {
  Usable,
  BadPort,     // below kMinCandidatePort
  NotUnicast,  // unspecified, multicast, broadcast, reserved
  NotPublic,   // private, shared (CGNAT), loopback, link-local, unique local, documentation, a cloud's own
  Embedded,    // an IPv4 address inside an IPv6 one (mapped, compatible, NAT64, 6to4, Teredo, ISATAP)
  OwnSubnet,   // a neighbour of ours on a public network
};
std::string_view name(CandidateVerdict verdict);

struct CandidatePolicy {
  bool allow_private = false;       // demo and tests: NotPublic and OwnSubnet are let through, nothing else is
  std::vector<Prefix> own_subnets;  // of this machine's interfaces
};

// The verdict on one endpoint, whatever came before it.
CandidateVerdict judge_endpoint(const Endpoint& endpoint, const CandidatePolicy& policy);

struct FilteredCandidates {
  std::vector<IceCandidate> usable;  // ≤ kMaxUsedCandidates, in the order given
  std::size_t refused = 0;
};
FilteredCandidates filter_candidates(const std::vector<IceCandidate>& candidates, const CandidatePolicy& policy);

}  // namespace footbridge::wire
