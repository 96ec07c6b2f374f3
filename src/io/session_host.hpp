// SessionHost: one core::Session on an Asio loop. It hands the session's events to the streams' coroutines, lets the
// paths pull, and keeps the one timer. Client and egress use the same host.
//
// "settle" is the drain law of the session: after anything happened, events are handed out until there are none and
// paths with work are woken. It runs once per turn of the loop, however much happened in that turn.
//
// Ownership: rng, memory and events outlive the host; streams and paths end before it or hear of its end first.
// Threads: the executor's one thread.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/bytes.hpp"
#include "base/rng.hpp"
#include "core/session/memory_budget.hpp"
#include "core/session/session.hpp"
#include "io/asio.hpp"
#include "io/deadline_timer.hpp"
#include "io/next_turn.hpp"
#include "quic/path_host.hpp"

namespace footbridge::io {

class SessionStream;

class SessionHostEvents {
 public:
  virtual ~SessionHostEvents() = default;
  // Egress: the client opened a stream. Take it with accept() now, or it is reset.
  virtual void on_stream_opened(core::StreamId stream) = 0;
  // What the peer says about a UDP flow (wire/session_flow.hpp). The view ends with the call.
  virtual void on_flow_message(TimePoint, core::FlowId, ByteView) {}
  // The egress leaves; open() answers nothing from now on.
  virtual void on_go_away(Duration after) = 0;
  // Once, last: every stream has been told. Destroy the host from a later turn of the loop.
  virtual void on_session_ended(core::EndReason reason) = 0;
  // At the end of every turn in which something happened: what session() counts may be other than before.
  virtual void on_settled() {}
};

class SessionHost final : public quic::PathHost {
 public:
  SessionHost(asio::any_io_executor executor, core::Session::Role role, const core::SessionConfig& config, Rng& rng,
              core::MemoryBudget& memory, SessionHostEvents& events);
  ~SessionHost() override;
  SessionHost(const SessionHost&) = delete;
  SessionHost& operator=(const SessionHost&) = delete;

  core::Session& session() override { return session_; }
  std::size_t path_count() const { return paths_.size(); }
  std::size_t stream_count() const { return streams_.size(); }

  // Client: null when the peer's stream limit is reached, after GoAway, or after the end.
  std::unique_ptr<SessionStream> open(ByteView header);
  // Egress, inside on_stream_opened().
  std::unique_ptr<SessionStream> accept(core::StreamId stream);

  // Sent with the next datagrams, or dropped: it is UDP.
  void send_flow(TimePoint now, core::FlowId flow, Bytes message);

  // Something changed: settle at the end of this turn.
  void touch() override;
  // Ends the session here; paths say goodbye with this code and close.
  void end(wire::ByeCode code = wire::ByeCode::SessionOver, Seconds retry_after = Seconds{0});
  // The other end does not know the session any more: its streams are reset with ResetCode::EgressRestarted.
  void end_forgotten();

 private:
  friend class SessionStream;  // removes itself
  // quic::PathHost, for paths alone
  core::PathId add_path(TimePoint now, quic::PathLife& path) override;
  void remove_path(TimePoint now, core::PathId id) override;
  void end_session() override { end(); }
  void remove_stream(core::StreamId id) { streams_.erase(id); }

  void settle(TimePoint now);
  void hand_out(TimePoint now, const core::SessionEvent& event);
  void tell_end(core::EndReason reason);
  std::vector<quic::PathLife*> paths_now() const;
  SessionStream* find(core::StreamId id);

  asio::any_io_executor executor_;
  SessionHostEvents& events_;
  core::Session session_;
  std::map<core::PathId, quic::PathLife*> paths_;
  std::unordered_map<core::StreamId, SessionStream*> streams_;  // ids are ours or checked by the session
  NextTurn settling_;                                           // for touch()
  DeadlineTimer session_timer_;                                 // for the session's own deadline
  bool ended_ = false;
};

}  // namespace footbridge::io
