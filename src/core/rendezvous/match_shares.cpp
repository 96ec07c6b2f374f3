#include "core/rendezvous/match_shares.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace footbridge::core {
namespace {

template <class Counts>
std::uint64_t sum_of(const Counts& counts) {
  return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

}  // namespace

std::uint64_t MatchShares::Share::sum() const { return sum_of(counts); }

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

void MatchShares::matched(TimePoint now, std::uint64_t prefix, std::uint64_t client, bool newcomer) {
  turn(now);
  if (prefix != 0 && client != 0 && met_already(prefix, client)) return;
  const auto slot = static_cast<std::size_t>(slot_) % kSlots;
  ++totals_[slot];
  if (newcomer) ++newcomers_[slot];
  if (const auto share = shares_.find(prefix); share != shares_.end()) ++share->second.counts[slot];
}

bool MatchShares::exhausted(TimePoint now, std::uint64_t prefix) {
  if (live_ < kMinPrefixes || prefix == 0) return false;
  turn(now);
  const auto share = shares_.find(prefix);
  if (share == shares_.end()) return false;
  return share->second.sum() >= std::max(kAlwaysAllowed, sum_of(totals_) * kMostPerCent / 100);
}

MatchShares::Had MatchShares::had(TimePoint now, std::uint64_t prefix) {
  if (prefix == 0) return Had::Less;
  turn(now);
  const auto share = shares_.find(prefix);
  if (share == shares_.end()) return Had::Less;
  const auto mine = share->second.sum();
  if (mine >= kFreeShare && mine * live_ >= kOverShare * sum_of(totals_)) return Had::TooMuch;
  return mine > 0 && mine * live_ >= sum_of(totals_) ? Had::More : Had::Less;
}

bool MatchShares::newcomers_had_enough(TimePoint now) {
  turn(now);
  return sum_of(newcomers_) >= std::max(kAlwaysAllowed, sum_of(totals_) * kNewPerCent / 100);
}

// Both are keyed hashes already: who meets whom cannot choose its place in the table.
bool MatchShares::met_already(std::uint64_t prefix, std::uint64_t client) {
  constexpr std::uint64_t kOdd = 0x9e37'79b9'7f4a'7c15;
  auto meeting = (prefix * kOdd) ^ client ^ (static_cast<std::uint64_t>(slot_) * kOdd);
  meeting = (meeting ^ meeting >> 32) * kOdd;
  return std::exchange(met_[meeting >> 48], meeting) == meeting;
}

// Empties the slots that have left the hour.
void MatchShares::turn(TimePoint now) {
  const auto slot = static_cast<std::int64_t>(now.time_since_epoch() / kSlot);
  if (slot <= slot_) return;
  for (auto old = std::max(slot_ + 1, slot + 1 - static_cast<std::int64_t>(kSlots)); old <= slot; ++old) {
    const auto index = static_cast<std::size_t>(old) % kSlots;
    totals_[index] = newcomers_[index] = 0;
    for (auto& [prefix, share] : shares_) share.counts[index] = 0;
  }
  slot_ = slot;
  std::erase_if(shares_, [](const auto& entry) { return entry.second.waiting == 0 && entry.second.sum() == 0; });
}

}  // namespace footbridge::core
