// Ed25519 (RFC 8032): signatures. Part of the port of crypto/primitives.hpp; keeps no state and may be used from any
// thread. Verification is strict, so that nobody who has one valid signature can make another, and no key signs
// everything: S below the group's order, A in its one encoding, A and R not of small order, the equation without
// cofactor.
#pragma once

#include "base/bytes.hpp"
#include "base/id.hpp"
#include "base/rng.hpp"
#include "crypto/secret_bytes.hpp"

namespace footbridge::crypto {

using Ed25519Seed = SecretBytes<struct Ed25519SeedTag, 32>;  // RFC 8032's private key; what a key file holds
using Ed25519PublicKey = Id<struct Ed25519PublicKeyTag, 32>;
using Ed25519Signature = Id<struct Ed25519SignatureTag, 64>;

class Ed25519KeyPair {
 public:
  static Ed25519KeyPair from(const Ed25519Seed& seed);
  static Ed25519KeyPair random(Rng& rng) { return from(Ed25519Seed::random(rng)); }

  const Ed25519PublicKey& public_key() const { return public_key_; }
  // Deterministic: the same message has the same signature.
  Ed25519Signature sign(ByteView message) const;

 private:
  using Expanded = SecretBytes<struct Ed25519ExpandedTag, 64>;  // seed and public key, as the primitive wants them
  Ed25519KeyPair(const Expanded& expanded, const Ed25519PublicKey& public_key)
      : expanded_(expanded), public_key_(public_key) {}
  Expanded expanded_;
  Ed25519PublicKey public_key_;
};

bool ed25519_verify(const Ed25519PublicKey& key, ByteView message, const Ed25519Signature& signature);

}  // namespace footbridge::crypto
