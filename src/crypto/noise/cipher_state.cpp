#include "crypto/noise/cipher_state.hpp"

#include <array>

#include "base/assert.hpp"
#include "crypto/primitives.hpp"

namespace footbridge::crypto::noise {
namespace {

// §12.3: 32 bits of zeros, then the number, little-endian.
CountedNonce counted(std::uint64_t nonce) {
  CountedNonce out{};
  for (std::size_t i = 0; i < 8; ++i) out[4 + i] = static_cast<std::byte>(nonce >> (8 * i));
  return out;
}

}  // namespace

Bytes CipherState::encrypt(ByteView associated, ByteView plaintext) {
  if (!key_) return to_bytes(plaintext);
  FB_ASSERT(nonce_ != kRekeyNonce);
  return aead_seal(*key_, counted(nonce_++), plaintext, associated);
}

std::optional<Bytes> CipherState::decrypt(ByteView associated, ByteView sealed) {
  if (!key_) return to_bytes(sealed);
  auto plain = decrypt_at(nonce_, associated, sealed);
  if (plain) ++nonce_;
  return plain;
}

std::optional<Bytes> CipherState::decrypt_at(std::uint64_t nonce, ByteView associated, ByteView sealed) const {
  FB_ASSERT(has_key());
  if (nonce == kRekeyNonce) return std::nullopt;
  return aead_open(*key_, counted(nonce), sealed, associated);
}

void CipherState::rekey() {
  FB_ASSERT(has_key());
  constexpr std::array<std::byte, SecretKey::kBytes> kZeros{};
  auto sealed = aead_seal(*key_, counted(kRekeyNonce), kZeros, {});
  key_ = SecretKey::from(ByteView(sealed).first(SecretKey::kBytes));
  wipe(sealed);
}

SecretKey CipherState::derive(ByteView label) const {
  FB_ASSERT(has_key());
  return SecretKey::made_by([&](ByteSpan out) { blake2b(out, label, key_->reveal_to_primitive()); });
}

}  // namespace footbridge::crypto::noise
