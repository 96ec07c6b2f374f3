// A 32-byte symmetric key that is wiped when it dies and cannot be printed.
#pragma once

#include <array>
#include <optional>

#include "base/bytes.hpp"
#include "base/rng.hpp"

namespace footbridge::crypto {

class SecretKey {
 public:
  static constexpr std::size_t kBytes = 32;

  static SecretKey random(Rng& rng);
  // nullopt: not exactly kBytes.
  static std::optional<SecretKey> from(ByteView bytes);

  SecretKey(const SecretKey&) = default;
  SecretKey& operator=(const SecretKey&) = default;
  ~SecretKey();

  // For primitives only.
  ByteView reveal_to_primitive() const { return raw_; }

 private:
  SecretKey() = default;
  std::array<std::byte, kBytes> raw_{};
};

}  // namespace footbridge::crypto
