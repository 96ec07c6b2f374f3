#include "core/rendezvous/live_ring.hpp"

#include <algorithm>

namespace footbridge::core {

void LiveRing::arrive(RingPoint point, std::uint64_t key) {
  if (places_.size() >= max_places_ && !places_.contains(point) && !pop_absent(TimePoint::max())) return;
  auto& polls = places_[point];
  if (polls.size() < kMostAtPlace) polls.push_back(key);
  absences_.erase(point);
}

void LiveRing::leave(TimePoint now, RingPoint point, std::uint64_t key) {
  const auto place = places_.find(point);
  if (place == places_.end() || std::erase(place->second, key) == 0) return;
  if (place->second.empty()) absences_.set(point, now + kLiveFor);
}

std::optional<RingPoint> LiveRing::pop_absent(TimePoint now) {
  const auto point = absences_.pop_due(now);
  if (point) places_.erase(*point);
  return point;
}

bool LiveRing::shows(RingPoint point, std::uint64_t key) const {
  const auto place = places_.find(point);
  return place != places_.end() && std::ranges::find(place->second, key) != place->second.end();
}

std::size_t LiveRing::slice() const {
  if (places_.empty()) return 0;
  return std::min(std::clamp(kSeenOfSmall / places_.size(), kSlice, kMostSlice), places_.size());
}

std::optional<RingPoint> LiveRing::seen_after(RingPoint point) const {
  const auto most = slice();
  if (places_.size() <= most) return std::nullopt;
  auto at = places_.lower_bound(point);
  for (std::size_t back = 0; back < most; ++back) {
    if (at == places_.begin()) at = places_.end();
    --at;
  }
  return at->first;
}

}  // namespace footbridge::core
