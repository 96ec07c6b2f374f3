// The ways to the brokers of a directory, with their seals: what RendezvousLine needs to know of a network. Pure.
#pragma once

#include <span>
#include <vector>

#include "core/sealing/sealed_ways.hpp"
#include "crypto/secret_key.hpp"
#include "transport/http/route.hpp"
#include "wire/network.hpp"
#include "wire/rendezvous.hpp"

namespace footbridge {

struct NetworkWays {
  std::vector<http::Route> ways;     // core::kMaxWays at most
  std::vector<core::WaySeal> seals;  // one for each
};

// Every address of these brokers, as the directory or an invite lists them. One that means nothing to this version is
// left out, and so is what comes after core::kMaxWays. `keys`: of each broker; none of an invite's.
NetworkWays network_ways(std::span<const wire::BrokerEntry> brokers, const crypto::SecretKey& obfuscation);
// For a group: its people and its volunteers ask the brokers in one order (core/network/personal_compartment.hpp), and
// BrokerWays::in_order is to be set. For the common compartment it is as above.
NetworkWays network_ways(std::span<const wire::BrokerEntry> brokers, const crypto::SecretKey& obfuscation,
                         const wire::CompartmentId& group);

}  // namespace footbridge
