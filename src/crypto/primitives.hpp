// The primitives our protocols stand on, as a port chosen at link time: crypto_sodium implements it natively; a browser
// build links an implementation that imports the same functions. Nothing here keeps state; all of it may be called from
// any thread.
//   AEAD      XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha §2, over RFC 8439): 24-byte nonces may be drawn at random
//   AEAD      ChaCha20-Poly1305 (RFC 8439): 12-byte nonces must be counted, never drawn
//   hash      BLAKE2b (RFC 7693), 1..64 bytes out, optionally keyed
//   MAC       HMAC-SHA256 (RFC 2104), for protocols of others that ask for it
// Key agreement and signatures are in crypto/x25519.hpp and crypto/ed25519.hpp, and belong to the same port.
#pragma once

#include <array>
#include <cstddef>
#include <optional>

#include "base/bytes.hpp"
#include "crypto/secret_key.hpp"

namespace footbridge::crypto {

inline constexpr std::size_t kAeadNonceBytes = 24;
inline constexpr std::size_t kAeadTagBytes = 16;
using AeadNonce = std::array<std::byte, kAeadNonceBytes>;

// Ciphertext followed by its tag.
Bytes aead_seal(const SecretKey& key, const AeadNonce& nonce, ByteView plaintext, ByteView associated);
// nullopt: forged, cut, or sealed under something else; which one must stay unknown.
std::optional<Bytes> aead_open(const SecretKey& key, const AeadNonce& nonce, ByteView sealed, ByteView associated);

inline constexpr std::size_t kCountedNonceBytes = 12;
using CountedNonce = std::array<std::byte, kCountedNonceBytes>;

// The same two with RFC 8439's nonce. One nonce twice under one key gives both plaintexts and forgeries away.
Bytes aead_seal(const SecretKey& key, const CountedNonce& nonce, ByteView plaintext, ByteView associated);
std::optional<Bytes> aead_open(const SecretKey& key, const CountedNonce& nonce, ByteView sealed, ByteView associated);

// Fills `out` (1..64 bytes) with the hash of `message`; `key` is empty or 16..64 bytes.
void blake2b(ByteSpan out, ByteView message, ByteView key = {});

template <std::size_t N>
std::array<std::byte, N> blake2b(ByteView message, ByteView key = {}) {
  std::array<std::byte, N> out{};
  blake2b(out, message, key);
  return out;
}

inline constexpr std::size_t kHmacSha256Bytes = 32;
// `key` may have any length.
std::array<std::byte, kHmacSha256Bytes> hmac_sha256(ByteView key, ByteView message);

}  // namespace footbridge::crypto
