// SHA-256 over bytes as they come (libsodium).
#pragma once

#include <array>
#include <sodium/crypto_hash_sha256.h>
#include <string>

#include "base/bytes.hpp"
#include "base/encoding.hpp"

namespace footbridge {

class Sha256 {
 public:
  Sha256() { crypto_hash_sha256_init(&state_); }
  void add(ByteView bytes) { crypto_hash_sha256_update(&state_, as_u8(bytes), bytes.size()); }
  // One of these, once, at the end.
  std::array<std::byte, crypto_hash_sha256_BYTES> sum() {
    std::array<std::byte, crypto_hash_sha256_BYTES> out{};
    crypto_hash_sha256_final(&state_, as_u8(ByteSpan(out)));
    return out;
  }
  std::string hex() { return encode_hex(sum()); }

 private:
  crypto_hash_sha256_state state_;
};

}  // namespace footbridge
