#include "core/netstate/feed.hpp"

#include <algorithm>

namespace footbridge::core {

Feed::Feed(TimePoint now, UnixMillis wall, bool is_private)
    : is_private_(is_private),
      version_(count(wall)),
      gathered_(now - kGather),
      series_(now, wall),
      replay_(version_, wall) {}

void Feed::on_time(TimePoint now, UnixMillis wall, Viewpoint& view) {
  series_.on_time(now);
  replay_.on_time(now);
  if (!view.has_news() || next_ || now < gathered_ + kGather) return;
  gathered_ = now;
  StampedDelta stamped{++version_, wall, view.take_delta()};
  series_.note(now, stamped.delta.totals, stamped.delta.came, stamped.delta.left);
  next_ = {version_, delta_json(stamped, is_private_)};
  snapshot_.reset();
  replay_.add(now, std::move(stamped), next_->json.size());
}

std::optional<TimePoint> Feed::deadline(const Viewpoint& view) const {
  const auto step = series_.deadline();
  return view.has_news() && !next_ ? std::min(step, gathered_ + kGather) : step;
}

const FeedEvent& Feed::snapshot(UnixMillis wall, const Viewpoint& view) {
  if (!snapshot_) snapshot_ = {version_, snapshot_json(version_, wall, is_private_, view.snapshot())};
  return *snapshot_;
}

std::optional<std::vector<FeedEvent>> Feed::since(std::uint64_t version) const {
  const auto kept = replay_.since(version);
  if (!kept) return std::nullopt;
  std::vector<FeedEvent> out;
  for (const auto* stamped : *kept) out.push_back({stamped->version, delta_json(*stamped, is_private_)});
  return out;
}

}  // namespace footbridge::core
