#include "crypto/secret_key.hpp"

#include <cstring>

#include "crypto/primitives.hpp"

namespace footbridge::crypto {

SecretKey SecretKey::random(Rng& rng) {
  SecretKey key;
  rng.fill(key.raw_);
  return key;
}

std::optional<SecretKey> SecretKey::from(ByteView bytes) {
  if (bytes.size() != kBytes) return std::nullopt;
  SecretKey key;
  std::memcpy(key.raw_.data(), bytes.data(), kBytes);
  return key;
}

SecretKey::~SecretKey() { wipe(raw_); }

}  // namespace footbridge::crypto
