// SetAside: reasons of the moment to help nobody, beside the wishes that VolunteerLimits keeps: somebody said so for a
// time, or whoever passes here is paid for by the byte. They only ever add a pause: an allowance that is used up stays
// used up. A time that somebody asked for is as long as it is, whatever the clock on the wall is set to meanwhile.
// Nothing of it outlives the program. Pure; one thread.
#pragma once

#include <optional>

#include "core/limits/volunteer_limits.hpp"

namespace footbridge::core {

// PRX-T14: who wants to pause for longer stops the program.
inline constexpr Seconds kLongestPause{7 * 24 * 3'600};

class SetAside {
 public:
  void pause_until(TimePoint until) { until_ = until; }
  void resume() { until_.reset(); }
  void set_metered(bool metered) { metered_ = metered; }

  // What holds now, which is `at` on the wall, where `limits` say this.
  LimitVerdict weigh(TimePoint now, CivilTime at, LimitVerdict limits);

 private:
  std::optional<TimePoint> until_;
  bool metered_ = false;
};

}  // namespace footbridge::core
