#include "core/session/flow_queue.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"

namespace footbridge::core {

void FlowQueue::push(TimePoint now, FlowId flow, Bytes message) {
  FB_ASSERT(message.size() <= wire::kMaxFlowMessageBytes);
  Waiting waiting{std::move(message), now, 0, 0, 0};
  if (!make_room(flow, cost(waiting))) {
    ++stats_.dropped_full;
    return;
  }
  auto& line = lines_[flow];
  if (line.messages.empty()) turns_.push_back(flow);
  bytes_ += cost(waiting);
  line.bytes += cost(waiting);
  line.messages.push_back(std::move(waiting));
}

bool FlowQueue::make_room(FlowId flow, std::size_t bytes) {
  if (const auto found = lines_.find(flow); found != lines_.end()) {
    auto& line = found->second;
    // Not its last one: a line is never empty.
    while (line.bytes + bytes > kMaxOneFlowQueueBytes && line.messages.size() > 1) {
      pop(line);
      ++stats_.dropped_full;
    }
  }
  while (bytes_ + bytes > kMaxFlowQueueBytes) drop_longest();
  return memory_.take(bytes);
}

void FlowQueue::drop_longest() {
  const auto longest = std::max_element(lines_.begin(), lines_.end(),
                                        [](const auto& a, const auto& b) { return a.second.bytes < b.second.bytes; });
  FB_ASSERT(longest != lines_.end());
  pop(longest->second);
  ++stats_.dropped_full;
  if (!longest->second.messages.empty()) return;
  turns_.erase_if([&](FlowId flow) { return flow == longest->first; });
  lines_.erase(longest);
}

void FlowQueue::pop(Line& line) {
  const auto bytes = cost(line.messages.front());
  line.messages.pop_front();
  line.bytes -= bytes;
  bytes_ -= bytes;
  memory_.give_back(bytes);
}

void FlowQueue::on_deadline(TimePoint now) {
  for (auto& [flow, line] : lines_) {
    while (!line.messages.empty() && now - line.messages.front().since >= kMaxFlowWait) {
      pop(line);
      ++stats_.dropped_old;
    }
  }
  turns_.erase_if([&](FlowId flow) { return lines_.at(flow).messages.empty(); });
  std::erase_if(lines_, [](const auto& entry) { return entry.second.messages.empty(); });
}

void FlowQueue::fill(wire::FrameWriter& out) {
  while (!turns_.empty()) {
    const auto flow = turns_.front();
    const auto found = lines_.find(flow);
    auto& line = found->second;
    if (!send_front(flow, line, out)) return;
    turns_.pop_front();
    if (line.messages.empty())
      lines_.erase(found);
    else
      turns_.push_back(flow);
  }
}

bool FlowQueue::send_front(FlowId flow, Line& line, wire::FrameWriter& out) {
  const auto& front = line.messages.front();
  if (front.sent_bytes > 0 || front.message.size() > out.flow_room(flow)) return send_piece(flow, line, out);
  const bool written = out.flow({flow, front.message});
  FB_ASSERT(written);
  ++stats_.sent;
  pop(line);
  return true;
}

bool FlowQueue::send_piece(FlowId flow, Line& line, wire::FrameWriter& out) {
  auto& front = line.messages.front();
  const auto left = front.message.size() - front.sent_bytes;
  const auto room = out.flow_room(flow);
  if (room <= wire::kMaxFlowPieceHeaderBytes) return false;
  const auto piece = std::min(left, room - wire::kMaxFlowPieceHeaderBytes);
  // What others left of a datagram is used, unless the message would go in crumbs.
  if (piece < left && piece < wire::kLeastFlowPieceBytes && out.bytes() > 0) return false;
  if (front.sent_bytes == 0) front.number = next_number_++;
  const auto head = wire::encode_flow_piece_header({front.number, front.position, piece == left, {}});
  const bool written = out.flow({flow, ByteView(front.message).subspan(front.sent_bytes, piece)}, head);
  FB_ASSERT(written);
  front.sent_bytes += piece;
  ++front.position;
  if (piece == left) {
    ++stats_.sent;
    pop(line);
    return true;
  }
  // Paths whose packets carry next to nothing: the message will not arrive.
  if (front.position == wire::kMaxFlowPieces) {
    ++stats_.dropped_full;
    pop(line);
    return true;
  }
  return false;
}

}  // namespace footbridge::core
