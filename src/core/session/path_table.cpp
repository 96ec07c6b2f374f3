#include "core/session/path_table.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace footbridge::core {

Path& PathTable::add(TimePoint now) {
  paths_.push_back(std::make_unique<Path>(PathId{next_id_++}, now));
  return *paths_.back();
}

Path* PathTable::find(PathId id) {
  for (const auto& path : paths_)
    if (path->id == id) return path.get();
  return nullptr;
}

const Path* PathTable::find(PathId id) const {
  for (const auto& path : paths_)
    if (path->id == id) return path.get();
  return nullptr;
}

std::unique_ptr<Path> PathTable::remove(PathId id) {
  const auto at = std::ranges::find_if(paths_, [id](const auto& path) { return path->id == id; });
  if (at == paths_.end()) return nullptr;
  auto path = std::move(*at);
  paths_.erase(at);
  return path;
}

RangeSet PathTable::cover_of(StreamId stream, const RangeSet& wanted) const {
  RangeSet cover;
  for (const auto& path : paths_) {
    if (path->suspect()) continue;
    path->ledger.for_each([&](const Sent& sent) {
      if (sent.stream == stream && wanted.overlap(sent.positions) > 0) cover.add(sent.positions);
    });
  }
  return cover;
}

std::size_t PathTable::live() const {
  return static_cast<std::size_t>(std::ranges::count_if(paths_, [](const auto& path) { return !path->suspect(); }));
}

std::optional<Duration> PathTable::lowest_rtt() const {
  std::optional<Duration> lowest;
  for (const auto& path : paths_) {
    const auto rtt = path->stats.smoothed_rtt;
    if (!path->suspect() && rtt > Duration{} && (!lowest || rtt < *lowest)) lowest = rtt;
  }
  return lowest;
}

bool PathTable::may_carry_windows(const Path& path, TimePoint now) const {
  const auto heard = path.detector.heard();
  if (now - heard <= kRecentlyHeard) return true;
  return std::ranges::none_of(paths_,
                              [&](const auto& other) { return !other->suspect() && other->detector.heard() > heard; });
}

bool PathTable::fast_enough(const Path& path, Duration waited) const {
  auto fastest = path.stats.smoothed_rtt;
  for (const auto& other : paths_) {
    const auto rtt = other->stats.smoothed_rtt;
    if (!other->suspect() && rtt > Duration{}) fastest = std::min(fastest, rtt);  // 0: not measured yet
  }
  return path.stats.smoothed_rtt <= 2 * fastest || waited >= path.stats.smoothed_rtt;
}

std::optional<TimePoint> PathTable::next_patience(TimePoint since, TimePoint now) const {
  std::optional<TimePoint> first;
  for (const auto& path : paths_) {
    if (path->suspect() || fast_enough(*path, {})) continue;
    if (const auto at = since + path->stats.smoothed_rtt; at > now) first = earlier(first, at);
  }
  return first;
}

}  // namespace footbridge::core
