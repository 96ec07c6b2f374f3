#include "sim/link.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace footbridge::sim {

namespace {

constexpr std::uint64_t kNanosPerSecond = 1'000'000'000;

}  // namespace

Link::Link(const LinkWeather& weather, std::uint64_t seed) : weather_(weather), rng_(seed) {
  FB_ASSERT(weather.fragment_bytes > 0);
}

bool Link::chance(double probability) {
  if (probability <= 0) return false;
  constexpr double kSteps = 9007199254740992.0;  // 2^53: every double below one is a whole number of these
  return static_cast<double>(rng_.next_u64() >> 11) < probability * kSteps;
}

Duration Link::up_to(Duration most) {
  if (most <= Duration{}) return {};
  return Duration(static_cast<Duration::rep>(rng_.between(0, static_cast<std::uint64_t>(most.count()))));
}

bool Link::loses(std::size_t fragments) {
  bool lost = false;
  for (; fragments > 0; --fragments) {
    if (chance(weather_.loss)) lost = true;
    if (weather_.bursts.enter <= 0) continue;
    in_burst_ = in_burst_ ? !chance(weather_.bursts.leave) : chance(weather_.bursts.enter);
    if (in_burst_ && chance(weather_.bursts.loss)) lost = true;
  }
  return lost;
}

std::size_t Link::queued_bytes(TimePoint now) const {
  if (weather_.bytes_per_second == 0 || busy_until_ <= now) return 0;
  const auto wait = static_cast<double>((busy_until_ - now).count());
  return static_cast<std::size_t>(wait * static_cast<double>(weather_.bytes_per_second) / kNanosPerSecond);
}

std::span<const TimePoint> Link::send(TimePoint now, std::size_t bytes) {
  ++counters_.sent;
  if (bytes > weather_.max_message_bytes) {
    ++counters_.too_long;
    return {};
  }
  if (cut_) {
    ++counters_.cut;
    return {};
  }
  const auto fragments = std::max<std::size_t>(1, (bytes + weather_.fragment_bytes - 1) / weather_.fragment_bytes);
  const auto wire_bytes = bytes + fragments * weather_.overhead_bytes;
  auto leaves = now;
  if (weather_.bytes_per_second != 0) {
    if (queued_bytes(now) + wire_bytes > weather_.queue_bytes) {
      ++counters_.dropped;
      return {};
    }
    const auto nanos = wire_bytes * kNanosPerSecond / weather_.bytes_per_second;
    busy_until_ = std::max(busy_until_, now) + Duration(static_cast<Duration::rep>(nanos));
    leaves = busy_until_;
  }
  counters_.wire_bytes += wire_bytes;
  if (loses(fragments)) {
    ++counters_.lost;
    return {};
  }
  auto at = leaves + weather_.delay + up_to(weather_.jitter);
  if (weather_.keeps_order) last_arrival_ = at = std::max(at, last_arrival_);
  if (chance(weather_.reordered)) {
    ++counters_.held_back;
    at += up_to(weather_.held_back);
  }
  arrivals_[0] = at;
  if (!chance(weather_.duplicates)) return std::span(arrivals_).first(1);
  ++counters_.doubled;
  arrivals_[1] = at + up_to(weather_.held_back);
  return arrivals_;
}

}  // namespace footbridge::sim
