#include "programs/country_files.hpp"

#include <filesystem>
#include <string>
#include <system_error>

#include "ops/geo/geoip_text.hpp"

namespace footbridge {

ops::CountryTable read_countries(std::vector<ops::FilePath> named) {
  if (named.empty())
    for (const auto path : kGeoipFiles)
      if (std::error_code ignored; std::filesystem::exists(path, ignored)) named.push_back({std::string(path)});
  return ops::read_geoip_files("--geoip", named);
}

}  // namespace footbridge
