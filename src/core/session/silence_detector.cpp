#include "core/session/silence_detector.hpp"

#include <algorithm>

namespace footbridge::core {

Duration SilenceDetector::steady_limit() const {
  const auto strange = std::max<Duration>(4 * rtt_variance_, smoothed_rtt_ / 2) + kSteadyMargin;
  return std::clamp<Duration>(strange, kLeastSilence, kMostSteadySilence);
}

Duration SilenceDetector::first_limit() const {
  return std::clamp<Duration>(smoothed_rtt_ + 4 * rtt_variance_ + kFirstMargin, kLeastSilence, kMostFirstSilence);
}

TimePoint SilenceDetector::silent_since() const { return std::max(heard_, *under_way_since_); }

void SilenceDetector::on_stats(TimePoint now, const PathStats& stats) {
  smoothed_rtt_ = stats.smoothed_rtt;
  rtt_variance_ = stats.rtt_variance;
  on_heard(stats.last_heard);
  if (stats.in_flight_bytes == 0) {
    under_way_since_.reset();
    silence_ = Silence::None;
  } else if (!under_way_since_) {
    under_way_since_ = now;
  }
}

void SilenceDetector::on_heard(TimePoint at) {
  if (at <= heard_) return;
  heard_ = at;
  silence_ = Silence::None;
  not_before_ = {};
  excused_ = false;
}

std::optional<TimePoint> SilenceDetector::deadline() const {
  if (!under_way_since_ || silence_ == Silence::Long) return std::nullopt;
  if (silence_ == Silence::Suspect) return silent_since() + kLongSilence;
  return std::max(silent_since() + (steady() ? steady_limit() : first_limit()), not_before_);
}

void SilenceDetector::on_deadline(TimePoint now, std::optional<TimePoint> oldest_sent) {
  const auto due = deadline();
  if (!due || now < *due) return;
  if (silence_ == Silence::Suspect) {
    silence_ = Silence::Long;
    return;
  }
  // The flow may have thinned out: what is under way left so lately that no answer is due.
  if (oldest_sent && now < *oldest_sent + first_limit()) {
    not_before_ = *oldest_sent + first_limit();
    return;
  }
  if (now > *due + kOwnPause && !excused_) {
    excused_ = true;
    not_before_ = now + (now - *due);
    return;
  }
  silence_ = Silence::Suspect;
}

}  // namespace footbridge::core
