// SecretBytes<Tag, N>: N bytes of key material that are wiped when they die and cannot be printed or compared. Keys of
// different use are different types. A copy is a second secret, which wipes itself too. May be used from any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstring>
#include <optional>

#include "base/bytes.hpp"
#include "base/rng.hpp"

namespace footbridge::crypto {

// Overwrites memory in a way no optimiser removes. Part of the port (crypto/primitives.hpp).
void wipe(ByteSpan secret);

template <class Tag, std::size_t N>
class SecretBytes {
 public:
  static constexpr std::size_t kBytes = N;

  static SecretBytes random(Rng& rng) {
    return made_by([&](ByteSpan out) { rng.fill(out); });
  }
  // nullopt: not exactly kBytes.
  static std::optional<SecretBytes> from(ByteView bytes) {
    if (bytes.size() != N) return std::nullopt;
    return made_by([&](ByteSpan out) { std::memcpy(out.data(), bytes.data(), N); });
  }
  // `fill` writes the kBytes in place, so that no second copy of them is left behind.
  template <class Fill>
  static SecretBytes made_by(Fill&& fill) {
    SecretBytes out;
    fill(ByteSpan(out.raw_));
    return out;
  }

  SecretBytes(const SecretBytes&) = default;
  SecretBytes& operator=(const SecretBytes&) = default;
  ~SecretBytes() { wipe(raw_); }

  // For primitives, and for the file that a key lives in.
  ByteView reveal_to_primitive() const { return raw_; }

 private:
  SecretBytes() = default;
  std::array<std::byte, N> raw_{};
};

}  // namespace footbridge::crypto
