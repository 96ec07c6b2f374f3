#include "base/number_text.hpp"

#include <array>

namespace footbridge {
namespace {

constexpr unsigned kNoDigit = 16;

unsigned digit_of(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a') + 10;
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A') + 10;
  return kNoDigit;
}

}  // namespace

std::optional<std::uint64_t> parse_number(std::string_view text, std::uint64_t most, unsigned base) {
  if (text.empty() || text.size() > kMaxNumberChars) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : text) {
    const auto digit = digit_of(c);
    if (digit >= base || digit > most || value > (most - digit) / base) return std::nullopt;
    value = value * base + digit;
  }
  return value;
}

std::string number_text(std::uint64_t number, unsigned base) {
  std::array<char, 64> text;  // of 2^64 - 1 in base 2
  auto at = text.size();
  do {
    text[--at] = "0123456789abcdef"[number % base];
    number /= base;
  } while (number > 0);
  return {text.data() + at, text.size() - at};
}

}  // namespace footbridge
