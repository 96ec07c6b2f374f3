#include "crypto/ed25519.hpp"
#include "crypto/imported.hpp"

// Strict, as the port promises. 0: the signature is not the key's.
FB_IMPORTED(ed25519_verify)
std::int32_t env_ed25519_verify(const std::byte* key, const std::byte* message, std::size_t message_bytes,
                                const std::byte* signature);

namespace footbridge::crypto {

// A browser verifies; networks are made elsewhere, so that the other half of the port has no place here.
bool ed25519_verify(const Ed25519PublicKey& key, ByteView message, const Ed25519Signature& signature) {
  return env_ed25519_verify(key.raw.data(), message.data(), message.size(), signature.raw.data()) != 0;
}

}  // namespace footbridge::crypto
