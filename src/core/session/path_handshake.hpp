// The control stream of one path (QUIC stream 0), from its first byte to its BYE: docs/spec/03-session.md §6.4.
//
// Sans-IO, one per path and end. Fed with bytes as they come, in any pieces; what is to be sent is taken with
// take_output(). Holds at most kMaxControlBacklog bytes of input. A handshake not done after kPathHandshakeTimeout
// fails. Tokens are compared in constant time and never shown. Thread: one.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

#include "base/bytes.hpp"
#include "base/id.hpp"
#include "base/private.hpp"
#include "base/result.hpp"
#include "base/rng.hpp"
#include "base/time.hpp"
#include "wire/session_control.hpp"

namespace footbridge::core {

// Six round trips of the slowest path that is of any use (600 ms), doubled, and some for a busy egress.
inline constexpr Duration kPathHandshakeTimeout = Seconds{10};
// One message of the largest size and the beginning of the next.
inline constexpr std::size_t kMaxControlBacklog = 4096;

enum class PathState : std::uint8_t { AwaitingPeer, Established, Failed, Over };

enum class PathFailure : std::uint8_t {
  TimedOut,            // no answer in time
  Refused,             // the egress said no; see refusal()
  ProtocolError,       // the peer broke the format or spoke out of turn
  UnsupportedVersion,  // the egress answered in a version that we did not offer
};
std::string_view name(PathFailure failure);

// Both ends' common part: reassembly of messages, deadline, BYE.
//
//   AwaitingPeer ──OK──▶ Established ──BYE──▶ Over
//        └── REFUSED, 10 s, format ──▶ Failed ◀── format (from Established too)
class PathControl {
 public:
  PathState state() const { return state_; }
  std::optional<PathFailure> failure() const { return failure_; }
  const std::optional<wire::Bye>& bye() const { return bye_; }  // the peer's, once Over
  std::optional<TimePoint> deadline() const;
  void on_deadline(TimePoint now);
  Bytes take_output();  // bytes for the control stream, in order; empty: none
  // Something to be acknowledged, which means nothing: does anybody hear us? Established only.
  void probe(Rng& rng);
  // Leaves in order; nothing is sent after it.
  void leave(const wire::Bye& bye);

 protected:
  explicit PathControl(TimePoint now) : deadline_(now + kPathHandshakeTimeout) {}
  ~PathControl() = default;
  void establish();
  void fail(PathFailure failure);
  void send(const wire::Control& message);
  // Takes the next whole message out of the input; nullopt: none yet, or failed (see state()).
  struct Parsed {
    std::optional<wire::Control> message;
    std::optional<wire::ControlErrc> error;
  };
  Parsed next_message();
  bool feed(ByteView bytes);  // false: too much at once
  bool take_bye(const wire::Control& message);
  void send_grease(Rng& rng);
  void send_ignorable(Rng& rng);

 private:
  PathState state_ = PathState::AwaitingPeer;
  std::optional<PathFailure> failure_;
  std::optional<wire::Bye> bye_;
  TimePoint deadline_;
  Bytes input_;
  Bytes output_;
};

// What a client knows about its session once an egress has granted it; kept for later JOINs.
struct SessionGrant {
  SessionId session;
  Private<wire::SessionToken> token;
};

class ClientPathHandshake final : public PathControl {
 public:
  // Without a grant it begins a session (HELLO), with one it joins this path to it (JOIN). `ticket` is the match's, at
  // most kAdmissionBytes.
  ClientPathHandshake(TimePoint now, Rng& rng, MatchId match, const wire::SessionLimits& limits,
                      std::optional<SessionGrant> grant = std::nullopt, const Private<Bytes>& ticket = {});
  void on_bytes(TimePoint now, ByteView bytes);
  const std::optional<wire::Ok>& granted() const { return ok_; }            // once Established
  const std::optional<wire::Refused>& refusal() const { return refused_; }  // when Failed with Refused

 private:
  void on_message(const wire::Control& message);
  std::optional<SessionId> joining_;
  std::optional<wire::Ok> ok_;
  std::optional<wire::Refused> refused_;
};

// Where an egress keeps its sessions. Both calls happen inside on_bytes().
class SessionRegistry {
 public:
  virtual ~SessionRegistry() = default;
  using Answer = std::variant<wire::Ok, wire::Refused>;
  // A new session for this client, or the reason why not.
  virtual Answer create(TimePoint now, const wire::Hello& hello) = 0;
  // The session of that id if the token is its own (compare with equal_in_constant_time, and do the same work for an
  // unknown id), or the reason why not.
  virtual Answer join(TimePoint now, const wire::Join& join) = 0;
};

// Who may begin or join on one path: is asked before the registry, inside on_bytes(), at most once.
class PathAdmission {
 public:
  virtual ~PathAdmission() = default;
  // nullopt: admitted. EgressRestarted: what admits was made for an earlier run of this egress.
  virtual std::optional<wire::RefusalCode> admit(TimePoint now, ByteView admission) = 0;
};

class EgressPathHandshake final : public PathControl {
 public:
  // `match` is that of the leg token the path came with, when the leg had one: HELLO and JOIN have to name the same.
  // Without `admission`, which outlives it, everybody is admitted: where legs come from nobody but ourselves.
  EgressPathHandshake(TimePoint now, Rng& rng, SessionRegistry& registry, std::optional<MatchId> match = std::nullopt,
                      PathAdmission* admission = nullptr);
  void on_bytes(TimePoint now, ByteView bytes);
  // Once Established: which session this path belongs to.
  const std::optional<SessionId>& session() const { return session_; }
  const wire::SessionLimits& client_limits() const { return client_limits_; }  // of a HELLO

 private:
  void on_message(TimePoint now, const wire::Control& message);
  void begin(TimePoint now, const wire::Hello& hello);
  void join(TimePoint now, const wire::Join& join);
  std::optional<wire::RefusalCode> not_admitted(TimePoint now, const MatchId& match, const Private<Bytes>& admission);
  void answer(SessionRegistry::Answer answer);
  void refuse(wire::RefusalCode code);
  Rng& rng_;
  SessionRegistry& registry_;
  std::optional<MatchId> match_;
  PathAdmission* admission_;
  std::optional<SessionId> session_;
  wire::SessionLimits client_limits_;
};

}  // namespace footbridge::core
