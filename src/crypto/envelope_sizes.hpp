// How long a sealed body is. All bodies of one size class look alike: a class is chosen by the least length that a body
// needs, and its length is then drawn evenly from the whole class, whatever the body needed. So a length tells its
// class and nothing more, however often the same thing is said, and no length comes more often than another (spec 10
// §6). Pure; randomness is an argument.
#pragma once

#include <array>
#include <cstddef>

#include "base/rng.hpp"

namespace footbridge::crypto {

// SEAL-B1: the largest class's end. Listeners and fronts take no larger body.
inline constexpr std::size_t kMaxEnvelopeBytes = 80 * 1024;
// SEAL-B2: the smallest class's beginning: a poll, an empty reply and an offer with one usual SDP are of one class.
inline constexpr std::size_t kMinEnvelopeBytes = 2 * 1024;

struct EnvelopeSizeClass {
  std::size_t least = 0;
  std::size_t most = 0;
};

inline constexpr std::array<EnvelopeSizeClass, 6> kEnvelopeSizeClasses{{{kMinEnvelopeBytes, 4 * 1024 - 1},
                                                                        {4 * 1024, 8 * 1024 - 1},
                                                                        {8 * 1024, 16 * 1024 - 1},
                                                                        {16 * 1024, 32 * 1024 - 1},
                                                                        {32 * 1024, 64 * 1024 - 1},
                                                                        {64 * 1024, kMaxEnvelopeBytes}}};
// What fits into the last class whatever is drawn.
inline constexpr std::size_t kMaxNeededBytes = kEnvelopeSizeClasses.back().least;

// The class of a body that needs at least `needed` bytes, of which there are kMaxNeededBytes at most.
const EnvelopeSizeClass& envelope_size_class(std::size_t needed);
// Its length: from needed's class, evenly.
std::size_t draw_envelope_size(std::size_t needed, Rng& rng);

}  // namespace footbridge::crypto
