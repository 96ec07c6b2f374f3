// SymmetricState of Noise (revision 34 §5.2) with BLAKE2b: a chaining key that every shared secret goes into, and a
// hash over everything both ends have said, which each sealed part of a handshake is bound to. No bounds of its own:
// lengths are the handshake's business.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>

#include "base/bytes.hpp"
#include "crypto/noise/cipher_state.hpp"
#include "crypto/secret_bytes.hpp"
#include "crypto/x25519.hpp"

namespace footbridge::crypto::noise {

inline constexpr std::size_t kHashBytes = 64;  // BLAKE2b
using HandshakeHash = std::array<std::byte, kHashBytes>;

class SymmetricState {
 public:
  // The name is at most kHashBytes long, as all of ours are: it is padded, not hashed.
  explicit SymmetricState(std::string_view protocol_name);

  void mix_key(const SharedSecret& shared);
  void mix_hash(ByteView data);
  Bytes encrypt_and_hash(ByteView plaintext);
  std::optional<Bytes> decrypt_and_hash(ByteView sealed);

  bool has_key() const { return cipher_.has_key(); }
  const HandshakeHash& hash() const { return hash_; }
  // The initiator's direction, then the responder's.
  std::pair<CipherState, CipherState> split() const;

 private:
  using ChainingKey = SecretBytes<struct ChainingKeyTag, kHashBytes>;
  struct Derived {
    ChainingKey first;
    ChainingKey second;
  };
  Derived derive(ByteView input) const;  // HKDF of §4.3 with two outputs

  ChainingKey chaining_key_;
  HandshakeHash hash_{};
  CipherState cipher_;
};

}  // namespace footbridge::crypto::noise
