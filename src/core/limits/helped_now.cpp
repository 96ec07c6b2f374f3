#include "core/limits/helped_now.hpp"

#include "base/assert.hpp"

namespace footbridge::core {

void HelpedNow::add(PersonNumber number, Country country) {
  std::size_t at = 0;
  while (at < count_ && people_[at].number != number) ++at;
  if (at == count_) {
    FB_ASSERT(count_ < kMost);
    people_[count_++] = {number, country};
  } else if (!people_[at].country.known()) {
    people_[at].country = country;
  }
}

std::span<const HelpedNow::In> HelpedNow::by_country(std::span<In, kMost> out) const {
  std::size_t count = 0;
  for (std::size_t person = 0; person < count_; ++person) {
    const auto country = people_[person].country;
    std::size_t at = 0;
    while (at < count && out[at].country < country) ++at;
    if (at == count || out[at].country != country) {
      for (auto last = count++; last > at; --last) out[last] = out[last - 1];
      out[at] = {country, 0};
    }
    ++out[at].people;
  }
  return out.first(count);
}

}  // namespace footbridge::core
