#include "core/rendezvous/live_ring.hpp"

#include "base/assert.hpp"

namespace footbridge::core {

void LiveRing::arrive(RingPoint point, std::uint64_t key, std::uint64_t prefix) {
  FB_ASSERT(key != 0);
  if (const auto spot = spots_.find(point); spot != spots_.end()) {
    spot->second.key = key;
    return absences_.erase(point);
  }
  if (prefix != 0) {
    const auto count = of_prefix_.find(prefix);
    if (count != of_prefix_.end() && count->second >= kMaxOfPrefix) return;
    ++of_prefix_[prefix];
  }
  spots_.emplace(point, Spot{key, prefix});
}

void LiveRing::leave(TimePoint now, RingPoint point, std::uint64_t key) {
  const auto spot = spots_.find(point);
  if (spot == spots_.end() || spot->second.key != key) return;
  spot->second.key = 0;
  absences_.set(point, now + kLiveFor);
}

std::optional<RingPoint> LiveRing::pop_absent(TimePoint now) {
  const auto point = absences_.pop_due(now);
  if (!point) return std::nullopt;
  const auto spot = spots_.find(*point);
  if (const auto count = of_prefix_.find(spot->second.prefix); count != of_prefix_.end() && --count->second == 0)
    of_prefix_.erase(count);
  spots_.erase(spot);
  return point;
}

std::size_t LiveRing::slice() const {
  if (spots_.empty()) return 0;
  return std::min(std::clamp(kSeenOfSmall / spots_.size(), kSlice, kMostSlice), spots_.size());
}

std::optional<RingPoint> LiveRing::seen_after(RingPoint point) const {
  const auto most = slice();
  if (spots_.size() <= most) return std::nullopt;
  auto at = spots_.lower_bound(point);
  for (std::size_t back = 0; back < most; ++back) {
    if (at == spots_.begin()) at = spots_.end();
    --at;
  }
  return at->first;
}

}  // namespace footbridge::core
