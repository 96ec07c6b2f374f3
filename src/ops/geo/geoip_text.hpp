// The text files of Debian's tor-geoipdb: a line for each range of addresses, "LOW,HIGH,CC", both ends included, lines
// in ascending order; '#' begins a comment. IPv4 ends are decimal numbers, IPv6 ends text; one file may hold both. A
// code of two letters is a country; "??", and codes with a digit, which mean no place, are unknown.
//
// Bounds: a file ≤ kMaxGeoipBytes, a line of data ≤ kMaxGeoipLine. Errors: nothing is guessed, one wrong line refuses
// the whole file: half a table would call people unknown, or of another country, without a word.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "ops/geo/country_table.hpp"
#include "ops/values.hpp"

namespace footbridge::ops {

inline constexpr std::size_t kMaxGeoipBytes = 64 * 1024 * 1024;  // three times the larger file of today
inline constexpr std::size_t kMaxGeoipLine = 2 * 45 + 2 + 2;     // two of the longest IPv6 texts, commas, a code

struct GeoipMistake {
  std::size_t line = 0;  // from 1
  std::string_view why;  // completes "line N …"
};

// Adds what `text` says to `into`, which is to be thrown away after a mistake.
Status<GeoipMistake> parse_geoip(std::string_view text, CountryTable& into);

// All of these files together. Throws UsageError naming `option`, the file and what is wrong with it.
CountryTable read_geoip_files(std::string_view option, std::span<const FilePath> files);

}  // namespace footbridge::ops
