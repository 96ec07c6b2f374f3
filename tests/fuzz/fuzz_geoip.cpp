// Geographic files: whatever is accepted is found again, from end to end and never beyond.
#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include "base/assert.hpp"
#include "ops/geo/geoip_text.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace footbridge;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  ops::CountryTable table;
  const auto status = ops::parse_geoip(text, table);
  FB_ASSERT(status.ok() || (status.error().line > 0 && !status.error().why.empty()));
  FB_ASSERT(table.ranges() <= size / 5);  // the shortest line is "0,0,??"
  for (std::size_t at = 0; at + 16 <= size && at < 256; at += 16) {
    std::array<std::uint8_t, 16> bytes{};
    std::copy_n(data + at, bytes.size(), bytes.begin());
    const auto country = table.lookup(IpAddress::v6(bytes));
    FB_ASSERT(!country.known() || table.ranges() > 0);
    FB_ASSERT(country.index() < Country::kCount);
  }
  // One line by itself says the same of its own ends.
  const auto line = text.substr(0, text.find('\n'));
  ops::CountryTable one;
  if (line.starts_with('#') || !ops::parse_geoip(line, one).ok() || one.ranges() == 0) return 0;
  ops::CountryTable twice;
  FB_ASSERT(ops::parse_geoip(line, twice).ok() && !ops::parse_geoip(line, twice).ok());  // never the same range again
  return 0;
}
