// A client's and an egress's session over real QUIC paths, on virtual time: what io::SessionHost and io::SessionPath do
// on a loop, without one. Between the two pipes of each path stands a carrier, which decides what arrives, and when.
// The client dials again when it has lost its path; the proxy, the broker and the links in between are imagined.
//
// Repeatable up to what TLS draws for itself. Threads: one.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "core/session/path_handshake.hpp"
#include "core/session/session_world.hpp"
#include "hostile_proxy.hpp"
#include "quic/path.hpp"

namespace footbridge::sim {

class TwoEnds;

inline constexpr std::size_t kClientEnd = 0;
inline constexpr std::size_t kEgressEnd = 1;

// One end of one path: a pipe, QUIC over it, the handshake on its control stream, and then a place in a session.
class PathAtEnd final : public quic::PathUser, public core::DatagramSource, public MessagePipe {
 public:
  PathAtEnd(TwoEnds& world, std::size_t route, const quic::ClientConfig& config, core::ClientPathHandshake gate);
  PathAtEnd(TwoEnds& world, std::size_t route, const quic::ServerConfig& config, core::EgressPathHandshake gate);

  void open(TimePoint now);
  void on_message(TimePoint now, ByteView message);
  void on_pipe_closed(TimePoint now, PipeEnd how);
  void on_deadline(TimePoint now);
  std::optional<TimePoint> deadline() const;
  void wake(TimePoint now);
  bool carries() const { return attached_ && !end_; }
  const std::optional<quic::PathEnd>& end() const { return end_; }
  bool finished() const { return end_ && path_.finished(); }
  std::optional<core::PathFailure> failure() const;

  // quic::PathUser
  void on_path_established(TimePoint now) override;
  void on_path_control(TimePoint now, ByteView bytes, bool fin) override;
  void on_path_datagram(TimePoint now, ByteView payload) override;
  void on_path_fate(TimePoint now, core::DatagramId id, core::DatagramFate fate) override;
  void on_path_closed(TimePoint now, const quic::PathEnd& end) override;
  // core::DatagramSource
  std::optional<Pulled> pull(TimePoint now, ByteSpan out) override;
  // MessagePipe
  bool send(ByteView message) override;
  void flush() override {}
  std::size_t backlog_bytes() const override { return 0; }
  std::size_t max_message_bytes() const override { return 65'536; }
  void pause_reading(bool) override {}
  void close(PipeEnd how) override;

 private:
  core::PathControl& control();
  const core::PathControl& control() const;
  core::Session* session();
  void send_control(TimePoint now);
  void after_control(TimePoint now);
  void attach(TimePoint now);
  std::size_t side() const {
    return std::holds_alternative<core::ClientPathHandshake>(gate_) ? kClientEnd : kEgressEnd;
  }

  TwoEnds& world_;
  std::size_t route_;
  std::variant<core::ClientPathHandshake, core::EgressPathHandshake> gate_;
  SeededRng rng_;
  quic::Path path_;
  bool open_ = true;  // the pipe
  bool attached_ = false;
  core::PathId id_{};
  std::optional<quic::PathEnd> end_;
};

class TwoEnds final : public core::SessionRegistry {
 public:
  using Carrier = std::function<std::vector<HostileProxy::Delivery>(std::size_t from, ByteView message)>;
  // Above QUIC, where nothing is authenticated any more; for showing that the checks of a test can fail.
  using Meddler = std::function<void(Bytes& datagram)>;

  explicit TwoEnds(std::uint64_t seed, Carrier carrier);

  // Until `done`, for `most` of virtual time; false: time ran out, or a session has ended.
  bool run_until(const std::function<bool()>& done, Duration most);
  // Opens a stream that carries `up` pattern bytes after the header and `down` bytes back; nullopt: not now.
  std::optional<core::StreamId> open(ByteView header, std::uint64_t up, std::uint64_t down);

  // The proxies leave: both ends of every path hear that their pipe is over.
  void cut_paths();
  bool ended() const;
  core::Session* session(std::size_t side) { return sessions_[side] ? &*sessions_[side] : nullptr; }
  core::Application& app(std::size_t side) { return *apps_[side]; }

  TimePoint now{Seconds{1'000}};
  Duration delay = Millis{10};  // one way
  Duration redial = Millis{200};
  Meddler meddler;
  SeededRng rng;
  core::BoundedMemory memory{64U << 20};
  std::vector<quic::PathEnd> ends;  // of the client's paths
  std::uint64_t dials = 0;

  // core::SessionRegistry
  Answer create(TimePoint now, const wire::Hello& hello) override;
  Answer join(TimePoint now, const wire::Join& join) override;

 private:
  friend class PathAtEnd;
  struct Route {
    std::unique_ptr<PathAtEnd> ends[2];
  };
  struct Arrival {
    std::size_t route = 0;
    std::size_t to = 0;
    Bytes message;
    std::optional<PipeEnd> closed;
  };
  void dial();
  void carry(std::size_t route, std::size_t from, ByteView message);
  void make_session(std::size_t side, const wire::SessionLimits& peer);
  void settle();
  void step();
  std::optional<TimePoint> next_event() const;
  void forget_finished();

  Carrier carrier_;
  quic::Identity identity_;
  std::optional<core::SessionGrant> grant_;
  std::optional<core::Session> sessions_[2];
  std::optional<core::Application> apps_[2];
  std::map<core::StreamId, std::uint64_t> down_;
  std::map<std::size_t, Route> routes_;
  std::size_t last_route_ = 0;
  std::optional<TimePoint> dial_at_;
  std::multimap<TimePoint, Arrival> arrivals_;
};

}  // namespace footbridge::sim
