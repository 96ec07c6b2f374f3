// PathKeeper: sees to it that there is a session, and paths that carry it. How many, when, and which of them go is
// core::PathPlan's decision; here its commands become links, searches and sessions.
//
//   Resting ──start()──▶ Seeking ──as many paths as wanted──▶ Kept
//                        │  ▲  ▲                               │
//        attempt failed, │  │  └────────── path lost ──────────┘
//        several in a row▼  │ pause over
//                       Pausing                   any ──stop()──▶ Stopping ──last path over──▶ Resting
//
// A session without a path lives on for kNoPathTtl while the next path is sought; conversations notice a pause.
// Ownership: rng, troubles, finder outlive it, and so does whatever makes the links; links are destroyed with it.
// Threads: the executor's one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "base/rng.hpp"
#include "core/path/path_plan.hpp"
#include "io/deadline_timer.hpp"
#include "programs/client/client_path.hpp"
#include "programs/client/client_session.hpp"
#include "programs/client/finder.hpp"
#include "programs/client/trouble.hpp"

namespace footbridge::client {

// Egresses that are leaving, each with what is left of a session. More at once is a network that falls apart.
inline constexpr std::size_t kMaxLeavingSessions = 2;

class PathKeeper final : public FinderEvents, private ClientPathEvents, private ClientSessionEvents {
 public:
  enum class State : std::uint8_t { Resting, Seeking, Pausing, Kept, Stopping };

  struct Config {
    std::vector<quic::SpkiPin> pins;  // of a directory there may be none; otherwise not empty at start()
    core::PathPlan::Config plan{};
    bool listed = false;  // the pins are a directory's: an egress that is none of them is not tried
    std::function<void(TimePoint now)> on_unknown_egress{};  // a match led to one
  };
  // `changed` is called when session() may answer something else, and when stop() is done.
  PathKeeper(asio::any_io_executor executor, Config config, Rng& rng, TroubleTeller& troubles,
             std::function<void()> changed);
  ~PathKeeper() override;

  // Another directory: for searches and matches from now on. Paths that are there stay.
  void trust(std::vector<quic::SpkiPin> pins, std::size_t target);
  void start(TimePoint now, Finder& finder, MakeLink make_link);
  // Says goodbye on every path; the session ends.
  void stop(TimePoint now);
  // This machine has other addresses or routes.
  void on_network_change(TimePoint now);

  State state() const;
  // Paths that carry the session and are heard: each is another volunteer.
  std::size_t carrying() const { return plan_.sound(); }
  // Of those, the ones that only stand by: nothing has to be carried, or less than they could.
  std::size_t standby() const { return plan_.standby(); }
  // Of all sessions that exist, with those that wait for their last confirmation.
  std::size_t streams() const;
  // For a person who waits while nothing has gone wrong: how far the search has come.
  std::string_view progress() const;
  // Where new streams may be opened; null: nowhere yet.
  io::SessionHost* session();
  // Where its UDP flows begin; null as session().
  FlowDesk* flows() { return session_ ? &session_->flows() : nullptr; }

  // FinderEvents
  void on_matches(TimePoint now, std::vector<wire::Match> matches) override;
  void on_still_looking(TimePoint now, Trouble why) override;

 private:
  enum class Phase : std::uint8_t { Resting, Running, Stopping };

  // ClientPathEvents
  void on_path_offer(TimePoint now, ClientPath& path) override;
  std::optional<core::SessionGrant> session_to_join(const ClientPath& path) override;
  void on_path_granted(TimePoint now, ClientPath& path, const wire::Ok& ok) override;
  void on_path_silence(TimePoint now, ClientPath& path, bool silent) override;
  void on_path_long_silence(TimePoint now, ClientPath& path) override;
  void on_path_leaving(TimePoint now, ClientPath& path) override;
  void on_path_over(TimePoint now, ClientPath& path, const PathOutcome& outcome) override;
  // ClientSessionEvents
  void on_session_traffic(TimePoint now) override;
  void on_session_leaving(TimePoint now, ClientSession& session) override;
  void on_session_over(TimePoint now, ClientSession& session, core::EndReason reason) override;

  // The drain law: after anything happened, carry out commands until there are none, then re-arm the timer.
  void settle(TimePoint now);
  void carry_out(TimePoint now, const core::PathPlan::Command& command);
  void search(TimePoint now, const core::PathPlan::Search& wish);
  void use(TimePoint now, ClientPath& path, const wire::Match& match);
  bool carries_session(const ClientPath& path) const;
  void tell(TimePoint now, Trouble trouble);
  void tell_granted(TimePoint now);
  void tell_session_gone(TimePoint now);
  void tell_activity();
  void retire_session(TimePoint now);
  void sweep(TimePoint now);

  asio::any_io_executor executor_;
  Config config_;
  Rng& rng_;
  TroubleTeller& troubles_;
  std::function<void()> changed_;
  Finder* finder_ = nullptr;  // null before start()
  MakeLink make_link_;
  Phase phase_ = Phase::Resting;
  core::PathPlan plan_;
  bool settling_ = false;
  bool was_active_ = true;                // what the log says
  bool session_told_ = false;             // that session_ stands, to whoever wants the news
  std::uint16_t asked_shard_ = 0;         // of the current search
  std::vector<core::PathKey> asked_for_;  // those whose offers the finder has, in the order of the search
  // Sessions before paths, so that paths go first.
  std::unique_ptr<ClientSession> session_;           // takes new streams
  std::vector<std::unique_ptr<ClientSession>> old_;  // leaving, or over and to be destroyed
  std::map<core::PathKey, std::unique_ptr<ClientPath>> paths_;
  io::DeadlineTimer sweep_timer_;  // destroys what is over, from a turn of its own
  io::DeadlineTimer plan_timer_;
};

std::string_view name(PathKeeper::State state);

}  // namespace footbridge::client
