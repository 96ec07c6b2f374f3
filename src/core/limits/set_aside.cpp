#include "core/limits/set_aside.hpp"

namespace footbridge::core {

LimitVerdict SetAside::weigh(TimePoint now, CivilTime at, LimitVerdict limits) {
  if (until_ && now >= *until_) until_.reset();
  if (limits.pause != Pause::None || (!until_ && !metered_)) return limits;
  if (!until_) return {Pause::Metered, limits.overrun, std::nullopt};
  if (metered_) return {Pause::Asked, limits.overrun, std::nullopt};
  return {Pause::Asked, limits.overrun, CivilTime{at.seconds + std::chrono::ceil<Seconds>(*until_ - now).count()}};
}

}  // namespace footbridge::core
