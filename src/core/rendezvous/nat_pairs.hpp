// Which pairs of NATs can meet without a relay, and which of several proxies a client should get.
// Classes follow RFC 4787: what decides is whether a mapping can be reused by another peer and who may send into it.
#pragma once

#include <cstdint>

#include "wire/rendezvous.hpp"

namespace footbridge::core {

enum class NatClass : std::uint8_t {
  Open,      // endpoint-independent mapping, filtering by address at most: anybody can be met
  Moderate,  // endpoint-independent mapping, filtering by address and port
  Strict,    // a mapping per destination
  Unknown,   // not measured; nothing is known against it
};
inline constexpr std::size_t kNatClasses = 4;

NatClass classify(wire::Nat nat);

// Whether that is all that a broker needs to know: filtering makes no difference to who has a mapping for each destination.
bool is_measured(wire::Nat nat);

// What a proxy is to others whose router forwards a port for each link, whatever its own address translation does: a
// stranger's packets reach it at the forwarded port, and what it answers leaves from there.
inline constexpr wire::Nat kNatOfMappedPort{wire::NatBehaviour::EndpointIndependent,
                                            wire::NatBehaviour::EndpointIndependent};

// How welcome a proxy of this class is to a client of that one: 0 first. Above kLastGoodNatRank the pair is known to
// fail.
inline constexpr unsigned kLastGoodNatRank = 3;
unsigned nat_rank(NatClass client, NatClass proxy);

// The same with the families they share: over IPv6 mappings do not matter, and both ends open their filters.
unsigned pair_rank(NatClass client, NatClass proxy, wire::Families shared);

}  // namespace footbridge::core
