#include "core/egress/stream_limits.hpp"

#include <algorithm>
#include <chrono>

#include "base/assert.hpp"

namespace footbridge::core {
namespace {

std::int64_t second_of(TimePoint at) {
  return std::chrono::duration_cast<std::chrono::seconds>(at.time_since_epoch()).count();
}
std::size_t slot_of(std::int64_t second, std::size_t slots) {
  return static_cast<std::size_t>(second % static_cast<std::int64_t>(slots));
}

}  // namespace

std::string_view name(StreamVerdict verdict) {
  switch (verdict) {
    case StreamVerdict::Allowed: return "allowed";
    case StreamVerdict::TooManyStreams: return "too-many-streams";
    case StreamVerdict::TooManyFailures: return "too-many-failures";
    case StreamVerdict::TooManyDestinations: return "too-many-destinations";
  }
  FB_ASSERT(false);
}

void MinuteCount::forget(TimePoint now) {
  const auto second = second_of(now);
  FB_ASSERT(second >= 0);
  const auto passed = std::min<std::int64_t>(second - newest_second_, kSlots);
  for (std::int64_t i = 0; i < passed; ++i) {
    auto& slot = slots_[slot_of(second - i, kSlots)];
    total_ -= slot;
    slot = 0;
  }
  newest_second_ = std::max(newest_second_, second);
}

void MinuteCount::add(TimePoint now) {
  forget(now);
  auto& slot = slots_[slot_of(newest_second_, kSlots)];
  if (slot == UINT16_MAX) return;  // far above every limit already
  ++slot;
  ++total_;
}

std::size_t MinuteCount::total(TimePoint now) {
  forget(now);
  return total_;
}

StreamVerdict StreamLimits::on_open(TimePoint now) {
  if (open_streams() >= kMaxConcurrentStreams) return StreamVerdict::TooManyStreams;
  if (failed_.total(now) + unanswered_ >= kMaxFailedDestinationsPerMinute) return StreamVerdict::TooManyFailures;
  if (destinations_.total(now) >= kMaxDestinationsPerMinute) return StreamVerdict::TooManyDestinations;
  destinations_.add(now);
  ++unanswered_;
  return StreamVerdict::Allowed;
}

void StreamLimits::on_connected() {
  FB_ASSERT(unanswered_ > 0);
  --unanswered_;
  ++connected_;
}

void StreamLimits::on_failed(TimePoint now) {
  FB_ASSERT(unanswered_ > 0);
  --unanswered_;
  failed_.add(now);
}

void StreamLimits::on_bridge_failed() {
  FB_ASSERT(unanswered_ > 0);
  --unanswered_;
}

void StreamLimits::on_closed() {
  FB_ASSERT(connected_ > 0);
  --connected_;
}

}  // namespace footbridge::core
