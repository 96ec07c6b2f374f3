// ClientNode: a client of the stack tier: one session at a time, over the paths it is given, and an application on it.
// The first path begins the session; those that follow join it. Who finds volunteers, and when, is the world's to say.
//
//   Alone ──begin_path()──▶ Greeting ──OK──▶ InSession ──ended, or unknown to the egress──▶ Alone
//              ◀──path over──┘
//
// Ownership: the network outlives it. Thread: one.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "sim/stack/path_at_end.hpp"
#include "sim/stack/session_at_end.hpp"

namespace footbridge::sim {

class ClientNode final : private PathOwner {
 public:
  ClientNode(Network& network, std::uint64_t number);
  ~ClientNode() override;

  // A path over this side of a pipe to the egress; `match` is what the egress's side was told. `initial_rtt`: as
  // measured below, by ICE. Waits while another path is about to begin the session: it would begin a second one.
  void begin_path(Pipe::Side& pipe, MatchId match, Duration initial_rtt);

  SessionAtEnd* session() { return session_.get(); }  // null: none now
  const SessionAtEnd* session() const { return session_.get(); }
  std::size_t carrying() const;  // paths in the session that are not silent
  std::size_t opening() const;   // paths that may come to carry, and those that wait to begin
  std::size_t path_count() const { return paths_.size(); }
  void for_each_path(const std::function<void(PathAtEnd&)>& visit);
  // Of all sessions, also those that are over.
  std::uint64_t wrong_bytes() const;
  std::uint64_t bytes_read() const;
  std::uint64_t bytes_written() const;
  std::uint64_t sessions_begun() const { return sessions_begun_; }
  std::uint64_t number() const { return name_.number; }
  const Actor& name() const { return name_; }
  // Says goodbye; the session is over.
  void leave();

  // From inside events of the network.
  std::function<void(SessionAtEnd&)> when_session;  // one began: open streams
  std::function<void(core::EndReason)> when_session_ended;
  std::function<void(PathAtEnd&)> when_path_over;
  std::function<void(PathAtEnd&, bool silent)> when_path_silence;
  std::function<void(std::uint64_t pipe)> when_pipe_lost;  // it ended before its path could begin

  quic::PathOptions options;
  PathAtEnd::Meddler meddler;

 private:
  struct Wish {
    std::uint64_t pipe = 0;
    MatchId match;
    Duration initial_rtt{};
  };
  bool may_begin() const { return session_ != nullptr || greeting_ == 0; }
  void begin(const Wish& wish);
  // PathOwner
  SessionAtEnd* on_path_ready(PathAtEnd& path) override;
  void on_path_silence(PathAtEnd& path, bool silent) override;
  void on_path_over(PathAtEnd& path) override;
  void lose_session();
  void sweep();
  void sweep_later() { sweeping_.arm_now(); }

  Network& network_;
  const Actor name_;
  Dice dice_;
  core::BoundedMemory memory_{64U << 20};
  std::optional<core::SessionGrant> grant_;
  std::size_t greeting_ = 0;  // paths that are about to begin the session
  std::deque<Wish> waiting_;
  std::unique_ptr<SessionAtEnd> session_;
  std::vector<std::unique_ptr<SessionAtEnd>> old_;  // to be destroyed
  std::vector<std::unique_ptr<PathAtEnd>> paths_;
  std::uint64_t sessions_begun_ = 0;
  std::uint64_t old_wrong_bytes_ = 0;
  std::uint64_t old_bytes_read_ = 0;
  std::uint64_t old_bytes_written_ = 0;
  Timer sweeping_;
};

}  // namespace footbridge::sim
