// ClientPath: one attempt at a path, from the first gathered candidate to its last byte: a link to a proxy, and through
// it a QUIC connection to the egress whose key we pinned.
//
//   Gathering ──local SDP──▶ Offered ──match──▶ Linking ──link open──▶ Joining ──OK──▶ Carrying
//      │                        │                  │                      │                │
//      └── kGatherLimit ────────┴── leave() ───────┴── kLinkLimit, link ──┴── REFUSED, ────┴── BYE, link or QUIC ends
//                                                      failed                 wrong key …            │
//                                                                                                    ▼
//                                                                                                   Over
// Ownership: rng and events outlive it. The owner destroys it from a later turn of the loop than on_path_over(), or
// abruptly at any time outside its events. Threads: the executor's one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/private.hpp"
#include "base/rng.hpp"
#include "core/path/path_plan.hpp"
#include "core/session/path_handshake.hpp"
#include "io/deadline_timer.hpp"
#include "io/session_path.hpp"
#include "programs/client/trouble.hpp"
#include "quic/identity.hpp"
#include "transport/webrtc/link.hpp"
#include "wire/rendezvous.hpp"

namespace footbridge::client {

// The link's own cap on gathering is shorter; this one is for a link that says nothing at all.
inline constexpr Seconds kGatherLimit{30};
// A leg token lives 60 s: 10 for the answer, 20 for this, 10 for the proxy's dial, and some to spare.
inline constexpr Seconds kLinkLimit{20};

// How a path ended, as far as the next step depends on it.
struct PathOutcome {
  Trouble trouble = Trouble::LinkFailed;
  core::PathPlan::Loss loss = core::PathPlan::Loss::Volunteer;  // but for the session's end, which depends on which
  bool session_is_gone = false;  // the egress does not know the session any more, or leaves
  std::string_view detail{};     // for the log: a fixed text
};

class ClientPath;
class ClientPathEvents {
 public:
  virtual ~ClientPathEvents() = default;
  virtual void on_path_offer(TimePoint now, ClientPath& path) = 0;
  // The link is open: which session is to be joined at path.egress()? nullopt: begin one.
  virtual std::optional<core::SessionGrant> session_to_join(const ClientPath& path) = 0;
  // Granted: attach() it now.
  virtual void on_path_granted(TimePoint now, ClientPath& path, const wire::Ok& ok) = 0;
  // A path that carries is suspected, or was heard again: io::SessionPathEvents says what that is worth.
  virtual void on_path_silence(TimePoint now, ClientPath& path, bool silent) = 0;
  virtual void on_path_long_silence(TimePoint now, ClientPath& path) = 0;
  // Its volunteer says that it leaves soon; said more than once.
  virtual void on_path_leaving(TimePoint now, ClientPath& path) = 0;
  // Once, last.
  virtual void on_path_over(TimePoint now, ClientPath& path, const PathOutcome& outcome) = 0;
};

using MakeLink = std::function<std::unique_ptr<webrtc::Link>(webrtc::LinkEvents& events)>;

class ClientPath final : private webrtc::LinkEvents, private io::SessionPathEvents {
 public:
  enum class State : std::uint8_t { Gathering, Offered, Linking, Joining, Carrying, Over };

  // `key`: how the owner calls it.
  ClientPath(asio::any_io_executor executor, core::PathKey key, Rng& rng, ClientPathEvents& events);

  void start(TimePoint now, const MakeLink& make_link);
  // In Offered: carry on with this match, which was asked for with this shard (docs/spec/05-leg-token.md).
  void accept(TimePoint now, const wire::Match& match, const quic::SpkiPin& pin, std::uint16_t shard);
  // Inside on_path_granted().
  void attach(TimePoint now, io::SessionHost& host);
  // Carrying: asks the other end for a sign of life; on_path_silence() follows if none comes.
  void probe(TimePoint now);
  // Ends it in order, in every state; on_path_over() follows in a later turn, at the latest when QUIC has said goodbye.
  void leave(TimePoint now, wire::ByeCode code);

  core::PathKey key() const { return key_; }
  State state() const { return state_; }
  const wire::Sdp& offer() const { return offer_; }  // from Offered on
  TimePoint offered_at() const { return offered_at_; }
  const wire::EgressId& egress() const { return egress_; }  // from Linking on
  std::uint16_t shard() const { return shard_; }            // from Linking on
  // What it asked to join; nullopt before Joining, and when it was to begin a session.
  const std::optional<SessionId>& joins() const { return joins_; }
  bool left() const { return left_; }  // leave() was called
  // Carries, and the other end is not heard.
  bool silent() const { return path_ && path_->silence() != core::Silence::None; }
  const io::SessionHost* host() const { return host_; }  // that it was attached to, also once Over
  // Smoothed; nullopt before Carrying.
  std::optional<Duration> round_trip() const;

 private:
  // webrtc::LinkEvents
  void on_local_description(TimePoint now, Private<std::string> sdp) override;
  void on_open(TimePoint now) override;
  void on_messages(TimePoint now, std::span<const ByteView> batch) override;
  void on_drained(TimePoint now) override;
  void on_closed(TimePoint now, PipeEnd end) override;
  // io::SessionPathEvents
  void on_path_ready(TimePoint now, io::SessionPath& path) override;
  void on_path_silence(TimePoint now, io::SessionPath& path, bool silent) override;
  void on_path_long_silence(TimePoint now, io::SessionPath& path) override;
  void on_path_over(TimePoint now, io::SessionPath& path, const io::PathOver& over) override;

  void on_limit(TimePoint now);
  void finish(TimePoint now, const PathOutcome& outcome);

  asio::any_io_executor executor_;
  core::PathKey key_;
  Rng& rng_;
  ClientPathEvents& events_;
  State state_ = State::Gathering;
  TimePoint began_{};
  TimePoint offered_at_{};
  const io::SessionHost* host_ = nullptr;  // compared, never called
  bool left_ = false;
  bool silence_told_ = false;  // in the log
  wire::Sdp offer_;
  std::optional<MatchId> match_;
  Private<Bytes> ticket_;  // of the match, for the egress
  wire::EgressId egress_{};
  std::uint16_t shard_ = 0;
  std::optional<SessionId> joins_;
  quic::ClientConfig quic_;
  io::DeadlineTimer limit_;
  std::unique_ptr<webrtc::Link> link_;     // before path_, which has to go first
  std::unique_ptr<io::SessionPath> path_;  // from Joining on
};

std::string_view name(ClientPath::State state);
// What the end of the connection to the egress means for the person and for the next attempt.
PathOutcome outcome_of(const io::PathOver& over);

}  // namespace footbridge::client
