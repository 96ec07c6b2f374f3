#include "observe/rate_limit.hpp"

#include <algorithm>
#include <utility>

namespace footbridge::observe {

std::optional<std::uint64_t> RateLimit::admit(TimePoint now, std::string_view event, Level level) {
  const bool debug = level == Level::Debug;
  const auto burst = debug ? kDebugBurst : kEventBurst;
  const Duration refill = debug ? Duration(kDebugRefill) : Duration(kEventRefill);
  auto& bucket = bucket_of(now, event, burst);
  if (now > bucket.refilled_at) {
    const auto earned = static_cast<std::uint64_t>((now - bucket.refilled_at) / refill);
    bucket.tokens = static_cast<std::uint32_t>(std::min<std::uint64_t>(burst, bucket.tokens + earned));
    // A full bucket earns nothing: the next refill counts from the moment it is no longer full.
    bucket.refilled_at = bucket.tokens == burst ? now : bucket.refilled_at + refill * static_cast<std::int64_t>(earned);
  }
  if (bucket.tokens == 0) {
    ++bucket.suppressed;
    return std::nullopt;
  }
  --bucket.tokens;
  return std::exchange(bucket.suppressed, 0);
}

RateLimit::Bucket& RateLimit::bucket_of(TimePoint now, std::string_view event, std::uint32_t burst) {
  if (const auto found = buckets_.find(event); found != buckets_.end()) return found->second;
  const std::string key = buckets_.size() < kMaxEventNames ? std::string(event) : std::string();
  return buckets_.try_emplace(key, Bucket{burst, now, 0}).first->second;
}

}  // namespace footbridge::observe
