#include "core/limits/week_hours.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"

namespace footbridge::core {
namespace {

constexpr unsigned kWeekDays = 7;
constexpr std::uint32_t kWeekMinutes = kWeekDays * kDayMinutes;

std::uint32_t minute_of_week(CivilTime at) {
  constexpr std::uint32_t kThursday = 3;  // 1970-01-01
  const auto weekday = (day_of(at) + kThursday) % kWeekDays;
  return weekday * kDayMinutes + static_cast<std::uint32_t>(at.seconds % kDaySeconds / kMinuteSeconds);
}

std::uint32_t length(const Hours& hours) {
  return static_cast<std::uint32_t>(hours.until + (hours.until <= hours.from ? kDayMinutes : 0) - hours.from);
}

std::uint32_t minutes_from(std::uint32_t from, std::uint32_t to) { return (to + kWeekMinutes - from) % kWeekMinutes; }

// Calls with the minute of the week at which each stretch begins, and the stretch.
template <class F>
void each_begin(const std::vector<Hours>& hours, F&& call) {
  for (const auto& stretch : hours)
    for (std::uint32_t day = 0; day < kWeekDays; ++day)
      if ((stretch.days >> day & 1) != 0) call(day * kDayMinutes + stretch.from, stretch);
}

}  // namespace

WeekHours::WeekHours(std::vector<Hours> hours) : hours_(std::move(hours)) {
  FB_ASSERT(hours_.size() <= kMaxHours);
  for (const auto& stretch : hours_) FB_ASSERT(is_stretch(stretch));
}

bool WeekHours::open(CivilTime at) const { return hours_.empty() || open_in(minute_of_week(at)); }

bool WeekHours::open_in(std::uint32_t minute) const {
  bool open = false;
  each_begin(hours_, [&](std::uint32_t begin, const Hours& stretch) {
    open = open || minutes_from(begin, minute) < length(stretch);
  });
  return open;
}

std::optional<CivilTime> WeekHours::next_change(CivilTime at) const {
  const auto now = minute_of_week(at);
  const bool open = open_in(now);
  std::uint32_t soonest = kWeekMinutes;
  const auto look = [&](std::uint32_t minute) {
    const auto in = minutes_from(now, minute);
    if (in < soonest && open_in(minute) != open) soonest = in;  // now is as it is now, so that in > 0
  };
  each_begin(hours_, [&](std::uint32_t begin, const Hours& stretch) {
    look(begin);
    look((begin + length(stretch)) % kWeekMinutes);
  });
  if (soonest == kWeekMinutes) return std::nullopt;
  return CivilTime{(at.seconds / kMinuteSeconds + soonest) * kMinuteSeconds};
}

}  // namespace footbridge::core
