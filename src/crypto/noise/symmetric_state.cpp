#include "crypto/noise/symmetric_state.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "crypto/primitives.hpp"

namespace footbridge::crypto::noise {
namespace {

constexpr std::size_t kBlockBytes = 128;               // BLAKE2b's, which HMAC pads keys to
constexpr std::size_t kMaxMacInput = kHashBytes + 1;   // the longest that HKDF gives to HMAC: an output and a number
constexpr std::byte kInnerPad{0x36}, kOuterPad{0x5c};  // RFC 2104

// HMAC (RFC 2104) over BLAKE2b, as Noise wants it: not BLAKE2b's own keyed mode. `key` is one hash long.
void hmac_blake2b(ByteSpan out, ByteView key, ByteView message) {
  FB_ASSERT(key.size() == kHashBytes && message.size() <= kMaxMacInput && out.size() == kHashBytes);
  std::array<std::byte, kBlockBytes + kMaxMacInput> block;
  const auto padded = [&](std::byte pad, ByteView rest) {
    std::fill_n(block.begin(), kBlockBytes, pad);
    for (std::size_t i = 0; i < key.size(); ++i) block[i] ^= key[i];
    std::ranges::copy(rest, block.begin() + kBlockBytes);
    return ByteView(block).first(kBlockBytes + rest.size());
  };
  std::array<std::byte, kHashBytes> inner;
  blake2b(inner, padded(kInnerPad, message));
  blake2b(out, padded(kOuterPad, inner));
  wipe(inner);
  wipe(block);
}

// §5.2: the hash's first bytes are the key, where a hash is longer than a key.
SecretKey cipher_key(ByteView derived) { return *SecretKey::from(derived.first(SecretKey::kBytes)); }

HandshakeHash padded_name(std::string_view protocol_name) {
  FB_ASSERT(protocol_name.size() <= kHashBytes);
  HandshakeHash out{};
  std::ranges::copy(as_bytes(protocol_name), out.begin());
  return out;
}

}  // namespace

SymmetricState::SymmetricState(std::string_view protocol_name)
    : chaining_key_(*ChainingKey::from(padded_name(protocol_name))), hash_(padded_name(protocol_name)) {}

SymmetricState::Derived SymmetricState::derive(ByteView input) const {
  const auto temporary =
      ChainingKey::made_by([&](ByteSpan out) { hmac_blake2b(out, chaining_key_.reveal_to_primitive(), input); });
  constexpr std::array kOne{std::byte{1}};
  const auto first =
      ChainingKey::made_by([&](ByteSpan out) { hmac_blake2b(out, temporary.reveal_to_primitive(), kOne); });
  const auto second = ChainingKey::made_by([&](ByteSpan out) {
    std::array<std::byte, kHashBytes + 1> message;
    std::ranges::copy(first.reveal_to_primitive(), message.begin());
    message.back() = std::byte{2};
    hmac_blake2b(out, temporary.reveal_to_primitive(), message);
    wipe(message);
  });
  return {first, second};
}

void SymmetricState::mix_key(const SharedSecret& shared) {
  const auto derived = derive(shared.reveal_to_primitive());
  chaining_key_ = derived.first;
  cipher_ = CipherState(cipher_key(derived.second.reveal_to_primitive()));
}

void SymmetricState::mix_hash(ByteView data) {
  Bytes both;
  both.reserve(hash_.size() + data.size());
  append(both, hash_);
  append(both, data);
  blake2b(hash_, both);
}

Bytes SymmetricState::encrypt_and_hash(ByteView plaintext) {
  auto sealed = cipher_.encrypt(hash_, plaintext);
  mix_hash(sealed);
  return sealed;
}

std::optional<Bytes> SymmetricState::decrypt_and_hash(ByteView sealed) {
  auto plaintext = cipher_.decrypt(hash_, sealed);
  if (plaintext) mix_hash(sealed);
  return plaintext;
}

std::pair<CipherState, CipherState> SymmetricState::split() const {
  const auto derived = derive({});
  return {CipherState(cipher_key(derived.first.reveal_to_primitive())),
          CipherState(cipher_key(derived.second.reveal_to_primitive()))};
}

}  // namespace footbridge::crypto::noise
