// Application: what people do with a session of the stack tier. The client asks, each time on a stream of its own, for
// so and so many bytes and may send some; the egress answers. Every byte is checked when it is read: which stream and
// which offset it belongs to stands in its value, so that gaps, repeats and mix-ups show (P2).
//
//   client ── 8 bytes: how many to send back ── `up` pattern bytes ── end ──▶ egress
//   client ◀── pattern bytes ── end ── egress
//
// Bounds: as many streams as the session allows. Ownership: the session outlives it. Thread: one.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>

#include "core/session/session.hpp"

namespace footbridge::sim {

// More than anybody downloads in a test.
inline constexpr std::uint64_t kEndless = std::uint64_t{1} << 40;
inline constexpr std::size_t kRequestBytes = 8;

class Application {
 public:
  struct Stream {
    std::uint64_t to_write = 0;
    std::uint64_t written = 0;
    std::uint64_t read = 0;
    std::uint64_t wanted = 0;  // client: bytes asked for
    bool finishing = false;
    bool answered = false;  // egress: the request was read whole
    bool in_finished = false;
    bool out_over = false;
    Bytes request;
    TimePoint asked_at{};
  };

  Application(core::Session& session, bool client) : session_(session), client_(client) {}

  // Client: nullopt when no stream can be opened now.
  std::optional<core::StreamId> ask(TimePoint now, std::uint64_t up, std::uint64_t down);
  void on_event(TimePoint now, const core::SessionEvent& event);
  void give_up(TimePoint now, core::StreamId id);
  // Reads nothing of this stream, or again.
  void stall(TimePoint now, core::StreamId id, bool stalled);
  void stall_none(TimePoint now);

  // Of streams that are not over yet.
  const std::map<core::StreamId, Stream>& streams() const { return streams_; }
  std::uint64_t bytes_read() const { return bytes_read_; }
  std::uint64_t bytes_written() const { return bytes_written_; }
  std::uint64_t wrong_bytes() const { return wrong_bytes_; }  // and ends at a wrong place
  std::uint64_t done() const { return done_; }                // both directions in full
  std::uint64_t failed() const { return failed_; }            // reset by either end

  // For those who measure.
  std::function<void(TimePoint, core::StreamId, std::size_t)> when_read;
  std::function<void(TimePoint, core::StreamId, const Stream&)> when_done;

 private:
  void push(TimePoint now, core::StreamId id);
  void read(TimePoint now, core::StreamId id);
  void take(TimePoint now, core::StreamId id, Stream& stream, ByteView bytes);
  void on_finished(TimePoint now, core::StreamId id);
  void on_broken(core::StreamId id);
  void close_if_over(TimePoint now, core::StreamId id);

  core::Session& session_;
  const bool client_;
  std::map<core::StreamId, Stream> streams_;
  std::set<core::StreamId> stalled_;
  std::uint64_t bytes_read_ = 0;
  std::uint64_t bytes_written_ = 0;
  std::uint64_t wrong_bytes_ = 0;
  std::uint64_t done_ = 0;
  std::uint64_t failed_ = 0;
};

}  // namespace footbridge::sim
