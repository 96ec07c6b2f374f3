// PathAtEnd: one end of one path of the stack tier: the programs' own quic::PathLife over a side of a pipe, on virtual
// time, with a place in a SessionAtEnd.
//
// Ownership: network, owner and rng outlive it; the owner destroys it from an event after on_path_over(). Thread: one.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>

#include "quic/path_life.hpp"
#include "sim/stack/network.hpp"

namespace footbridge::sim {

class PathAtEnd;
class SessionAtEnd;

class PathOwner {
 public:
  virtual ~PathOwner() = default;
  // The handshake is done: which session does the path belong to? Null: none any more.
  virtual SessionAtEnd* on_path_ready(PathAtEnd& path) = 0;
  virtual void on_path_silence(PathAtEnd&, bool /*silent*/) {}
  // Once, last.
  virtual void on_path_over(PathAtEnd& path) = 0;
};

class PathAtEnd final : public PipeEvents, private quic::PathLifeEvents, private quic::PathHost {
 public:
  // Above QUIC, where nothing is authenticated any more; for showing that the checks of a test can fail.
  using Meddler = std::function<void(Bytes& datagram)>;

  PathAtEnd(Network& network, PathOwner& owner, Actor name, Pipe::Side& pipe, const quic::ClientConfig& config,
            const quic::PathOptions& options, core::ClientPathHandshake gate, Rng& rng);
  PathAtEnd(Network& network, PathOwner& owner, Actor name, Pipe::Side& pipe, const quic::ServerConfig& config,
            const quic::PathOptions& options, core::EgressPathHandshake gate, Rng& rng);
  ~PathAtEnd() override;

  const core::ClientPathHandshake* client_handshake() const { return life_.client_handshake(); }
  const core::EgressPathHandshake* egress_handshake() const { return life_.egress_handshake(); }
  std::uint64_t pipe_number() const { return pipe_.number(); }
  const Actor& name() const { return name_; }
  bool carrying() const { return life_.host() != nullptr; }
  bool has_carried() const { return life_.was_carrying(); }
  bool silent() const { return life_.silence() != core::Silence::None; }
  bool over() const { return life_.over(); }
  TimePoint begun_at() const { return begun_at_; }
  const std::optional<quic::PathEnd>& end() const { return life_.end(); }
  const quic::Path& path() const { return life_.path(); }
  core::PathId id() const { return life_.id(); }

  void leave(wire::ByeCode code) { life_.leave(network_.now(), code); }
  // From its session.
  void wake() { life_.wake(network_.now()); }
  void on_silence(core::Silence silence) { life_.on_silence(network_.now(), silence); }
  void on_session_gone() { life_.on_host_gone(); }

  // PipeEvents
  void on_open(TimePoint now) override { life_.on_open(now); }
  void on_messages(TimePoint now, std::span<const ByteView> batch) override { life_.on_messages(now, batch); }
  void on_drained(TimePoint now) override { life_.on_drained(now); }
  void on_closed(TimePoint now, PipeEnd how) override;

  Meddler meddler;

 private:
  // quic::PathLifeEvents
  void on_path_ready(TimePoint now) override;
  void on_path_silence(TimePoint now, bool silent) override;
  void on_path_long_silence(TimePoint) override {}
  void on_path_ending(TimePoint now, const quic::PathEnd& end) override;
  void on_path_deadline(std::optional<TimePoint> at) override { timer_.arm(at); }
  void on_path_over(TimePoint, const quic::PathOver&) override { owner_.on_path_over(*this); }
  // quic::PathHost, in front of the session: the meddler sits between.
  core::Session& session() override;
  core::PathId add_path(TimePoint now, quic::PathLife& path) override;
  void remove_path(TimePoint now, core::PathId id) override;
  Status<core::SessionErrc> on_datagram(TimePoint now, core::PathId id, ByteView payload) override;
  void touch() override;
  void end_session() override;

  void begin();

  Network& network_;
  PathOwner& owner_;
  const Actor name_;
  Pipe::Side& pipe_;
  const TimePoint begun_at_ = network_.now();
  quic::PathLife life_;
  Timer timer_;
  SessionAtEnd* session_ = nullptr;  // since it was ready; gone when life_ has no host any more
  bool pipe_over_ = false;
};

}  // namespace footbridge::sim
