#include "crypto/noise/pattern.hpp"

#include <array>

#include "base/assert.hpp"

namespace footbridge::crypto::noise {
namespace {

using enum Token;
using Message = std::span<const Token>;

constexpr std::array kEAndEs{E, ES};
constexpr std::array kEAndEe{E, EE};
constexpr std::array kSAndSe{S, SE};
constexpr std::array kIkFirst{E, ES, S, SS};
constexpr std::array kIkSecond{E, EE, SE};

constexpr std::array<Message, 2> kIk{kIkFirst, kIkSecond};
constexpr std::array<Message, 2> kNk{kEAndEs, kEAndEe};
constexpr std::array<Message, 3> kXk{kEAndEs, kEAndEe, kSAndSe};

constexpr PatternShape kIkShape{"Noise_IK_25519_ChaChaPoly_BLAKE2b", kIk, true};
constexpr PatternShape kNkShape{"Noise_NK_25519_ChaChaPoly_BLAKE2b", kNk, false};
constexpr PatternShape kXkShape{"Noise_XK_25519_ChaChaPoly_BLAKE2b", kXk, true};

}  // namespace

const PatternShape& shape_of(Pattern pattern) {
  switch (pattern) {
    case Pattern::IK: return kIkShape;
    case Pattern::NK: return kNkShape;
    case Pattern::XK: return kXkShape;
  }
  FB_ASSERT(false);
  return kNkShape;
}

}  // namespace footbridge::crypto::noise
