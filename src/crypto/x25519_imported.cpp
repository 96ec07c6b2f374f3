#include "crypto/imported.hpp"
#include "crypto/x25519.hpp"

FB_IMPORTED(x25519_public) void env_x25519_public(std::byte* out, const std::byte* secret);
// 0: the peer's key is of small order.
FB_IMPORTED(x25519) std::int32_t env_x25519(std::byte* out, const std::byte* secret, const std::byte* peer);

namespace footbridge::crypto {

X25519PublicKey x25519_public(const X25519Secret& secret) {
  X25519PublicKey out;
  env_x25519_public(out.raw.data(), secret.reveal_to_primitive().data());
  return out;
}

std::optional<SharedSecret> x25519(const X25519Secret& secret, const X25519PublicKey& peer) {
  std::int32_t good = 0;
  auto out = SharedSecret::made_by(
      [&](ByteSpan shared) { good = env_x25519(shared.data(), secret.reveal_to_primitive().data(), peer.raw.data()); });
  if (good == 0) return std::nullopt;
  return out;
}

}  // namespace footbridge::crypto
