// PathAtEnd: one end of one path of the stack tier: a side of a pipe, QUIC over it, the handshake on its control
// stream, and then a place in a session: what io::SessionPath does on a loop, without one.
//
//   Opening ──granted──▶ carrying ──BYE, pipe or QUIC ends──▶ over
//
// Ownership: network, owner and rng outlive it; the owner destroys it from an event after on_path_over(). Thread: one.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <variant>

#include "core/session/path_handshake.hpp"
#include "core/session/session_types.hpp"
#include "quic/path.hpp"
#include "sim/stack/network.hpp"

namespace footbridge::sim {

class PathAtEnd;
class SessionAtEnd;

// As io::kRefusalLinger: closing at once would overtake the refusal, and the client would not learn why.
inline constexpr Seconds kRefusalLinger{2};

class PathOwner {
 public:
  virtual ~PathOwner() = default;
  // The handshake is done: which session does the path belong to? Null: none any more.
  virtual SessionAtEnd* on_path_ready(PathAtEnd& path) = 0;
  virtual void on_path_silence(PathAtEnd&, bool /*silent*/) {}
  // Once, last.
  virtual void on_path_over(PathAtEnd& path) = 0;
};

class PathAtEnd final : public PipeEvents, private quic::PathUser, private core::DatagramSource {
 public:
  // Above QUIC, where nothing is authenticated any more; for showing that the checks of a test can fail.
  using Meddler = std::function<void(Bytes& datagram)>;

  PathAtEnd(Network& network, PathOwner& owner, Actor name, Pipe::Side& pipe, const quic::ClientConfig& config,
            const quic::PathOptions& options, core::ClientPathHandshake gate, Rng& rng);
  PathAtEnd(Network& network, PathOwner& owner, Actor name, Pipe::Side& pipe, const quic::ServerConfig& config,
            const quic::PathOptions& options, core::EgressPathHandshake gate, Rng& rng);
  ~PathAtEnd() override;

  const core::ClientPathHandshake* client_handshake() const { return std::get_if<core::ClientPathHandshake>(&gate_); }
  const core::EgressPathHandshake* egress_handshake() const { return std::get_if<core::EgressPathHandshake>(&gate_); }
  std::uint64_t pipe_number() const { return pipe_.number(); }
  const Actor& name() const { return name_; }
  bool carrying() const { return session_ != nullptr; }
  bool has_carried() const { return has_carried_; }
  bool silent() const { return silence_ != core::Silence::None; }
  bool over() const { return over_told_; }
  TimePoint begun_at() const { return begun_at_; }
  const std::optional<quic::PathEnd>& end() const { return end_; }
  const quic::Path& path() const { return path_; }
  core::PathId id() const { return id_; }

  void wake();
  void leave(wire::ByeCode code);
  void on_session_gone() { session_ = nullptr; }
  void on_silence(core::Silence silence);

  // PipeEvents
  void on_open(TimePoint now) override;
  void on_messages(TimePoint now, std::span<const ByteView> batch) override;
  void on_drained(TimePoint now) override;
  void on_closed(TimePoint now, PipeEnd how) override;

  Meddler meddler;

 private:
  // quic::PathUser
  void on_path_established(TimePoint now) override;
  void on_path_control(TimePoint now, ByteView bytes, bool fin) override;
  void on_path_datagram(TimePoint now, ByteView payload) override;
  void on_path_fate(TimePoint now, core::DatagramId id, core::DatagramFate fate) override;
  void on_path_closed(TimePoint now, const quic::PathEnd& end) override;
  // core::DatagramSource
  std::optional<Pulled> pull(TimePoint now, ByteSpan out) override;

  void begin();
  core::PathControl& control();
  void send_control(TimePoint now);
  void after_control(TimePoint now);
  void become_ready();
  void settle(TimePoint now);
  void on_timer();

  Network& network_;
  PathOwner& owner_;
  const Actor name_;
  Pipe::Side& pipe_;
  const TimePoint begun_at_ = network_.now();
  std::variant<core::ClientPathHandshake, core::EgressPathHandshake> gate_;
  quic::Path path_;
  Timer timer_;
  SessionAtEnd* session_ = nullptr;  // while it carries
  core::PathId id_{};
  core::Silence silence_ = core::Silence::None;
  std::optional<quic::PathEnd> end_;
  std::optional<TimePoint> close_at_;  // we refused, and wait for the client to have read it
  bool pipe_over_ = false;
  bool ready_told_ = false;
  bool has_carried_ = false;
  bool leaving_ = false;
  bool over_told_ = false;
};

}  // namespace footbridge::sim
