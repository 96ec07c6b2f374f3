#include "ops/geo/country_table.hpp"

#include <algorithm>
#include <optional>

namespace footbridge::ops {
namespace {

// The IPv4 address that ::ffff:192.0.2.1 stands for: a socket of both families shows its peers so.
std::optional<std::uint32_t> mapped_v4(const std::array<std::uint8_t, 16>& bytes) {
  const bool mapped = std::all_of(bytes.begin(), bytes.begin() + 10, [](std::uint8_t b) { return b == 0; }) &&
                      bytes[10] == 0xff && bytes[11] == 0xff;
  if (!mapped) return std::nullopt;
  return std::uint32_t{bytes[12]} << 24 | std::uint32_t{bytes[13]} << 16 | std::uint32_t{bytes[14]} << 8 | bytes[15];
}

}  // namespace

template <class Number>
bool CountryTable::append_to(std::vector<Range<Number>>& ranges, const Range<Number>& range) {
  if (range.high < range.low || ranges.size() >= kMaxCountryRanges) return false;
  if (!ranges.empty() && !(ranges.back().high < range.low)) return false;
  ranges.push_back(range);
  return true;
}

template <class Number>
Country CountryTable::find(const std::vector<Range<Number>>& ranges, const Number& number) {
  const auto above = std::upper_bound(ranges.begin(), ranges.end(), number,
                                      [](const Number& n, const Range<Number>& range) { return n < range.low; });
  if (above == ranges.begin()) return {};
  const auto& range = *(above - 1);
  return range.high < number ? Country{} : range.country;
}

bool CountryTable::append(const IpAddress& low, const IpAddress& high, Country country) {
  if (low.family() != high.family()) return false;
  if (low.is_v4()) return append_to(v4_, {low.v4_host_order(), high.v4_host_order(), country});
  return append_to(v6_, {low.v6_bytes(), high.v6_bytes(), country});
}

Country CountryTable::lookup(const IpAddress& address) const {
  if (address.is_v4()) return find(v4_, address.v4_host_order());
  if (const auto v4 = mapped_v4(address.v6_bytes())) return find(v4_, *v4);
  return find(v6_, address.v6_bytes());
}

}  // namespace footbridge::ops
