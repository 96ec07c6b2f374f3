#include "io/civil_clock.hpp"

#include <ctime>

#include "io/clock.hpp"

namespace footbridge::io {

core::CivilTime civil_now() {
  const auto now = unix_now();
  const auto seconds = static_cast<std::time_t>(count(now));
  std::tm local{};
  ::tzset();  // localtime_r looks at the zone the first time only
  if (localtime_r(&seconds, &local) == nullptr) return core::civil_time(now, 0);
  return core::civil_time(now, static_cast<std::int32_t>(local.tm_gmtoff));
}

}  // namespace footbridge::io
