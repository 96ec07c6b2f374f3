#include "base/assert.hpp"
#include "crypto/imported.hpp"
#include "crypto/primitives.hpp"

// `nonce` bytes of nonce tell the two AEADs apart; an open answers 0 when what is sealed is not what it should be.
FB_IMPORTED(aead_seal)
void env_aead_seal(std::byte* out, const std::byte* key, const std::byte* nonce, std::size_t nonce_bytes,
                   const std::byte* plain, std::size_t plain_bytes, const std::byte* associated,
                   std::size_t associated_bytes);
FB_IMPORTED(aead_open)
std::int32_t env_aead_open(std::byte* out, const std::byte* key, const std::byte* nonce, std::size_t nonce_bytes,
                           const std::byte* sealed, std::size_t sealed_bytes, const std::byte* associated,
                           std::size_t associated_bytes);
FB_IMPORTED(blake2b)
void env_blake2b(std::byte* out, std::size_t out_bytes, const std::byte* message, std::size_t message_bytes,
                 const std::byte* key, std::size_t key_bytes);
FB_IMPORTED(hmac_sha256)
void env_hmac_sha256(std::byte* out, const std::byte* key, std::size_t key_bytes, const std::byte* message,
                     std::size_t message_bytes);

namespace footbridge::crypto {
namespace {

constexpr std::size_t kMostBlakeBytes = 64, kLeastBlakeKeyBytes = 16;

Bytes seal(const SecretKey& key, ByteView nonce, ByteView plain, ByteView associated) {
  Bytes out(plain.size() + kAeadTagBytes);
  env_aead_seal(out.data(), key.reveal_to_primitive().data(), nonce.data(), nonce.size(), plain.data(), plain.size(),
                associated.data(), associated.size());
  return out;
}

std::optional<Bytes> open(const SecretKey& key, ByteView nonce, ByteView sealed, ByteView associated) {
  if (sealed.size() < kAeadTagBytes) return std::nullopt;
  Bytes out(sealed.size() - kAeadTagBytes);
  const auto good = env_aead_open(out.data(), key.reveal_to_primitive().data(), nonce.data(), nonce.size(),
                                  sealed.data(), sealed.size(), associated.data(), associated.size());
  if (good == 0) return std::nullopt;
  return out;
}

}  // namespace

Bytes aead_seal(const SecretKey& key, const AeadNonce& nonce, ByteView plaintext, ByteView associated) {
  return seal(key, nonce, plaintext, associated);
}

std::optional<Bytes> aead_open(const SecretKey& key, const AeadNonce& nonce, ByteView sealed, ByteView associated) {
  return open(key, nonce, sealed, associated);
}

Bytes aead_seal(const SecretKey& key, const CountedNonce& nonce, ByteView plaintext, ByteView associated) {
  return seal(key, nonce, plaintext, associated);
}

std::optional<Bytes> aead_open(const SecretKey& key, const CountedNonce& nonce, ByteView sealed, ByteView associated) {
  return open(key, nonce, sealed, associated);
}

void blake2b(ByteSpan out, ByteView message, ByteView key) {
  FB_ASSERT(!out.empty() && out.size() <= kMostBlakeBytes && key.size() <= kMostBlakeBytes);
  FB_ASSERT(key.empty() || key.size() >= kLeastBlakeKeyBytes);
  env_blake2b(out.data(), out.size(), message.data(), message.size(), key.data(), key.size());
}

std::array<std::byte, kHmacSha256Bytes> hmac_sha256(ByteView key, ByteView message) {
  std::array<std::byte, kHmacSha256Bytes> out{};
  env_hmac_sha256(out.data(), key.data(), key.size(), message.data(), message.size());
  return out;
}

void wipe(ByteSpan secret) {
  volatile auto* at = secret.data();
  for (std::size_t i = 0; i < secret.size(); ++i) at[i] = std::byte{0};
}

}  // namespace footbridge::crypto
