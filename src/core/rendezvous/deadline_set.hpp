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
  void set(const Key& key, TimePoint at) {
    erase(key);
    at_.emplace(key, at);
    order_.emplace(at, key);
  }
  void erase(const Key& key) {
    const auto found = at_.find(key);
    if (found == at_.end()) return;
    order_.erase({found->second, key});
    at_.erase(found);
  }
  bool contains(const Key& key) const { return at_.contains(key); }
  std::size_t size() const { return at_.size(); }
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
  std::map<Key, TimePoint> at_;
  std::set<std::pair<TimePoint, Key>> order_;
};

}  // namespace footbridge::core
