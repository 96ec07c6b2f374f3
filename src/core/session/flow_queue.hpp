// Flow messages that wait for a path (docs/spec/07-udp-flows.md §5). One row per flow, served in turn, so that a flood
// on one flow does not delay the others; the oldest message goes first, and is the first to be dropped. Messages that
// do not fit into a datagram are cut; the rest goes on in the next one.
//
// Bounds: kMaxFlowQueueBytes and kMaxOneFlowQueueBytes with kFlowMessageCostBytes for each message, kMaxFlowWait;
// memory as the budget grants. Thread: one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>

#include "base/ring.hpp"
#include "base/time.hpp"
#include "core/session/flow_memory.hpp"
#include "core/session/session_types.hpp"
#include "wire/session_flow.hpp"
#include "wire/session_frames.hpp"

namespace footbridge::core {

// 40 ms of 50 Mbit/s on one flow: a queue that absorbs bursts, while whoever fills it hears of the loss soon.
inline constexpr std::size_t kMaxOneFlowQueueBytes = 256U << 10;
// Two such flows.
inline constexpr std::size_t kMaxFlowQueueBytes = 512U << 10;
// Resolvers ask again after 1 to 5 s, QUIC after 1 s: what waited longer for a path is of no use.
inline constexpr Duration kMaxFlowWait = Seconds{3};

class FlowQueue {
 public:
  FlowQueue(FlowMemory& memory, FlowStats& stats) : memory_(memory), stats_(stats) {}

  void push(TimePoint now, FlowId flow, Bytes message);
  bool empty() const { return turns_.empty(); }
  // Since when the message that is next has waited. Not of an empty queue.
  TimePoint next_since() const { return lines_.at(turns_.front()).messages.front().since; }
  // Drops what has waited too long.
  void on_deadline(TimePoint now);
  // Messages and pieces, as long as they fit.
  void fill(wire::FrameWriter& out);
  std::size_t bytes() const { return bytes_; }

 private:
  struct Waiting {
    Bytes message;
    TimePoint since{};
    std::size_t sent_bytes = 0;  // of a message that goes in pieces
    std::uint64_t number = 0;
    std::uint8_t position = 0;
  };
  struct Line {
    Ring<Waiting> messages;
    std::size_t bytes = 0;
  };

  static std::size_t cost(const Waiting& waiting) { return waiting.message.size() + kFlowMessageCostBytes; }
  bool make_room(FlowId flow, std::size_t bytes);
  void pop(Line& line);
  void drop_longest();
  // False: it does not fit, and the datagram is done.
  bool send_front(FlowId flow, Line& line, wire::FrameWriter& out);
  bool send_piece(FlowId flow, Line& line, wire::FrameWriter& out);

  FlowMemory& memory_;
  FlowStats& stats_;
  std::unordered_map<FlowId, Line> lines_;  // none of them empty
  Ring<FlowId> turns_;                      // whose line is served, from the front; each line once
  std::size_t bytes_ = 0;
  std::uint64_t next_number_ = 1;
};

}  // namespace footbridge::core
