#include "core/netstate/replay.hpp"

#include "base/assert.hpp"
#include "base/number_text.hpp"
#include "core/netstate/view_text.hpp"

namespace footbridge::core {

Replay::Replay(std::uint64_t version, UnixMillis at) : version_(version), at_(at) {}

void Replay::add(TimePoint now, StampedDelta stamped, std::size_t bytes) {
  FB_ASSERT(stamped.version == version_ + kept_.size() + 1);
  kept_.push_back({now + kReplaySpan, bytes, std::move(stamped)});
  bytes_ += bytes;
  while (bytes_ > kMaxReplayBytes - kMaxKeyframeBytes) fold_oldest();
}

void Replay::on_time(TimePoint now) {
  while (!kept_.empty() && kept_.front().until <= now) fold_oldest();
}

void Replay::fold_oldest() {
  const auto oldest = std::move(kept_.front());
  kept_.pop_front();
  bytes_ -= oldest.bytes;
  version_ = oldest.stamped.version;
  at_ = oldest.stamped.at;
  const auto& delta = oldest.stamped.delta;
  for (const auto& node : delta.nodes) nodes_[node.id] = node;
  for (const auto& edge : delta.edges) edges_[{edge.from, edge.to}] = edge.people;
  for (const auto& edge : delta.cut) edges_.erase(edge);
  for (const auto id : delta.gone) nodes_.erase(id);
  totals_ = delta.totals;
}

std::optional<std::vector<const StampedDelta*>> Replay::since(std::uint64_t version) const {
  if (version < version_ || version > version_ + kept_.size()) return std::nullopt;
  std::vector<const StampedDelta*> out;
  std::size_t bytes = 0;
  for (auto i = static_cast<std::size_t>(version - version_); i < kept_.size(); ++i) {
    bytes += kept_[i].bytes;
    if (bytes > kMaxResumeBytes) return std::nullopt;
    out.push_back(&kept_[i].stamped);
  }
  return out;
}

std::string Replay::json(bool is_private) const {
  ViewSnapshot keyframe;
  for (const auto& [id, node] : nodes_) keyframe.nodes.push_back(node);
  for (const auto& [edge, people] : edges_) keyframe.edges.push_back({edge.first, edge.second, people});
  keyframe.totals = totals_;
  const auto to = kept_.empty() ? at_ : kept_.back().stamped.at;
  auto out = "{\"from\":" + number_text(count(at_)) + ",\"to\":" + number_text(count(to)) +
             ",\"keyframe\":" + snapshot_json(version_, at_, is_private, keyframe) + ",\"deltas\":[";
  for (const auto& kept : kept_) {
    if (&kept != &kept_.front()) out += ',';
    out += delta_json(kept.stamped, is_private);
  }
  return out += "]}";
}

}  // namespace footbridge::core
