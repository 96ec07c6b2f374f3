// The flows' part of a session: what waits for a path, which path it waits for, and what has arrived. Knows messages,
// not what they say: that is ClientFlows' (client_flows.hpp) and EgressFlows' (core/egress/egress_flows.hpp) business.
//
// Flows and streams take turns datagram by datagram while both have something to send, and fill up what the other
// leaves: neither a flood of queries nor a download gets more than half of a session that both want.
// A message goes on the path with the lowest round trip, or on another when it has waited so long that it arrives no
// later than it would have by going there at once.
//
// Bounds: those of FlowQueue and FlowAssembler, and kMaxFlowInboxBytes. Thread: one.
#pragma once

#include <cstddef>
#include <optional>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/ring.hpp"
#include "base/time.hpp"
#include "core/session/flow_assembler.hpp"
#include "core/session/flow_memory.hpp"
#include "core/session/flow_queue.hpp"
#include "core/session/path_table.hpp"
#include "core/session/session_types.hpp"
#include "wire/session_frames.hpp"

namespace footbridge::core {

// What arrives is taken in the same turn of the loop; this is a burst of 20 ms at 100 Mbit/s.
inline constexpr std::size_t kMaxFlowInboxBytes = 256U << 10;

class SessionFlows {
 public:
  // `agreed`: both ends named the capability; otherwise nothing is sent, and what comes is dropped.
  SessionFlows(MemoryBudget& memory, bool agreed);

  bool agreed() const { return agreed_; }
  void send(TimePoint now, FlowId flow, Bytes message);
  std::optional<FlowArrival> take();

  // Whether a message waits that `path` may carry.
  bool has_work(TimePoint now, const PathTable& paths, const Path& path) const;
  // When another path may carry what waits for the fastest one, or nobody needs it any more.
  std::optional<TimePoint> deadline(TimePoint now, const PathTable& paths) const;
  void on_deadline(TimePoint now) { queue_.on_deadline(now); }
  // Who fills a datagram first: flows, or streams if they have something, too.
  bool take_turn(bool streams_have_work);
  void fill(wire::FrameWriter& out) { queue_.fill(out); }

  // Malformed: a piece that is none; close the path.
  Status<SessionErrc> on_frame(const wire::FlowFrame& frame);

  const FlowStats& stats() const { return stats_; }
  std::size_t memory_bytes() const { return memory_.held_bytes(); }

 private:
  static bool may_carry(Duration waited, const PathTable& paths, const Path& path);
  void deliver(FlowId flow, Bytes message);

  bool agreed_;
  bool turn_of_flows_ = true;
  FlowStats stats_;
  FlowMemory memory_;
  FlowQueue queue_;
  FlowAssembler assembler_;
  Ring<FlowArrival> inbox_;
  std::size_t inbox_bytes_ = 0;
};

}  // namespace footbridge::core
