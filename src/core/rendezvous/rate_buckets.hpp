// RateBuckets: how often each key may do something: a token every `interval`, at most `burst` of them saved. A bucket
// is the time at which it will be full again, so nothing is refilled by a timer and nothing is ever set back: over any
// span a key gets burst + span / interval at most. A full bucket is forgotten, which changes nothing.
//
// Bounds: kMaxKeys; when that many are not full, further keys are refused. One thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>

#include "base/time.hpp"
#include "core/rendezvous/deadline_set.hpp"

namespace footbridge::core {

class RateBuckets {
 public:
  static constexpr std::size_t kMaxKeys = 65'536;

  RateBuckets(Duration interval, std::uint32_t burst) : interval_(interval), depth_(interval * burst) {}

  // Takes a token. Otherwise how long until there will be one.
  std::optional<Duration> take(TimePoint now, std::uint64_t key) {
    while (const auto full = full_at_.pop_due(now)) buckets_.erase(*full);
    const auto found = buckets_.find(key);
    const auto full = std::max(now, found == buckets_.end() ? now : found->second) + interval_;
    if (full - now > depth_) return full - now - depth_;
    if (found == buckets_.end() && buckets_.size() >= kMaxKeys) return interval_;
    buckets_[key] = full;
    full_at_.set(key, full);
    return std::nullopt;
  }
  // How long until there is a token; nullopt: there is one. Takes none.
  std::optional<Duration> wait(TimePoint now, std::uint64_t key) const {
    const auto found = buckets_.find(key);
    if (found == buckets_.end() || found->second + interval_ <= now + depth_) return std::nullopt;
    return found->second + interval_ - now - depth_;
  }
  std::size_t keys() const { return buckets_.size(); }

 private:
  Duration interval_;
  Duration depth_;
  std::map<std::uint64_t, TimePoint> buckets_;
  DeadlineSet<std::uint64_t> full_at_;
};

}  // namespace footbridge::core
