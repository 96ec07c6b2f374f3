#include <sodium.h>

#include "base/assert.hpp"
#include "crypto/ed25519.hpp"

static_assert(footbridge::crypto::Ed25519Seed::kBytes == crypto_sign_SEEDBYTES);
static_assert(footbridge::crypto::Ed25519PublicKey::kBytes == crypto_sign_PUBLICKEYBYTES);
static_assert(footbridge::crypto::Ed25519Signature::kBytes == crypto_sign_BYTES);

namespace footbridge::crypto {

Ed25519KeyPair Ed25519KeyPair::from(const Ed25519Seed& seed) {
  static_assert(Expanded::kBytes == crypto_sign_SECRETKEYBYTES);
  Ed25519PublicKey public_key;
  const auto expanded = Expanded::made_by([&](ByteSpan out) {
    const int status =
        crypto_sign_seed_keypair(as_u8(ByteSpan(public_key.raw)), as_u8(out), as_u8(seed.reveal_to_primitive()));
    FB_ASSERT(status == 0);
  });
  return {expanded, public_key};
}

Ed25519Signature Ed25519KeyPair::sign(ByteView message) const {
  Ed25519Signature out;
  const int status = crypto_sign_detached(as_u8(ByteSpan(out.raw)), nullptr, as_u8(message), message.size(),
                                          as_u8(expanded_.reveal_to_primitive()));
  FB_ASSERT(status == 0);
  return out;
}

bool ed25519_verify(const Ed25519PublicKey& key, ByteView message, const Ed25519Signature& signature) {
  return crypto_sign_verify_detached(as_u8(signature.view()), as_u8(message), message.size(), as_u8(key.view())) == 0;
}

}  // namespace footbridge::crypto
