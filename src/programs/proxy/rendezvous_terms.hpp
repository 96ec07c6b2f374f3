// What a volunteer says of itself in its polls, and to which brokers by which ways: from its options, and from the
// network that it joined.
#pragma once

#include "core/proxy/proxy_engine.hpp"
#include "core/rendezvous/proxy_rendezvous.hpp"
#include "programs/network_ways.hpp"
#include "programs/proxy/volunteer_ground.hpp"
#include "programs/rendezvous_line.hpp"

namespace footbridge::proxy {

// The only relays that it dials, as its options say.
core::ProxyEngineConfig relay_terms(const VolunteerOptions& options);
// And as a network says that it joined.
core::RelayAllowList relays_of(const VolunteerOptions& options, const NetworkView& view);

struct RendezvousTerms {
  core::ProxyRendezvousConfig says;
  BrokerWays ways;
};
// Throws ops::UsageError where what marks this installation cannot be read. `ground` outlives what it returns.
RendezvousTerms rendezvous_terms(const VolunteerOptions& options, VolunteerGround& ground);

}  // namespace footbridge::proxy
