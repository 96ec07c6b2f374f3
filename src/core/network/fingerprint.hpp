// The fingerprint of a network's root: six words that two people compare, on two screens or over the telephone. Whoever
// gets the same six has the same root, so the same network, whatever the way on which the invite came.
//
// Six words of 2048 are 66 bits of BLAKE2b over a context and the key: to make another root with the same words takes
// more work than breaking into the operator's house. The words mean nothing in any language, on purpose; how they are
// made says scripts/fingerprint_words. Pure.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "wire/network.hpp"

namespace footbridge::core {

inline constexpr std::size_t kFingerprintParts = 6;
inline constexpr std::size_t kFingerprintListWords = 2048;
inline constexpr std::size_t kFingerprintWordChars = 5;

// All words in order, each with a blank behind it.
extern const std::string_view kFingerprintWords;
std::string_view fingerprint_word(std::size_t index);  // index < kFingerprintListWords

// "badaz kotem …": kFingerprintParts words with blanks between.
std::string fingerprint_of(const wire::RootKey& root);

}  // namespace footbridge::core
