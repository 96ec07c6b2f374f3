// SetAside: reasons of the moment to help nobody, beside the wishes that VolunteerLimits keeps: somebody said so for a
// time, or whoever passes here is paid for by the byte. They only ever add a pause: an allowance that is used up stays
// used up. Nothing of it outlives the program. Pure; one thread.
#pragma once

#include <optional>

#include "core/limits/volunteer_limits.hpp"

namespace footbridge::core {

// PRX-T14: who wants to pause for longer stops the program.
inline constexpr Seconds kLongestPause{7 * 24 * 3'600};

class SetAside {
 public:
  // From now on, until then.
  void pause_until(CivilTime until) { until_ = until; }
  void resume() { until_.reset(); }
  void set_metered(bool metered) { metered_ = metered; }

  // What holds at `at`, where `limits` say this.
  LimitVerdict weigh(CivilTime at, LimitVerdict limits);

 private:
  std::optional<CivilTime> until_;
  bool metered_ = false;
};

}  // namespace footbridge::core
