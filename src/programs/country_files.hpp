// Which country an address is in, as programs that are told addresses read it at their edge (docs/ops/geoip.md).
#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "ops/geo/country_table.hpp"
#include "ops/values.hpp"

namespace footbridge {

// Where Debian's tor-geoipdb puts its two files.
inline constexpr std::array<std::string_view, 2> kGeoipFiles = {"/usr/share/tor/geoip", "/usr/share/tor/geoip6"};

// Those of --geoip; without any kGeoipFiles, those of them that are there. Throws ops::UsageError about a file that was
// named or is there, and cannot be used.
ops::CountryTable read_countries(std::vector<ops::FilePath> named);

}  // namespace footbridge
