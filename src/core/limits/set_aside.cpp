#include "core/limits/set_aside.hpp"

#include <algorithm>

namespace footbridge::core {

LimitVerdict SetAside::weigh(CivilTime at, LimitVerdict limits) {
  if (until_ && (at.seconds >= until_->seconds || until_->seconds - at.seconds > kLongestPause.count()))
    until_.reset();  // over, or the clock was set back
  if (limits.pause != Pause::None || (!until_ && !metered_)) return limits;
  if (until_) return {Pause::Asked, limits.overrun, metered_ ? std::nullopt : until_};
  return {Pause::Metered, limits.overrun, std::nullopt};
}

}  // namespace footbridge::core
