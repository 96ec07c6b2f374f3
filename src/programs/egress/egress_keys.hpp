// The two secrets of an egress, read from (or made in) files: its identity, which clients pin, and the key it shares
// with its broker, under which leg tokens are sealed. Throws ops::UsageError with one line that names the option.
#pragma once

#include "crypto/secret_key.hpp"
#include "programs/egress/egress_options.hpp"
#include "quic/identity.hpp"

namespace footbridge::egress {

struct EgressKeys {
  quic::Identity identity;
  crypto::SecretKey leg_key;
};

// With --create, makes those that are absent (mode 0600, never over an existing file).
EgressKeys load_keys(const EgressOptions& options, Rng& rng);

// What --descriptor-out gets: id, relay URL and pin.
void write_descriptor(const EgressOptions& options, const quic::SpkiPin& pin, const std::string& relay_url,
                      std::optional<std::uint16_t> udp_port);

}  // namespace footbridge::egress
