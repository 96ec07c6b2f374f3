// SessionAtEnd: one core::Session at one end of the virtual network, with its paths and the application that uses it:
// what io::SessionHost does on a loop, without one. After anything happened, events are handed out until there are none
// and paths with work send; once per moment, however much happened in it.
//
// Ownership: network, rng and memory outlive it; paths leave it before they go. Thread: one.
#pragma once

#include <functional>
#include <map>
#include <optional>

#include "core/session/session.hpp"
#include "sim/stack/application.hpp"
#include "sim/stack/network.hpp"

namespace footbridge::sim {

class PathAtEnd;

class SessionAtEnd {
 public:
  SessionAtEnd(Network& network, core::Session::Role role, const core::SessionConfig& config, Rng& rng,
               core::MemoryBudget& memory, Actor name);
  ~SessionAtEnd();
  SessionAtEnd(const SessionAtEnd&) = delete;
  SessionAtEnd& operator=(const SessionAtEnd&) = delete;

  core::Session& session() { return session_; }
  const core::Session& session() const { return session_; }
  Application& app() { return app_; }
  const Application& app() const { return app_; }
  const std::map<core::PathId, PathAtEnd*>& paths() const { return paths_; }

  core::PathId add_path(PathAtEnd& path);
  void remove_path(core::PathId id);
  // Something changed: settle at the end of this moment.
  void touch();
  // Every path says goodbye; the session is over at this end.
  void end();

  // Hears the session's events instead of the application.
  std::function<void(TimePoint, const core::SessionEvent&)> instead_of_app;
  // After the session has ended by itself; from inside an event of the network.
  std::function<void(core::EndReason)> when_ended;

 private:
  void settle();
  void hand_out(TimePoint now, const core::SessionEvent& event);

  Network& network_;
  const Actor name_;
  core::Session session_;
  Application app_;
  std::map<core::PathId, PathAtEnd*> paths_;  // they remove themselves
  Timer settling_;
  Timer timer_;
  std::optional<core::EndReason> ended_;
  bool end_told_ = false;
};

}  // namespace footbridge::sim
