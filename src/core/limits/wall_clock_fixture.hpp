// Clocks on walls, for the tests of this folder.
#pragma once

#include <chrono>

#include "core/limits/civil_time.hpp"

namespace footbridge::core {

inline CivilTime on_wall(int year, unsigned month, unsigned day, int hour = 0, int minute = 0, int second = 0) {
  using namespace std::chrono;
  const auto date = sys_days(std::chrono::year(year) / std::chrono::month(month) / std::chrono::day(day));
  return {date.time_since_epoch().count() * kDaySeconds + hour * 3600 + minute * 60 + second};
}

}  // namespace footbridge::core
