#include <sodium.h>

#include "base/assert.hpp"
#include "crypto/primitives.hpp"
#include "crypto/system_rng.hpp"

static_assert(footbridge::crypto::SecretKey::kBytes == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);
static_assert(footbridge::crypto::kAeadNonceBytes == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES);
static_assert(footbridge::crypto::kAeadTagBytes == crypto_aead_xchacha20poly1305_ietf_ABYTES);
static_assert(footbridge::crypto::SecretKey::kBytes == crypto_aead_chacha20poly1305_ietf_KEYBYTES);
static_assert(footbridge::crypto::kCountedNonceBytes == crypto_aead_chacha20poly1305_ietf_NPUBBYTES);
static_assert(footbridge::crypto::kAeadTagBytes == crypto_aead_chacha20poly1305_ietf_ABYTES);
static_assert(footbridge::crypto::kHmacSha256Bytes == crypto_auth_hmacsha256_BYTES);

namespace footbridge::crypto {

Bytes aead_seal(const SecretKey& key, const AeadNonce& nonce, ByteView plaintext, ByteView associated) {
  Bytes out(plaintext.size() + kAeadTagBytes);
  unsigned long long written = 0;
  const int status = crypto_aead_xchacha20poly1305_ietf_encrypt(
      as_u8(ByteSpan(out)), &written, as_u8(plaintext), plaintext.size(), as_u8(associated), associated.size(), nullptr,
      as_u8(ByteView(nonce)), as_u8(key.reveal_to_primitive()));
  FB_ASSERT(status == 0 && written == out.size());
  return out;
}

std::optional<Bytes> aead_open(const SecretKey& key, const AeadNonce& nonce, ByteView sealed, ByteView associated) {
  if (sealed.size() < kAeadTagBytes) return std::nullopt;
  Bytes out(sealed.size() - kAeadTagBytes);
  unsigned long long written = 0;
  const int status = crypto_aead_xchacha20poly1305_ietf_decrypt(
      as_u8(ByteSpan(out)), &written, nullptr, as_u8(sealed), sealed.size(), as_u8(associated), associated.size(),
      as_u8(ByteView(nonce)), as_u8(key.reveal_to_primitive()));
  if (status != 0) return std::nullopt;
  FB_ASSERT(written == out.size());
  return out;
}

Bytes aead_seal(const SecretKey& key, const CountedNonce& nonce, ByteView plaintext, ByteView associated) {
  Bytes out(plaintext.size() + kAeadTagBytes);
  unsigned long long written = 0;
  const int status = crypto_aead_chacha20poly1305_ietf_encrypt(
      as_u8(ByteSpan(out)), &written, as_u8(plaintext), plaintext.size(), as_u8(associated), associated.size(), nullptr,
      as_u8(ByteView(nonce)), as_u8(key.reveal_to_primitive()));
  FB_ASSERT(status == 0 && written == out.size());
  return out;
}

std::optional<Bytes> aead_open(const SecretKey& key, const CountedNonce& nonce, ByteView sealed, ByteView associated) {
  if (sealed.size() < kAeadTagBytes) return std::nullopt;
  Bytes out(sealed.size() - kAeadTagBytes);
  unsigned long long written = 0;
  const int status = crypto_aead_chacha20poly1305_ietf_decrypt(
      as_u8(ByteSpan(out)), &written, nullptr, as_u8(sealed), sealed.size(), as_u8(associated), associated.size(),
      as_u8(ByteView(nonce)), as_u8(key.reveal_to_primitive()));
  if (status != 0) return std::nullopt;
  FB_ASSERT(written == out.size());
  return out;
}

void blake2b(ByteSpan out, ByteView message, ByteView key) {
  FB_ASSERT(!out.empty() && out.size() <= crypto_generichash_BYTES_MAX &&
            key.size() <= crypto_generichash_KEYBYTES_MAX);
  FB_ASSERT(key.empty() || key.size() >= crypto_generichash_KEYBYTES_MIN);
  const int status = crypto_generichash(as_u8(out), out.size(), as_u8(message), message.size(),
                                        key.empty() ? nullptr : as_u8(key), key.size());
  FB_ASSERT(status == 0);
}

std::array<std::byte, kHmacSha256Bytes> hmac_sha256(ByteView key, ByteView message) {
  std::array<std::byte, kHmacSha256Bytes> out{};
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, as_u8(key), key.size());
  crypto_auth_hmacsha256_update(&state, as_u8(message), message.size());
  crypto_auth_hmacsha256_final(&state, as_u8(ByteSpan(out)));
  sodium_memzero(&state, sizeof state);
  return out;
}

void wipe(ByteSpan secret) { sodium_memzero(secret.data(), secret.size()); }

SystemRng::SystemRng() { FB_ASSERT(sodium_init() >= 0); }

void SystemRng::fill(ByteSpan out) {
  if (!out.empty()) randombytes_buf(out.data(), out.size());  // it must not be given the null of an empty span
}

}  // namespace footbridge::crypto
