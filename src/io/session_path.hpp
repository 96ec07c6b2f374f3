// SessionPath: one path from its first byte to its end, on an Asio loop: a pipe, the QUIC connection over it, the
// handshake on its control stream, and, once that is done, a place in a SessionHost.
//
//   Opening ──HELLO/JOIN granted──▶ Ready ──attach()──▶ Carrying ──BYE, pipe or QUIC ends──▶ Over
//      └────────── refused, 10 s, pipe or QUIC ends ────────────────────────────────────────▶ Over
//
// At an egress a path is Ready only when its client is known to have read the OK: QUIC has the acknowledgement, or a
// datagram came. What an egress sent earlier could overtake the OK; the client would acknowledge it without a session
// to give it to, and those bytes would count as arrived for ever.
//
// Ownership: the owner makes the pipe with this as its PipeEvents, attach_pipe()s it, and destroys both, path first,
// from a later turn of the loop after on_path_over(). It may also destroy both earlier, abruptly.
// Threads: the executor's one thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

#include "core/session/path_handshake.hpp"
#include "core/session/session_types.hpp"
#include "io/asio.hpp"
#include "io/deadline_timer.hpp"
#include "quic/path.hpp"

namespace footbridge::io {

class SessionHost;
class SessionPath;

// A refusal travels on the control stream and is sent again when it is lost; closing at once would overtake it, and the
// client would not learn why. The client closes when it has read it; this is for one that does not.
inline constexpr Seconds kRefusalLinger{2};

// Why a path is over, for logs and for what to do next.
struct PathOver {
  quic::PathEnd end;
  bool was_carrying = false;                   // it had a place in a session
  std::optional<core::PathFailure> handshake;  // the handshake failed so
  std::optional<wire::RefusalCode> refusal;    // and this is what the egress said
  std::optional<wire::Bye> bye;                // the peer left in order
};

class SessionPathEvents {
 public:
  virtual ~SessionPathEvents() = default;
  // The handshake is done: attach() it to its session now.
  virtual void on_path_ready(TimePoint now, SessionPath& path) = 0;
  // It carries, and its session suspects it, or has heard it again (core/session/silence_detector.hpp). Meanwhile the
  // session relies on other paths only; time to look for another one. Often a false alarm, and soon taken back.
  virtual void on_path_silence(TimePoint, SessionPath&, bool /*silent*/) {}
  // It has been silent for core::kLongSilence: no false alarm. It may be heard again nevertheless.
  virtual void on_path_long_silence(TimePoint, SessionPath&) {}
  // Once, last.
  virtual void on_path_over(TimePoint now, SessionPath& path, const PathOver& over) = 0;
};

class SessionPath final : public PipeEvents, private quic::PathUser, private core::DatagramSource {
 public:
  // rng and events outlive the path; so does the identity inside a server's config.
  SessionPath(asio::any_io_executor executor, const quic::ClientConfig& config, core::ClientPathHandshake handshake,
              Rng& rng, SessionPathEvents& events);
  SessionPath(asio::any_io_executor executor, const quic::ServerConfig& config, core::EgressPathHandshake handshake,
              Rng& rng, SessionPathEvents& events);
  ~SessionPath() override;

  void attach_pipe(MessagePipe& pipe);
  // Inside or after on_path_ready().
  void attach(TimePoint now, SessionHost& host);

  const core::ClientPathHandshake* client_handshake() const { return std::get_if<core::ClientPathHandshake>(&gate_); }
  const core::EgressPathHandshake* egress_handshake() const { return std::get_if<core::EgressPathHandshake>(&gate_); }
  SessionHost* host() const { return host_; }
  core::PathStats stats() const { return path_.stats(); }
  const quic::PathCounters& counters() const { return path_.counters(); }
  core::Silence silence() const { return silence_; }

  // Asks whether the other end is there: when it is not, the path is suspected as if data were under way.
  void probe(TimePoint now, Rng& rng);
  // Says BYE and closes.
  void leave(TimePoint now, wire::ByeCode code, Seconds retry_after = Seconds{0});

  // PipeEvents
  void on_open(TimePoint now) override;
  void on_messages(TimePoint now, std::span<const ByteView> batch) override;
  void on_drained(TimePoint now) override;
  void on_closed(TimePoint now, PipeEnd end) override;

 private:
  friend class SessionHost;
  core::PathId id() const { return id_; }
  void wake(TimePoint now);
  void leave_on_end(wire::ByeCode code, Seconds retry_after = Seconds{0});
  void on_host_gone() { host_ = nullptr; }
  void on_silence(TimePoint now, core::Silence silence);

  // quic::PathUser
  void on_path_established(TimePoint now) override;
  void on_path_control(TimePoint now, ByteView bytes, bool fin) override;
  void on_path_datagram(TimePoint now, ByteView payload) override;
  void on_path_fate(TimePoint now, core::DatagramId id, core::DatagramFate fate) override;
  void on_path_closed(TimePoint now, const quic::PathEnd& end) override;
  // core::DatagramSource
  std::optional<Pulled> pull(TimePoint now, ByteSpan out) override;

  core::PathControl& control();
  void after_control(TimePoint now);
  void become_ready(TimePoint now);
  void send_control_output(TimePoint now);
  void settle(TimePoint now);
  void on_timer(TimePoint now);

  SessionPathEvents& events_;
  std::variant<core::ClientPathHandshake, core::EgressPathHandshake> gate_;
  quic::Path path_;
  DeadlineTimer timer_;
  SessionHost* host_ = nullptr;
  core::PathId id_{};
  core::Silence silence_ = core::Silence::None;
  bool ready_told_ = false;
  bool was_carrying_ = false;
  bool leaving_ = false;
  std::optional<quic::PathEnd> end_;  // set once QUIC is over; told when the pipe is closed, too
  bool over_told_ = false;
  std::optional<TimePoint> close_at_;  // we refused, and wait for the client to have read it
};

}  // namespace footbridge::io
