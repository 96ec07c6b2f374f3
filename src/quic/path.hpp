// Path: one Connection over one MessagePipe. On the client the pipe is a link; on the egress a relay leg. It sends and
// drops fillers, gathers packets into batches while the pipe has no backlog, and chooses packet sizes.
//
//   Waiting ──pipe open (client) / first Initial (egress)──▶ Handshaking ──▶ Established ──▶ Closing ──pipe closed──▶
//   Over
//      └───────────────── pipe closed, or no Initial within kHandshakeTimeout ───────────────────────────────────────▶
//
// Wiring: make the Path, give it to the pipe as PipeEvents, attach() the pipe, and call on_open() if it was open
// already. The owner keeps pipe and Path alive until finished(), then destroys both (from a later turn of the loop).
// After any call into the Path the owner arms its timer for deadline().
//
// Threads: the pipe's. From inside a PathUser event, send_control(), close(), wake() and the getters may be called;
// packets leave when the call that caused the event returns.
// Errors: whatever arrives, the Path ends with one on_path_closed() and closes its pipe itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <variant>

#include "base/bytes.hpp"
#include "base/rng.hpp"
#include "base/time.hpp"
#include "core/datagram_port.hpp"
#include "core/path/filler.hpp"
#include "core/path/packet_ladder.hpp"
#include "core/pipe.hpp"
#include "quic/connection.hpp"

namespace footbridge::quic {

// The most that is handed to the pipe between two looks at its backlog: one GSO batch of 54 packets.
inline constexpr std::size_t kFlushBytes = 64 * 1024;

struct PathEnd {
  CloseInfo quic;
  std::optional<PipeEnd> pipe;  // how the pipe ended, when that came first (quic.kind is then Pipe)
};

class PathUser {
 public:
  virtual ~PathUser() = default;
  virtual void on_path_established(TimePoint now) = 0;
  virtual void on_path_control(TimePoint now, ByteView bytes, bool fin) = 0;
  virtual void on_path_datagram(TimePoint now, ByteView payload) = 0;
  virtual void on_path_fate(TimePoint now, core::DatagramId id, core::DatagramFate fate) = 0;
  // Once, last.
  virtual void on_path_closed(TimePoint now, const PathEnd& end) = 0;
};

struct PathOptions {
  std::size_t max_packet_bytes = core::kMaxPacketBytes;  // what the match announced; the pipe's own bound counts too
  bool fillers = true;
};

// Counts since the path began; for metrics.
struct PathCounters {
  std::uint64_t packets_in = 0;
  std::uint64_t packets_out = 0;
  std::uint64_t bytes_in = 0;  // of packets, fillers included
  std::uint64_t bytes_out = 0;
  std::uint64_t fillers_in = 0;
  std::uint64_t fillers_out = 0;
};

class Path final : public PipeEvents, private ConnectionEvents {
 public:
  // The configs are copied; an Identity inside ServerConfig, rng, user and source must outlive the Path.
  Path(const ClientConfig& config, const PathOptions& options, Rng& rng, PathUser& user, core::DatagramSource& source);
  Path(const ServerConfig& config, const PathOptions& options, Rng& rng, PathUser& user, core::DatagramSource& source);
  ~Path() override;

  void attach(MessagePipe& pipe);

  // PipeEvents
  void on_open(TimePoint now) override;
  void on_messages(TimePoint now, std::span<const ByteView> batch) override;
  void on_drained(TimePoint now) override;
  void on_closed(TimePoint now, PipeEnd end) override;

  void on_deadline(TimePoint now);
  std::optional<TimePoint> deadline() const;

  // The source has new work: send what may be sent.
  void wake(TimePoint now);
  // As Connection::send_control; goes out at once, or when the current event returns.
  [[nodiscard]] bool send_control(TimePoint now, ByteView bytes);
  bool control_acknowledged() const { return connection_ != nullptr && connection_->control_acknowledged(); }
  // Tells the peer, waits for a moment that it heard (3 PTO), then closes the pipe.
  void close(TimePoint now, std::uint64_t code);

  bool established() const;
  bool in_event() const { return in_call_; }  // packets wait for its end
  bool finished() const;                      // the pipe is closed and nothing will be told any more
  core::PathStats stats() const;
  const PathCounters& counters() const { return counters_; }
  const core::PacketLadder* ladder() const { return ladder_ ? &*ladder_ : nullptr; }  // null until established

 private:
  enum class State : std::uint8_t { Waiting, Handshaking, Established, Closing, Over };

  // ConnectionEvents
  void on_established(TimePoint now) override;
  void on_datagram(TimePoint now, ByteView payload) override;
  void on_datagram_fate(TimePoint now, core::DatagramId id, core::DatagramFate fate, std::size_t bytes) override;
  void on_control(TimePoint now, ByteView bytes, bool fin) override;
  void on_closed(TimePoint now, const CloseInfo& info) override;

  void start(TimePoint now);
  void on_packet(TimePoint now, ByteView packet);
  void accept(TimePoint now, ByteView packet);
  void pump(TimePoint now);
  bool pump_batch(TimePoint now);
  void choose_packet_bytes();
  void send_packet(TimePoint now, ByteView packet);
  void close_pipe_when_done();
  void tell_closed(TimePoint now, const PathEnd& end);
  std::size_t max_packet_bytes() const;

  std::variant<ClientConfig, ServerConfig> config_;
  PathOptions options_;
  Rng& rng_;
  PathUser& user_;
  core::DatagramSource& source_;
  MessagePipe* pipe_ = nullptr;  // the owner's; null before attach() and after it closed
  std::unique_ptr<Connection> connection_;
  std::optional<core::FillerPolicy> fillers_;
  std::optional<core::PacketLadder> ladder_;
  State state_ = State::Waiting;
  bool in_call_ = false;  // an event is being told: packets wait
  std::optional<TimePoint> give_up_at_;
  std::optional<TimePoint> last_sent_;
  std::optional<PathEnd> end_;
  PathCounters counters_;
};

}  // namespace footbridge::quic
