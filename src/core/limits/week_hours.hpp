// WeekHours: when a volunteer lends a connection, by the clock on the wall. Several stretches of the week, each may go
// on after midnight; they may overlap. None at all: always.
//
// By the clock on the wall also where it is set back or forward for the summer: an hour that comes twice counts both
// times, one that does not come is never. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/limits/civil_time.hpp"

namespace footbridge::core {

inline constexpr std::size_t kMaxHours = 14;  // PRX-B3: two stretches on each day of the week
inline constexpr std::uint16_t kDayMinutes = 24 * 60;

// A stretch that begins on some days of the week.
struct Hours {
  std::uint8_t days = 0;    // bit 0: Monday … bit 6: Sunday
  std::uint16_t from = 0;   // minutes after midnight
  std::uint16_t until = 0;  // the same, up to 24:00; not after `from`: of the next day
  friend bool operator==(const Hours&, const Hours&) = default;
};

// There is such a stretch, on some day; one that ends when it begins is none.
constexpr bool is_stretch(const Hours& hours) {
  return hours.days > 0 && hours.days < 128 && hours.from < kDayMinutes && hours.until <= kDayMinutes &&
         hours.from != hours.until;
}

class WeekHours {
 public:
  WeekHours() = default;
  // Each a stretch, at most kMaxHours.
  explicit WeekHours(std::vector<Hours> hours);

  bool open(CivilTime at) const;
  // When it will be otherwise, if the clock is not set until then; nullopt: never.
  std::optional<CivilTime> next_change(CivilTime at) const;

 private:
  bool open_in(std::uint32_t minute_of_week) const;

  std::vector<Hours> hours_;
};

}  // namespace footbridge::core
