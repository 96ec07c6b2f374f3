// Rng from the operating system: for keys, tokens, identifiers and jitter of real programs. Aborts when the system has
// no randomness, because no caller could go on safely. May be used from any thread.
#pragma once

#include "base/rng.hpp"

namespace footbridge::crypto {

class SystemRng final : public Rng {
 public:
  SystemRng();
  void fill(ByteSpan out) override;
};

}  // namespace footbridge::crypto
