// Country: where an address is said to be, as two capital letters (ISO 3166-1 alpha-2, and the few that data of the
// regional registries add, such as EU), or unknown, which is written "??". Two bytes, a plain value: of a requester
// only this travels on from the broker's edge, never the address. No I/O, no names of countries.
//
// It says something about a person, so it has no formatter: no log line and no metric shows one requester's country, and
// nobody else is told. Sums over many may be shown, none below eight. One screen is excepted: that of whoever lends a
// client a connection shows its country while it is there (spec 01 §6); he sees the client's address anyhow.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace footbridge {

class Country {
 public:
  static constexpr std::size_t kLetters = 26;
  // Values of index(): for tables with a place for each.
  static constexpr std::size_t kCount = 1 + kLetters * kLetters;

  constexpr Country() = default;  // unknown

  // "DE", or "??" for unknown. Anything else, small letters and digits too, is nullopt.
  static constexpr std::optional<Country> parse(std::string_view text) {
    if (text == "??") return Country{};
    if (text.size() != 2 || !is_letter(text[0]) || !is_letter(text[1])) return std::nullopt;
    return Country(static_cast<std::uint16_t>(1 + (text[0] - 'A') * static_cast<int>(kLetters) + (text[1] - 'A')));
  }
  // The inverse of index(); nullopt from kCount on.
  static constexpr std::optional<Country> from_index(std::size_t index) {
    if (index >= kCount) return std::nullopt;
    return Country(static_cast<std::uint16_t>(index));
  }

  constexpr bool known() const { return index_ != 0; }
  constexpr std::size_t index() const { return index_; }  // 0: unknown
  std::string to_text() const {
    if (!known()) return "??";
    const auto letters = static_cast<std::size_t>(index_ - 1);
    return {static_cast<char>('A' + letters / kLetters), static_cast<char>('A' + letters % kLetters)};
  }

  friend constexpr std::strong_ordering operator<=>(const Country&, const Country&) = default;

 private:
  explicit constexpr Country(std::uint16_t index) : index_(index) {}
  static constexpr bool is_letter(char c) { return c >= 'A' && c <= 'Z'; }

  std::uint16_t index_ = 0;
};

// What rules about countries ask: two unknown ones are not the same.
constexpr bool same_country(Country a, Country b) { return a.known() && a == b; }

}  // namespace footbridge
