// SessionPath: one path from its first byte to its end, on an Asio loop: a quic::PathLife with the loop's clock and a
// timer, and the SessionHost where its place is.
//
// Ownership: the owner makes the pipe with this as its PipeEvents, attach_pipe()s it, and destroys both, path first,
// from a later turn of the loop after on_path_over(). It may also destroy both earlier, abruptly.
// Threads: the executor's one thread.
#pragma once

#include <optional>
#include <span>

#include "io/asio.hpp"
#include "io/deadline_timer.hpp"
#include "quic/path_life.hpp"

namespace footbridge::io {

class SessionHost;
class SessionPath;

using quic::PathOver;

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

class SessionPath final : public PipeEvents, private quic::PathLifeEvents {
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

  const core::ClientPathHandshake* client_handshake() const { return life_.client_handshake(); }
  const core::EgressPathHandshake* egress_handshake() const { return life_.egress_handshake(); }
  SessionHost* host() const { return life_.host() == nullptr ? nullptr : host_; }
  core::PathStats stats() const { return life_.path().stats(); }
  const quic::PathCounters& counters() const { return life_.path().counters(); }
  core::Silence silence() const { return life_.silence(); }

  // Asks whether the other end is there: when it is not, the path is suspected as if data were under way.
  void probe(TimePoint now, Rng& rng) { life_.probe(now, rng); }
  // Says BYE and closes.
  void leave(TimePoint now, wire::ByeCode code, Seconds retry_after = Seconds{0}) {
    life_.leave(now, code, retry_after);
  }

  // PipeEvents
  void on_open(TimePoint now) override { life_.on_open(now); }
  void on_messages(TimePoint now, std::span<const ByteView> batch) override { life_.on_messages(now, batch); }
  void on_drained(TimePoint now) override { life_.on_drained(now); }
  void on_closed(TimePoint now, PipeEnd end) override { life_.on_closed(now, end); }

 private:
  // quic::PathLifeEvents
  void on_path_ready(TimePoint now) override { events_.on_path_ready(now, *this); }
  void on_path_silence(TimePoint now, bool silent) override { events_.on_path_silence(now, *this, silent); }
  void on_path_long_silence(TimePoint now) override { events_.on_path_long_silence(now, *this); }
  void on_path_deadline(std::optional<TimePoint> at) override { timer_.arm(at); }
  void on_path_over(TimePoint now, const PathOver& over) override { events_.on_path_over(now, *this, over); }

  SessionPathEvents& events_;
  quic::PathLife life_;
  DeadlineTimer timer_;
  SessionHost* host_ = nullptr;
};

}  // namespace footbridge::io
