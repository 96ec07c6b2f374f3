// Whole numbers as protocols write them: digits alone, without sign or spaces. One small reader and one small writer of
// all numbers in what the browser's core reads and writes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace footbridge {

inline constexpr std::size_t kMaxNumberChars = 20;  // of 2^64 - 1 in decimal

// Digits of `base`, 2 to 16, in either case; zeros may come first. nullopt: none, anything else among them, more than
// kMaxNumberChars, or above `most`.
std::optional<std::uint64_t> parse_number(std::string_view text, std::uint64_t most, unsigned base = 10);

// In lower case, without zeros in front.
std::string number_text(std::uint64_t number, unsigned base = 10);

}  // namespace footbridge
