// A token bucket for each event name: what a peer can provoke must not fill a disk or hide the rest of the log.
// Time is an argument. Not thread-safe: the logger calls it under its lock.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"
#include "observe/level.hpp"

namespace footbridge::observe {

// Five lines show a pattern; one more each half minute shows that it lasts (120 an hour at worst).
inline constexpr std::uint32_t kEventBurst = 5;
inline constexpr Seconds kEventRefill{30};
// Somebody who asks for debug wants to see each event, but not a full disk: 20 a second are 170 MB a day at most.
inline constexpr std::uint32_t kDebugBurst = 200;
inline constexpr Millis kDebugRefill{50};
// Event names are literals in our code, so this is reached only by a bug; the rest then shares one bucket.
inline constexpr std::size_t kMaxEventNames = 512;

class RateLimit {
 public:
  // The number of events swallowed since the last one let through; nullopt: swallow this one too.
  std::optional<std::uint64_t> admit(TimePoint now, std::string_view event, Level level);

 private:
  struct Bucket {
    std::uint32_t tokens = 0;
    TimePoint refilled_at{};
    std::uint64_t suppressed = 0;
  };
  Bucket& bucket_of(TimePoint now, std::string_view event, std::uint32_t burst);
  std::map<std::string, Bucket, std::less<>> buckets_;
};

}  // namespace footbridge::observe
