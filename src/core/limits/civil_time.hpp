// CivilTime: what the clock on the volunteer's wall shows, as seconds since midnight of 1970-01-01 on that clock. Days,
// months and hours of people are its days, months and hours. Where the zone changes its offset, whoever calls says the
// new one; nothing here knows any zone. Pure.
#pragma once

#include <algorithm>
#include <chrono>
#include <compare>
#include <cstdint>

#include "base/time.hpp"

namespace footbridge::core {

inline constexpr std::int64_t kMinuteSeconds = 60;
inline constexpr std::int64_t kDaySeconds = 24 * 3600;
inline constexpr std::int64_t kLastCivilSecond = 253'402'300'799;  // of the year 9999

struct CivilTime {
  std::int64_t seconds = 0;
  friend std::strong_ordering operator<=>(const CivilTime&, const CivilTime&) = default;
};

// What a zone shows that is so far east of UTC. A clock that is out of its mind shows the first or the last second.
constexpr CivilTime civil_time(UnixSeconds at, std::int32_t zone_seconds) {
  const auto wall = std::min(count(at), static_cast<std::uint64_t>(kLastCivilSecond));
  return {std::clamp(static_cast<std::int64_t>(wall) + zone_seconds, std::int64_t{0}, kLastCivilSecond)};
}

// Days since 1970-01-01, and months since 1970-01.
constexpr std::uint32_t day_of(CivilTime at) { return static_cast<std::uint32_t>(at.seconds / kDaySeconds); }

constexpr std::chrono::year_month_day date_of(CivilTime at) {
  return std::chrono::sys_days(std::chrono::days(day_of(at)));
}
constexpr std::uint32_t month_of(CivilTime at) {
  const auto date = date_of(at);
  return static_cast<std::uint32_t>((static_cast<int>(date.year()) - 1970) * 12) + unsigned{date.month()} - 1;
}
constexpr CivilTime next_midnight(CivilTime at) { return {(at.seconds / kDaySeconds + 1) * kDaySeconds}; }
constexpr CivilTime next_month(CivilTime at) {
  const auto date = date_of(at);
  const auto first = date.year() / date.month() / std::chrono::day(1) + std::chrono::months(1);
  return {std::chrono::sys_days(first).time_since_epoch().count() * kDaySeconds};
}
constexpr unsigned days_in_month(CivilTime at) {
  const auto date = date_of(at);
  return unsigned{(date.year() / date.month() / std::chrono::last).day()};
}

}  // namespace footbridge::core
