// A personal compartment: people who know each other, and volunteers who help nobody else. Its id is a hash of a public
// key; who wants help needs the id alone. Who announces into it shows that the compartment's key signed his invite: the
// permission is worth nothing without that invite, and ends with it. Pure; any thread.
//
// Everybody in it comes to the same brokers in the same order, without asking anybody: each broker's weight is a hash
// of the compartment and its name (rendezvous hashing), the heaviest is first. When it is down, all come to the next.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/ed25519.hpp"
#include "wire/rendezvous.hpp"

namespace footbridge::core {

inline constexpr std::string_view kCompartmentContext{"footbridge compartment 1\0", 25};
inline constexpr std::string_view kAnnouncingContext{"footbridge announcing 1\0", 24};
inline constexpr std::string_view kBrokerOrderContext{"footbridge broker order 1\0", 26};

wire::CompartmentId compartment_of(const crypto::Ed25519PublicKey& key);

wire::Announcing sign_announcing(const crypto::Ed25519KeyPair& compartment_key, const wire::InviteId& invite);
bool may_announce(const wire::Announcing& announcing, const wire::CompartmentId& compartment,
                  const wire::InviteId& invite);

// Numbers of `brokers` (their names in the directory), the one to be asked first in front.
std::vector<std::size_t> broker_order(const wire::CompartmentId& compartment, std::span<const std::string> brokers);

}  // namespace footbridge::core
