// PrefixBudget: how many proxy slots each client prefix holds right now. Remembers only prefixes that hold some, so
// it is bounded by the slots there are. One thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>

#include "base/assert.hpp"

namespace footbridge::core {

class PrefixBudget {
 public:
  explicit PrefixBudget(std::uint32_t most) : most_(most) {}

  // Who holds more already keeps it.
  void set_most(std::uint32_t most) { most_ = most; }

  // Takes up to `wanted` units and answers how many.
  std::uint32_t take(std::uint64_t prefix, std::uint32_t wanted) {
    const auto found = held_.find(prefix);
    const auto held = found == held_.end() ? 0 : found->second;
    const auto granted = std::min(wanted, most_ - std::min(most_, held));
    if (granted > 0) held_[prefix] = held + granted;
    return granted;
  }
  void give_back(std::uint64_t prefix, std::uint32_t units) {
    if (units == 0) return;
    const auto found = held_.find(prefix);
    FB_ASSERT(found != held_.end() && found->second >= units);
    found->second -= units;
    if (found->second == 0) held_.erase(found);
  }
  std::uint32_t held(std::uint64_t prefix) const {
    const auto found = held_.find(prefix);
    return found == held_.end() ? 0 : found->second;
  }
  std::size_t prefixes() const { return held_.size(); }

 private:
  std::uint32_t most_;
  std::map<std::uint64_t, std::uint32_t> held_;
};

}  // namespace footbridge::core
