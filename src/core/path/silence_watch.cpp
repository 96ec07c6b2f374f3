#include "core/path/silence_watch.hpp"

#include <algorithm>

namespace footbridge::core {
namespace {

constexpr Duration kMaxAckDelay = Millis{25};  // what QUIC's ends grant each other by default

}  // namespace

Duration patience(const PathStats& stats) {
  const auto probe = stats.smoothed_rtt + 4 * stats.rtt_variance + kMaxAckDelay;
  return std::clamp<Duration>(kProbesInVain * probe, kLeastPatience, kMostPatience);
}

void SilenceWatch::observe(TimePoint now, const PathStats& stats) {
  patience_ = patience(stats);
  if (stats.in_flight_bytes == 0) {
    waiting_since_.reset();
  } else if (!waiting_since_) {
    waiting_since_ = now;
  } else if (stats.last_heard > *waiting_since_) {
    waiting_since_ = stats.last_heard;
  }
  silent_ = waiting_since_ && now >= *waiting_since_ + patience_;
}

std::optional<TimePoint> SilenceWatch::deadline() const {
  return waiting_since_ && !silent_ ? std::optional(*waiting_since_ + patience_) : std::nullopt;
}

}  // namespace footbridge::core
