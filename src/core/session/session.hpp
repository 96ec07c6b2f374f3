// Session: streams between a client and its egress that survive the paths carrying them (docs/spec/03-session.md).
//
// Sans-IO: time is an argument, datagrams are pulled and fed, events are polled. Nothing is called back. After any call
// the user polls events until nullopt, lets the paths with has_work() pull, and sets one timer to deadline().
//
// Promises (docs/spec/03-session.md §5, "I1"…"I7"): a stream delivers exactly its bytes in order and its end once; a
// byte is kept until the peer's session has confirmed it; every unconfirmed byte is under way on a live path, known to
// have arrived, or queued to be sent again; what paths do (loss, late acks, death, in any order) changes nothing else.
//
// Bounds: SessionConfig::limits and the constants of session_types.hpp; memory comes from the MemoryBudget.
// Ownership: keeps references to rng and memory, which outlive it. Thread: one. Calls naming a stream or a path that is
// over do nothing.
#pragma once

#include <memory>
#include <optional>
#include <span>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/rng.hpp"
#include "base/time.hpp"
#include "core/datagram_port.hpp"
#include "core/session/memory_budget.hpp"
#include "core/session/session_types.hpp"

namespace footbridge::core {

class Session {
 public:
  enum class Role : std::uint8_t { Client, Egress };

  Session(Role role, const SessionConfig& config, Rng& rng, MemoryBudget& memory, TimePoint now);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // The peer's limits became known, or grew; smaller values than before change nothing.
  void raise_peer_limits(const wire::SessionLimits& limits);

  // Paths. A path is added when its handshake is done (OK sent or received) and closed once; bytes outstanding on it
  // then go back to the queue. A path above kMaxPaths (core/session/path_table.hpp) is named PathId{} and carries
  // nothing. on_path_stats() follows whatever happens on a path: packets heard, packets sent, its timers. From it the
  // session knows that a path is silent (silence_detector.hpp): such a path carries nothing new and covers nothing,
  // until it is heard; event::PathSilence says so.
  PathId add_path(TimePoint now);
  void path_closed(TimePoint now, PathId path);
  void on_path_stats(TimePoint now, PathId path, const PathStats& stats);
  std::size_t path_count() const;
  // Whose place another one may have when all are taken: of the paths that are silent for long (Silence::Long), the one
  // heard least lately. nullopt: none is.
  std::optional<PathId> longest_silent_path() const;

  // Datagrams. A datagram that arrives late, from a path closed meanwhile, is still good.
  Status<SessionErrc> on_datagram(TimePoint now, PathId path, ByteView datagram);
  void on_fate(TimePoint now, PathId path, DatagramId id, DatagramFate fate);
  std::optional<DatagramSource::Pulled> pull(TimePoint now, PathId path, ByteSpan out);
  bool has_work(PathId path) const;

  // Streams. open(): client only; nullopt when the peer's stream limit is reached, after GoAway, or after the end.
  std::optional<StreamId> open(TimePoint now, ByteView header);
  // How many bytes were taken; fewer than given: wait for Writable. 0 too for a stream that takes no more.
  std::size_t write(TimePoint now, StreamId stream, ByteView bytes);
  // How many bytes write() would take now, memory permitting; where none, Writable follows as after a short write().
  std::size_t room(StreamId stream);
  // No more bytes will be written; those written still arrive. The other direction goes on.
  void finish(TimePoint now, StreamId stream);
  // Gives up both directions: what was written may not arrive, what arrives is thrown away.
  void reset(TimePoint now, StreamId stream, ResetCode code);
  // Gives up reading only.
  void stop(TimePoint now, StreamId stream, ResetCode code);
  // The next unread bytes, as far as they lie together (up to one page); empty: none now. Valid until the next call.
  ByteView peek(StreamId stream) const;
  // The same for gathered writes: fills `views` in order and answers how many.
  std::size_t peek(StreamId stream, std::span<ByteView> views) const;
  // The first `count` unread bytes are done with; returns credit to the peer. At most what peek() showed in all.
  void consume(TimePoint now, StreamId stream, std::size_t count);

  // Flows (session_flows.hpp). Messages of at most wire::kMaxFlowMessageBytes; they may be lost, and overtake each
  // other. Without wire::kCapUdpFlows among the agreed capabilities, all of them are.
  bool carries_flows() const;
  void send_flow(TimePoint now, FlowId flow, Bytes message);
  // The next that has arrived; take all of them after each on_datagram().
  std::optional<FlowArrival> take_flow();

  // Egress: tells the client to open no new streams here.
  void go_away(TimePoint now, Seconds after);
  // Ends the session at this end; the peer is told by a BYE on its paths, which is the caller's to send.
  void end(EndReason reason = EndReason::Local);
  bool ended() const;

  std::optional<SessionEvent> poll();
  std::optional<TimePoint> deadline() const;
  void on_deadline(TimePoint now);
  SessionStats stats() const;

 private:
  struct Parts;  // the classes that do the work; session.cpp only connects them
  std::unique_ptr<Parts> parts_;
};

}  // namespace footbridge::core
