// A network of a test's own: its keys, and what its operator signs with them. For tests.
#pragma once

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "base/rng.hpp"
#include "core/network/directory_chain.hpp"
#include "core/network/signed_invite.hpp"

namespace footbridge {

struct MadeNetwork {
  MadeNetwork(std::uint64_t seed, UnixSeconds from, std::uint64_t lasts_seconds)
      : rng(seed), valid{from, UnixSeconds{count(from) + lasts_seconds}} {
    rng.fill(obfuscation);
  }
  wire::SignedCertificate certificate() const {
    return core::sign_certificate(root, {{key.public_key().raw}, 1, valid});
  }
  wire::Invite invite(std::string name, const std::vector<std::string>& brokers = {"https://broker.example/"}) {
    wire::Invite out{.network = std::move(name),
                     .root = core::root_key(root),
                     .brokers = {},
                     .obfuscation = wire::ObfuscationSecret(obfuscation),
                     .id = wire::InviteId::random(rng),
                     .compartment = {},
                     .until = valid.until,
                     .certificate = certificate(),
                     .made = valid.from,
                     .announcing = {},
                     .content = {},
                     .signature = {}};
    for (const auto& url : brokers) out.brokers.push_back({Private<std::string>(url), {}});
    return core::sign_invite(key, std::move(out));
  }
  Bytes directory(std::uint64_t version, std::vector<wire::BrokerEntry> brokers = {}) const {
    return core::sign_directory(key, certificate(),
                                {.version = version, .valid = valid, .brokers = std::move(brokers)});
  }

  SeededRng rng;
  wire::Validity valid;  // of all that it signs
  std::array<std::byte, wire::kObfuscationSecretBytes> obfuscation{};
  crypto::Ed25519KeyPair root = crypto::Ed25519KeyPair::random(rng);
  crypto::Ed25519KeyPair key = crypto::Ed25519KeyPair::random(rng);
};

}  // namespace footbridge
