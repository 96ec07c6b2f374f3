// PathLife: one path from its first byte to its end, without loop or clock: a pipe, QUIC over it, the handshake on its
// control stream, and, once that is done, a place in a session. io::SessionPath gives it a loop, sim::PathAtEnd a
// virtual one.
//
//   Opening ──HELLO/JOIN granted──▶ Ready ──attach()──▶ Carrying ──BYE, pipe or QUIC ends──▶ Over
//      └────────── refused, 10 s, pipe or QUIC ends ────────────────────────────────────────▶ Over
//
// At an egress a path is Ready only when its client is known to have read the OK: QUIC has the acknowledgement, or a
// datagram came. What an egress sent earlier could overtake the OK; the client would acknowledge it without a session
// to give it to, and those bytes would count as arrived for ever.
//
// Ownership: rng and events outlive it; so does the identity inside a server's config. The owner destroys pipe and
// PathLife from a later turn than on_path_over(), or earlier, abruptly: then it calls forsake() first.
// After every call, and from inside some, it says until when it may sleep: on_path_deadline(). Thread: one.
#pragma once

#include <cstdint>
#include <optional>
#include <variant>

#include "core/session/path_handshake.hpp"
#include "core/session/session_types.hpp"
#include "quic/path.hpp"
#include "quic/path_host.hpp"

namespace footbridge::quic {

// A refusal travels on the control stream and is sent again when it is lost; closing at once would overtake it, and the
// client would not learn why. The client closes when it has read it; this is for one that does not.
inline constexpr Seconds kRefusalLinger{2};

// Why a path is over, for logs and for what to do next.
struct PathOver {
  PathEnd end;
  bool was_carrying = false;                   // it had a place in a session
  std::optional<core::PathFailure> handshake;  // the handshake failed so
  std::optional<wire::RefusalCode> refusal;    // and this is what the egress said
  std::optional<wire::Bye> bye;                // the peer left in order
};

class PathLifeEvents {
 public:
  virtual ~PathLifeEvents() = default;
  // The handshake is done: attach() it to its session now, or leave().
  virtual void on_path_ready(TimePoint now) = 0;
  // It carries, and its session suspects it, or has heard it again (core/session/silence_detector.hpp).
  virtual void on_path_silence(TimePoint now, bool silent) = 0;
  // It has been silent for core::kLongSilence.
  virtual void on_path_long_silence(TimePoint now) = 0;
  // QUIC is over; a place in the session that it still has is about to be given up. The pipe may take a moment more.
  virtual void on_path_ending(TimePoint, const PathEnd&) {}
  // Call on_deadline() then; it replaces what was said before. nullopt: never.
  virtual void on_path_deadline(std::optional<TimePoint> at) = 0;
  // Once, last: nothing is called afterwards.
  virtual void on_path_over(TimePoint now, const PathOver& over) = 0;
};

class PathLife final : public PipeEvents, private PathUser, private core::DatagramSource {
 public:
  PathLife(const ClientConfig& config, const PathOptions& options, core::ClientPathHandshake handshake, Rng& rng,
           PathLifeEvents& events);
  PathLife(const ServerConfig& config, const PathOptions& options, core::EgressPathHandshake handshake, Rng& rng,
           PathLifeEvents& events);
  ~PathLife() override;

  void attach_pipe(TimePoint now, MessagePipe& pipe);
  // Inside or after on_path_ready().
  void attach(TimePoint now, PathHost& host);
  // Gives up its place in the session, saying nothing to anybody.
  void forsake(TimePoint now);

  const core::ClientPathHandshake* client_handshake() const { return std::get_if<core::ClientPathHandshake>(&gate_); }
  const core::EgressPathHandshake* egress_handshake() const { return std::get_if<core::EgressPathHandshake>(&gate_); }
  const Path& path() const { return path_; }
  PathHost* host() const { return host_; }  // while it carries
  core::PathId id() const { return id_; }   // in that session
  core::Silence silence() const { return silence_; }
  bool was_carrying() const { return was_carrying_; }
  const std::optional<PathEnd>& end() const { return end_; }  // QUIC is over; told when the pipe is closed, too
  bool over() const { return over_told_; }

  // Asks whether the other end is there: when it is not, the path is suspected as if data were under way.
  void probe(TimePoint now, Rng& rng);
  // Says BYE and closes. Inside an event of QUIC's its place is given up at once, and it closes when the BYE is on its
  // way.
  void leave(TimePoint now, wire::ByeCode code, Seconds retry_after = Seconds{0});
  void on_deadline(TimePoint now);

  // From its host: the session has datagrams; what its detector says; the host is gone.
  void wake(TimePoint now);
  void on_silence(TimePoint now, core::Silence silence);
  void on_host_gone() { host_ = nullptr; }

  // PipeEvents
  void on_open(TimePoint now) override;
  void on_messages(TimePoint now, std::span<const ByteView> batch) override;
  void on_drained(TimePoint now) override;
  void on_closed(TimePoint now, PipeEnd end) override;

 private:
  // PathUser
  void on_path_established(TimePoint now) override;
  void on_path_control(TimePoint now, ByteView bytes, bool fin) override;
  void on_path_datagram(TimePoint now, ByteView payload) override;
  void on_path_fate(TimePoint now, core::DatagramId id, core::DatagramFate fate) override;
  void on_path_closed(TimePoint now, const PathEnd& end) override;
  // core::DatagramSource
  std::optional<Pulled> pull(TimePoint now, ByteSpan out) override;

  core::PathControl& control();
  void after_control(TimePoint now);
  void become_ready(TimePoint now);
  void send_control_output(TimePoint now);
  void settle(TimePoint now);

  PathLifeEvents& events_;
  std::variant<core::ClientPathHandshake, core::EgressPathHandshake> gate_;
  Path path_;
  PathHost* host_ = nullptr;
  core::PathId id_{};
  core::Silence silence_ = core::Silence::None;
  bool ready_told_ = false;
  bool was_carrying_ = false;
  bool leaving_ = false;
  bool close_due_ = false;  // it left inside an event
  std::optional<PathEnd> end_;
  bool over_told_ = false;
  std::optional<TimePoint> close_at_;  // we refused, and wait for the client to have read it
};

}  // namespace footbridge::quic
