// A set of half-open ranges of positions, kept sorted, disjoint and not touching. Small in practice: one range per
// hole. Bounds: none of its own; who fills it from a peer looks at size() first. Thread: one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace footbridge::core {

struct Range {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;  // first position behind
  std::uint64_t length() const { return end - begin; }
  bool empty() const { return begin >= end; }
  friend bool operator==(const Range&, const Range&) = default;
};

class RangeSet {
 public:
  void add(Range range);
  void remove(Range range);
  void remove_below(std::uint64_t position) { remove({0, position}); }
  void clear() { ranges_.clear(); }

  bool empty() const { return ranges_.empty(); }
  std::size_t size() const { return ranges_.size(); }
  const std::vector<Range>& ranges() const { return ranges_; }
  const Range& front() const { return ranges_.front(); }
  bool contains(Range range) const;
  // How many positions of `range` are in the set.
  std::uint64_t overlap(Range range) const;

 private:
  std::vector<Range> ranges_;
};

}  // namespace footbridge::core
