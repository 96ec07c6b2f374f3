// PathEnd: one end of a path: the pipe below, the plain connection on it, the handshake of core, and the session once
// it is known. It does what quic::PathLife does with QUIC; the decisions are those of core.
//
// P4 is checked here: a datagram leaves only after the handshake is done, as a HandshakeWatch saw it.
// Ownership: the pipe and the user outlive it; destroyed at any time, outside its own calls. Thread: one.
#pragma once

#include <optional>
#include <variant>

#include "core/session/path_handshake.hpp"
#include "core/session/session_types.hpp"
#include "sim/model/handshake_watch.hpp"
#include "sim/model/hop.hpp"
#include "sim/model/plain_connection.hpp"

namespace footbridge::sim::model {

class SessionEnd;
class PathEnd;

class PathEndUser {
 public:
  virtual ~PathEndUser() = default;
  virtual void on_path_ready(PathEnd& path) = 0;  // attach() it now, or leave()
  // Of a path that carries: its session's detector suspects it, is sure, or has heard it again.
  virtual void on_path_silence(PathEnd& path, core::Silence silence) = 0;
  virtual void on_path_filler(PathEnd&, ByteView) {}  // a message that is no packet
  virtual void on_path_over(PathEnd& path) = 0;       // once, last; may be destroyed from a later event
};

class PathEnd final : public Timed, public PipeEvents, private PlainConnectionUser {
 public:
  using Gate = std::variant<core::ClientPathHandshake, core::EgressPathHandshake>;

  PathEnd(Ground& ground, Actor who, HopEnd& pipe, std::size_t packet_bytes, Seed seed, Gate gate, PathEndUser& user);
  ~PathEnd() override;

  // The pipe is open: the client speaks first.
  void start();
  void attach(SessionEnd& session);
  void leave(wire::ByeCode code);
  void on_session_gone() { session_ = nullptr; }
  void pump();
  void on_silence(core::Silence silence);

  core::PathControl& control();
  const core::ClientPathHandshake* client_handshake() const { return std::get_if<core::ClientPathHandshake>(&gate_); }
  const core::EgressPathHandshake* egress_handshake() const { return std::get_if<core::EgressPathHandshake>(&gate_); }
  SessionEnd* session() { return session_; }
  // Client: of the OK.
  std::optional<SessionId> granted_session() const {
    const auto& ok = client_handshake()->granted();
    return ok ? std::optional(ok->session) : std::nullopt;
  }
  core::PathId id() const { return id_; }
  core::PathStats stats() const { return connection_.stats(); }
  bool silent() const { return silence_ != core::Silence::None; }
  bool over() const { return connection_.over(); }
  bool was_carrying() const { return was_carrying_; }
  TimePoint began() const { return began_; }
  bool leaving() const { return leaving_; }

  // PipeEvents
  void on_open(TimePoint now) override;
  void on_messages(TimePoint now, std::span<const ByteView> batch) override;
  void on_drained(TimePoint now) override;
  void on_closed(TimePoint now, PipeEnd end) override;

 private:
  void on_alarm() override;
  void settle();
  void after_control();
  void become_ready();
  void send_control_output();

  // PlainConnectionUser
  bool has_datagrams() const override;
  void on_control(ByteView bytes) override;
  void on_datagram(ByteView payload) override;
  void on_fate(core::DatagramId id, core::DatagramFate fate) override;
  void on_timer() override { settle(); }
  void on_connection_over(ConnectionEnd end) override;
  std::optional<core::DatagramSource::Pulled> pull(TimePoint now, ByteSpan out) override;

  Actor who_;
  HopEnd& pipe_;
  Gate gate_;
  PathEndUser& user_;
  core::Silence silence_ = core::Silence::None;
  PlainConnection connection_;
  HandshakeWatch watch_;
  SessionEnd* session_ = nullptr;
  core::PathId id_{};
  TimePoint began_;
  std::optional<TimePoint> close_at_;
  bool ready_told_ = false;
  bool leaving_ = false;
  bool was_carrying_ = false;
};

}  // namespace footbridge::sim::model
