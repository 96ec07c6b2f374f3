// X25519 (RFC 7748): two key pairs agree on a secret. Part of the port of crypto/primitives.hpp; keeps no state and may
// be used from any thread. A public key is 32 bytes as they came; nothing about it is checked before it is used.
#pragma once

#include <optional>

#include "base/id.hpp"
#include "base/rng.hpp"
#include "crypto/secret_bytes.hpp"

namespace footbridge::crypto {

using X25519PublicKey = Id<struct X25519PublicKeyTag, 32>;
using X25519Secret = SecretBytes<struct X25519SecretTag, 32>;
using SharedSecret = SecretBytes<struct SharedSecretTag, 32>;

X25519PublicKey x25519_public(const X25519Secret& secret);
// nullopt: the public key is of small order, and the secret would be all zeros whatever ours is (RFC 7748 §6.1).
std::optional<SharedSecret> x25519(const X25519Secret& secret, const X25519PublicKey& peer);

struct X25519KeyPair {
  X25519Secret secret;
  X25519PublicKey public_key;

  static X25519KeyPair from(const X25519Secret& secret) { return {secret, x25519_public(secret)}; }
  static X25519KeyPair random(Rng& rng) { return from(X25519Secret::random(rng)); }
};

}  // namespace footbridge::crypto
