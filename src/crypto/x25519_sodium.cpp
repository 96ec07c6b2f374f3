#include <sodium.h>

#include "base/assert.hpp"
#include "crypto/x25519.hpp"

static_assert(footbridge::crypto::X25519Secret::kBytes == crypto_scalarmult_SCALARBYTES);
static_assert(footbridge::crypto::X25519PublicKey::kBytes == crypto_scalarmult_BYTES);

namespace footbridge::crypto {

X25519PublicKey x25519_public(const X25519Secret& secret) {
  X25519PublicKey out;
  const int status = crypto_scalarmult_base(as_u8(ByteSpan(out.raw)), as_u8(secret.reveal_to_primitive()));
  FB_ASSERT(status == 0);
  return out;
}

std::optional<SharedSecret> x25519(const X25519Secret& secret, const X25519PublicKey& peer) {
  int status = 0;
  auto out = SharedSecret::made_by([&](ByteSpan shared) {
    status = crypto_scalarmult(as_u8(shared), as_u8(secret.reveal_to_primitive()), as_u8(peer.view()));
  });
  if (status != 0) return std::nullopt;
  return out;
}

}  // namespace footbridge::crypto
