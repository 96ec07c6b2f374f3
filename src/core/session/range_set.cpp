#include "core/session/range_set.hpp"

#include <algorithm>

namespace footbridge::core {
namespace {

// The first range that ends at or behind `position`; the one that touches it counts.
template <class Ranges>
auto first_touching(Ranges& ranges, std::uint64_t position) {
  return std::lower_bound(ranges.begin(), ranges.end(), position,
                          [](const Range& range, std::uint64_t at) { return range.end < at; });
}

}  // namespace

void RangeSet::add(Range range) {
  if (range.empty()) return;
  // What arrives in order, or is acknowledged in order, only makes the last range longer.
  if (!ranges_.empty() && ranges_.back().end == range.begin) {
    ranges_.back().end = range.end;
    return;
  }
  const auto first = first_touching(ranges_, range.begin);
  auto last = first;
  while (last != ranges_.end() && last->begin <= range.end) {
    range.begin = std::min(range.begin, last->begin);
    range.end = std::max(range.end, last->end);
    ++last;
  }
  if (first == last) {
    ranges_.insert(first, range);
    return;
  }
  *first = range;
  ranges_.erase(first + 1, last);
}

void RangeSet::remove(Range range) {
  if (range.empty()) return;
  auto at = first_touching(ranges_, range.begin);
  if (at != ranges_.end() && at->end == range.begin) ++at;
  if (at == ranges_.end() || at->begin >= range.end) return;
  if (at->begin < range.begin) {
    const Range tail{range.end, at->end};
    at->end = range.begin;
    ++at;
    if (!tail.empty()) {
      ranges_.insert(at, tail);
      return;
    }
  }
  auto last = at;
  while (last != ranges_.end() && last->end <= range.end) ++last;
  if (last != ranges_.end()) last->begin = std::max(last->begin, range.end);
  ranges_.erase(at, last);
}

bool RangeSet::contains(Range range) const { return overlap(range) == range.length(); }

std::uint64_t RangeSet::overlap(Range range) const {
  std::uint64_t sum = 0;
  for (auto at = first_touching(ranges_, range.begin); at != ranges_.end() && at->begin < range.end; ++at) {
    const auto begin = std::max(at->begin, range.begin);
    const auto end = std::min(at->end, range.end);
    if (begin < end) sum += end - begin;
  }
  return sum;
}

}  // namespace footbridge::core
