// Wall time in milliseconds: of reports and of what is shown of them. Beside clock.hpp, which nearly everything needs.
#pragma once

#include <chrono>

#include "base/time.hpp"

namespace footbridge::io {

inline UnixMillis unix_millis() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return UnixMillis{static_cast<std::uint64_t>(std::chrono::duration_cast<Millis>(since).count())};
}

}  // namespace footbridge::io
