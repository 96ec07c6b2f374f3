// SessionEnd: one end of a session in the model: core's Session, the paths that carry it, and who uses its streams.
// What io::SessionHost does with timers and coroutines. After every turn its memory is compared with its bounds (P3),
// and an end that accuses the other of a violation is a finding: here both are honest (P2).
//
// Ownership: rng and memory outlive it; paths say remove_path(). Thread: one.
#pragma once

#include <vector>

#include "core/session/memory_budget.hpp"
#include "core/session/session.hpp"
#include "sim/ground.hpp"

namespace footbridge::sim::model {

class PathEnd;

class SessionUser {
 public:
  virtual ~SessionUser() = default;
  virtual void on_session_event(const core::SessionEvent& event) = 0;
};

class SessionEnd final : public Timed {
 public:
  SessionEnd(Ground& ground, Actor who, core::Session::Role role, const core::SessionConfig& config, Rng& rng,
             core::MemoryBudget& memory, SessionUser& user);
  ~SessionEnd() override;

  core::Session& session() { return session_; }
  const core::Session& session() const { return session_; }
  core::PathId add_path(PathEnd& path);
  void remove_path(PathEnd& path);
  // False: the path has to go.
  bool on_datagram(PathEnd& path, ByteView payload);
  void on_path_stats(PathEnd& path, const core::PathStats& stats);
  // After anything was done to the session: events, then paths with work, then the deadline.
  void settle();
  void end();

  std::size_t path_count() const { return paths_.size(); }
  // Since when there is no path; nullopt: there is one.
  std::optional<TimePoint> without_path_since() const { return without_path_since_; }
  bool ended() const { return session_.ended(); }
  std::optional<core::EndReason> end_reason() const { return end_reason_; }

 private:
  void on_alarm() override;
  void hand_out(const core::SessionEvent& event);
  void look();

  Actor who_;
  core::Session session_;
  SessionUser& user_;
  std::vector<PathEnd*> paths_;
  std::optional<TimePoint> without_path_since_;
  std::optional<core::EndReason> end_reason_;
  bool settling_ = false;
  bool again_ = false;
};

}  // namespace footbridge::sim::model
