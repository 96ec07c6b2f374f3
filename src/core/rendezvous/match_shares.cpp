#include "core/rendezvous/match_shares.hpp"

#include <algorithm>
#include <numeric>

namespace footbridge::core {

std::uint64_t MatchShares::Share::sum() const {
  return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

void MatchShares::came(std::uint64_t prefix) {
  if (prefix == 0 || (shares_.size() >= kMaxPrefixes && !shares_.contains(prefix))) return;
  if (++shares_[prefix].waiting == 1) ++live_;
}

void MatchShares::went(std::uint64_t prefix) {
  const auto share = shares_.find(prefix);
  if (share == shares_.end() || share->second.waiting == 0) return;
  if (--share->second.waiting > 0) return;
  --live_;
  if (share->second.sum() == 0) shares_.erase(share);
}

void MatchShares::matched(TimePoint now, std::uint64_t prefix) {
  turn(now);
  const auto slot = static_cast<std::size_t>(slot_) % kSlots;
  ++totals_[slot];
  if (const auto share = shares_.find(prefix); share != shares_.end()) ++share->second.counts[slot];
}

bool MatchShares::exhausted(TimePoint now, std::uint64_t prefix) {
  if (live_ < kMinPrefixes || prefix == 0) return false;
  turn(now);
  const auto share = shares_.find(prefix);
  if (share == shares_.end()) return false;
  const auto all = std::accumulate(totals_.begin(), totals_.end(), std::uint64_t{0});
  return share->second.sum() >= std::max(kAlwaysAllowed, all * kMostPerCent / 100);
}

// Empties the slots that have left the hour.
void MatchShares::turn(TimePoint now) {
  const auto slot = static_cast<std::int64_t>(now.time_since_epoch() / kSlot);
  if (slot <= slot_) return;
  for (auto old = std::max(slot_ + 1, slot + 1 - static_cast<std::int64_t>(kSlots)); old <= slot; ++old) {
    const auto index = static_cast<std::size_t>(old) % kSlots;
    totals_[index] = 0;
    for (auto& [prefix, share] : shares_) share.counts[index] = 0;
  }
  slot_ = slot;
  std::erase_if(shares_, [](const auto& entry) { return entry.second.waiting == 0 && entry.second.sum() == 0; });
}

}  // namespace footbridge::core
