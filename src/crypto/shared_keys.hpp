// The keys that a broker and an egress derive from the secret they share: one for each use, so that nothing sealed for
// one can be shown for another. The secret is the leg key today; whatever takes its place, this is where it is used.
// Leg tokens themselves are sealed under it as it is. Any thread.
#pragma once

#include "crypto/secret_key.hpp"

namespace footbridge::crypto {

SecretKey ticket_key(const SecretKey& shared);     // docs/spec/12-tickets.md §6.1
SecretKey heartbeat_key(const SecretKey& shared);  // §6.2

}  // namespace footbridge::crypto
