#include "core/rendezvous/way_order.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace footbridge::core {

WayOrder::WayOrder(std::size_t ways, std::span<const std::size_t> preferred, Rng& rng, Order kind)
    : rng_(rng), kind_(kind), states_(ways) {
  FB_ASSERT(ways >= 1 && ways <= kMaxWays);
  const auto has = [&](std::size_t way) { return std::ranges::find(order_, way) != order_.end(); };
  for (const auto way : preferred)
    if (way < ways && !has(way)) order_.push_back(way);
  const auto known = order_.size();
  for (std::size_t way = 0; way < ways; ++way)
    if (!has(way)) order_.push_back(way);
  for (auto at = order_.size(); at > known + 1; --at)
    std::swap(order_[at - 1], order_[known + static_cast<std::size_t>(rng_.between(0, at - known - 1))]);
}

std::size_t WayOrder::choose(TimePoint now) const {
  auto best = order_.front();
  for (const auto way : order_) {
    const auto& until = states_[way].left_until;
    if (!until || *until <= now) return way;
    if (*until < *states_[best].left_until) best = way;
  }
  return best;
}

bool WayOrder::worked(std::size_t way) {
  states_[way] = {};
  if (kind_ == Order::Given || order_.front() == way) return false;
  std::erase(order_, way);
  order_.insert(order_.begin(), way);
  return true;
}

void WayOrder::failed(TimePoint now, std::size_t way) {
  auto& state = states_[way];
  state.pause =
      state.pause == Duration{} ? Duration(kFirstWayPause) : std::min<Duration>(2 * state.pause, kMaxWayPause);
  const auto half = static_cast<std::uint64_t>(state.pause.count() / 2);
  state.left_until = now + Duration(static_cast<Duration::rep>(half + rng_.between(0, half)));
}

void WayOrder::on_network_change() { std::ranges::fill(states_, State{}); }

void WayOrder::prefer(std::span<const std::size_t> ways) {
  for (auto at = ways.rbegin(); at != ways.rend(); ++at) {
    std::erase(order_, *at);
    order_.insert(order_.begin(), *at);
  }
}

std::vector<std::size_t> WayOrder::failing() const {
  std::vector<std::size_t> out;
  for (std::size_t way = 0; way < states_.size(); ++way)
    if (states_[way].pause != Duration{}) out.push_back(way);
  return out;
}

void WayOrder::pass_over(TimePoint now, std::size_t way) {
  if (kind_ == Order::Given) {
    auto& until = states_[way].left_until;
    until = std::max(until.value_or(now), now + kPassedOver);
    return;
  }
  std::erase(order_, way);
  order_.push_back(way);
}

}  // namespace footbridge::core
