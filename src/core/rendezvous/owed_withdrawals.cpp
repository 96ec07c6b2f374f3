#include "core/rendezvous/owed_withdrawals.hpp"

#include <utility>

namespace footbridge::core {

void OwedWithdrawals::add(TimePoint now, const ProxyId& proxy, const MatchId& match) {
  while (!order_.empty() && (order_.front().until <= now || order_.size() >= kMaxOwed)) forget_oldest();
  owed_[proxy].push_back(match);
  order_.push_back({now + kOwedFor, proxy, match});
}

std::vector<MatchId> OwedWithdrawals::take(TimePoint now, const ProxyId& proxy) {
  while (!order_.empty() && order_.front().until <= now) forget_oldest();
  const auto found = owed_.find(proxy);
  if (found == owed_.end()) return {};
  auto matches = std::move(found->second);
  owed_.erase(found);
  return matches;
}

void OwedWithdrawals::forget_oldest() {
  const auto& oldest = order_.front();
  if (const auto found = owed_.find(oldest.proxy); found != owed_.end()) {
    std::erase(found->second, oldest.match);
    if (found->second.empty()) owed_.erase(found);
  }
  order_.pop_front();
}

}  // namespace footbridge::core
