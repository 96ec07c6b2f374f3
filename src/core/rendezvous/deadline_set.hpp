// DeadlineSet: one deadline per key, earliest first. Setting a key again moves it.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "base/time.hpp"

namespace footbridge::core {

template <class Key>
class DeadlineSet {
 public:
  DeadlineSet() = default;
  DeadlineSet(DeadlineSet&&) noexcept = default;
  DeadlineSet& operator=(DeadlineSet&&) noexcept = default;

  void set(const Key& key, TimePoint at) {
    const auto [place, added] = places_.try_emplace(key);
    if (!added) order_.erase(place->second);
    // Most deadlines are the last when they are set: all of one kind are as far away.
    place->second = order_.emplace_hint(order_.end(), at, key);
  }
  void erase(const Key& key) {
    const auto found = places_.find(key);
    if (found == places_.end()) return;
    order_.erase(found->second);
    places_.erase(found);
  }
  bool contains(const Key& key) const { return places_.contains(key); }
  std::size_t size() const { return places_.size(); }
  std::optional<TimePoint> earliest() const {
    return order_.empty() ? std::nullopt : std::optional(order_.begin()->first);
  }
  // The next key whose deadline has come, removed from the set; nullopt: none (any more).
  std::optional<Key> pop_due(TimePoint now) {
    if (order_.empty() || order_.begin()->first > now) return std::nullopt;
    const Key key = order_.begin()->second;
    erase(key);
    return key;
  }

 private:
  using Order = std::set<std::pair<TimePoint, Key>>;
  Order order_;
  std::map<Key, typename Order::iterator> places_;
};

}  // namespace footbridge::core
