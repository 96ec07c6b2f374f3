#include "core/session/session_flows.hpp"

#include <utility>

namespace footbridge::core {
namespace {

// How long a message waits for the fastest path before `path` is as good: by the time it would lose on this one's way.
Duration patience(const PathTable& paths, const Path& path) {
  const auto lowest = paths.lowest_rtt();
  if (!lowest) return Duration{};                             // nothing is measured yet
  if (path.stats.smoothed_rtt == Duration{}) return *lowest;  // a new path, next to one that is known
  return (path.stats.smoothed_rtt - *lowest) / 2;
}

}  // namespace

SessionFlows::SessionFlows(MemoryBudget& memory, bool agreed)
    : agreed_(agreed), memory_(memory), queue_(memory_, stats_), assembler_(memory_, stats_) {}

void SessionFlows::send(TimePoint now, FlowId flow, Bytes message) {
  if (agreed_) queue_.push(now, flow, std::move(message));
}

std::optional<FlowArrival> SessionFlows::take() {
  if (inbox_.empty()) return std::nullopt;
  auto first = std::move(inbox_.front());
  inbox_.pop_front();
  const auto bytes = first.message.size() + kFlowMessageCostBytes;
  inbox_bytes_ -= bytes;
  memory_.give_back(bytes);
  return first;
}

bool SessionFlows::may_carry(Duration waited, const PathTable& paths, const Path& path) {
  return !path.suspect() && waited >= patience(paths, path);
}

bool SessionFlows::has_work(TimePoint now, const PathTable& paths, const Path& path) const {
  return !queue_.empty() && may_carry(now - queue_.next_since(), paths, path);
}

std::optional<TimePoint> SessionFlows::deadline(TimePoint now, const PathTable& paths) const {
  if (queue_.empty()) return std::nullopt;
  std::optional<TimePoint> first = queue_.next_since() + kMaxFlowWait;
  paths.for_each([&](const Path& path) {
    const auto at = queue_.next_since() + patience(paths, path);
    if (!path.suspect() && at > now) first = earlier(first, at);
  });
  return first;
}

bool SessionFlows::take_turn(bool streams_have_work) {
  if (!streams_have_work) return true;
  return std::exchange(turn_of_flows_, !turn_of_flows_);
}

Status<SessionErrc> SessionFlows::on_frame(const wire::FlowFrame& frame) {
  if (!agreed_) {
    ++stats_.dropped_not_agreed;
    return {};
  }
  if (!wire::is_flow_piece(frame.body)) {
    deliver(frame.flow, to_bytes(frame.body));
    return {};
  }
  const auto piece = wire::parse_flow_piece(frame.body);
  if (!piece) return SessionErrc::Malformed;
  if (auto whole = assembler_.on_piece(frame.flow, *piece)) deliver(frame.flow, std::move(*whole));
  return {};
}

void SessionFlows::deliver(FlowId flow, Bytes message) {
  const auto bytes = message.size() + kFlowMessageCostBytes;
  if (message.size() > wire::kMaxFlowMessageBytes || inbox_bytes_ + bytes > kMaxFlowInboxBytes ||
      !memory_.take(bytes)) {
    ++stats_.dropped_full;
    return;
  }
  ++stats_.received;
  inbox_bytes_ += bytes;
  inbox_.push_back({flow, std::move(message)});
}

}  // namespace footbridge::core
