// PathKeeper: sees to it that there is a session, and paths that carry it. It makes offers, has them matched, joins the
// paths, replaces those that are lost, and begins a new session when the old one is gone.
//
//   Resting ──start()──▶ Seeking ──as many paths as wanted──▶ Kept
//                        │  ▲  ▲                               │
//        attempt failed, │  │  └────────── path lost ──────────┘
//        several in a row▼  │ pause over
//                       Pausing                   any ──stop()──▶ Stopping ──last path over──▶ Resting
//
// A session's first path is made alone, because only its OK tells what others join. A session without a path lives on
// for kNoPathTtl while the next path is sought; conversations notice a pause.
// Ownership: rng, troubles, finder outlive it, and so does whatever makes the links; links are destroyed with it.
// Threads: the executor's one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/rng.hpp"
#include "core/rendezvous/backoff.hpp"
#include "io/deadline_timer.hpp"
#include "programs/client/client_path.hpp"
#include "programs/client/client_session.hpp"
#include "programs/client/finder.hpp"
#include "programs/client/trouble.hpp"

namespace footbridge::client {

// Paths of a session unless an option says otherwise: one may die and another stall without a pause, and more would
// take volunteers from people who have none.
inline constexpr std::size_t kTargetPaths = 3;
// Offers that are ready so close together go to the broker in one request.
inline constexpr Millis kOffersTogether{250};
// How long an offer stays good: address translators forget an unused mapping after 30 s to 2 min.
inline constexpr Seconds kOfferLifetime{60};
// Having carried for so long, a path was a good one: its loss is no reason to pause.
inline constexpr Seconds kGoodPathAge{10};
// A volunteer whose path did not come to be, or not for long, is left alone for so long while others are found.
inline constexpr Seconds kAvoidFor{60};
// When others are not found in this time, it is better than nobody: it may be the only one, and its egress was at
// fault.
inline constexpr Seconds kAvoidPatience{5};
// Egresses that are leaving, each with what is left of a session. More at once is a network that falls apart.
inline constexpr std::size_t kMaxLeavingSessions = 2;

class PathKeeper final : public FinderEvents, private ClientPathEvents, private ClientSessionEvents {
 public:
  enum class State : std::uint8_t { Resting, Seeking, Pausing, Kept, Stopping };

  struct Config {
    std::vector<quic::SpkiPin> pins;  // never empty
    std::size_t target_paths = kTargetPaths;
  };
  // `changed` is called when session() may answer something else, and when stop() is done.
  PathKeeper(asio::any_io_executor executor, Config config, Rng& rng, TroubleTeller& troubles,
             std::function<void()> changed);
  ~PathKeeper() override;

  void start(TimePoint now, Finder& finder, MakeLink make_link);
  // Says goodbye on every path; the session ends.
  void stop(TimePoint now);

  State state() const { return state_; }
  std::size_t carrying() const;
  // Of all sessions that exist, with those that wait for their last confirmation.
  std::size_t streams() const;
  // For a person who waits while nothing has gone wrong: how far the search has come.
  std::string_view progress() const;
  // Where new streams may be opened; null: nowhere yet.
  io::SessionHost* session();

  // FinderEvents
  void on_matches(TimePoint now, std::vector<wire::Match> matches) override;
  void on_still_looking(TimePoint now, Trouble why) override;

 private:
  // ClientPathEvents
  void on_path_offer(TimePoint now, ClientPath& path) override;
  std::optional<core::SessionGrant> session_to_join(const ClientPath& path) override;
  void on_path_granted(TimePoint now, ClientPath& path, const wire::Ok& ok) override;
  void on_path_silence(TimePoint now, ClientPath& path, bool silent) override;
  void on_path_over(TimePoint now, ClientPath& path, const PathOutcome& outcome) override;
  // ClientSessionEvents
  void on_session_leaving(TimePoint now, ClientSession& session) override;
  void on_session_over(TimePoint now, ClientSession& session, core::EndReason reason) override;

  bool counts(const ClientPath& path) const;
  void seek(TimePoint now);
  void seek_later(TimePoint now);
  void ask(TimePoint now);
  void ask_less(TimePoint now);
  void use(TimePoint now, ClientPath& path, const wire::Match& match);
  void ask_together(TimePoint now);
  void tell(TimePoint now, Trouble trouble);
  void note_failure(TimePoint now, const ClientPath& path, const PathOutcome& outcome);
  void avoid(TimePoint now, const ClientPath& path);
  std::vector<MatchId> to_avoid(TimePoint now);
  void retire_session();
  void sweep(TimePoint now);

  asio::any_io_executor executor_;
  Config config_;
  Rng& rng_;
  TroubleTeller& troubles_;
  std::function<void()> changed_;
  Finder* finder_ = nullptr;  // null before start()
  MakeLink make_link_;
  State state_ = State::Resting;
  core::Backoff backoff_;
  std::size_t failures_ = 0;  // attempts in a row that never carried, or not for long
  TimePoint last_failure_{};
  TimePoint pause_until_{};  // while Pausing
  std::uint16_t shard_ = 0;  // of the session that the current search begins
  struct Avoided {
    MatchId match;
    TimePoint until{};
  };
  std::deque<Avoided> avoided_;         // the last wire::kMaxAvoided
  bool asking_soon_ = false;            // ask_timer_ is armed
  std::vector<ClientPath*> asked_for_;  // those whose offers the finder has, in the order of the search
  // Sessions before paths, so that paths go first.
  std::unique_ptr<ClientSession> session_;           // takes new streams
  std::vector<std::unique_ptr<ClientSession>> old_;  // leaving, or over and to be destroyed
  std::vector<std::unique_ptr<ClientPath>> paths_;
  io::DeadlineTimer sweep_timer_;  // destroys what is over, from a turn of its own
  io::DeadlineTimer seek_timer_;
  io::DeadlineTimer ask_timer_;
  io::DeadlineTimer patience_timer_;  // with volunteers to avoid
};

std::string_view name(PathKeeper::State state);

}  // namespace footbridge::client
