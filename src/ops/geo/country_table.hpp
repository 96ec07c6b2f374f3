// CountryTable: which country an address is said to be in. Sorted ranges, found by binary search; what lies in none of
// them is unknown. Filled once in ascending order, then only read. Memory: 12 bytes for a range of IPv4 addresses, 34
// for one of IPv6; at most kMaxCountryRanges of each. Threads: any, once it is filled.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/address.hpp"
#include "base/country.hpp"

namespace footbridge::ops {

// Five times what is known of the whole internet today: 80 MB at most.
inline constexpr std::size_t kMaxCountryRanges = 2'000'000;

class CountryTable {
 public:
  // An IPv4 address inside an IPv6 one (RFC 4291 §2.5.5.2) is looked up as what it is.
  Country lookup(const IpAddress& address) const;

  // Both ends are included. False, and nothing has changed: the families differ, the range is upside down, does not lie
  // above all earlier ones of its family, or is one too many.
  [[nodiscard]] bool append(const IpAddress& low, const IpAddress& high, Country country);
  std::size_t ranges() const { return v4_.size() + v6_.size(); }

 private:
  template <class Number>
  struct Range {
    Number low;
    Number high;
    Country country;
  };
  using V6Number = std::array<std::uint8_t, 16>;
  template <class Number>
  static bool append_to(std::vector<Range<Number>>& ranges, const Range<Number>& range);
  template <class Number>
  static Country find(const std::vector<Range<Number>>& ranges, const Number& number);

  std::vector<Range<std::uint32_t>> v4_;
  std::vector<Range<V6Number>> v6_;
};

}  // namespace footbridge::ops
