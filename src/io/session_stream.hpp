// SessionStream: a coroutine's view of one stream of a session. One coroutine reads, one writes.
//
// Ownership: made by SessionHost::open() and accept(); destroying one that has not come to its end both ways resets
// what is left. If the host goes first, the stream reads as reset. Waits end on cancellation.
// Bounds: those of the session; write() waits while the send window is full. Threads: the executor's one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <utility>

#include "base/bytes.hpp"
#include "core/session/session_types.hpp"
#include "io/asio.hpp"
#include "io/wakeup.hpp"

namespace footbridge::io {

class SessionHost;

class SessionStream {
 public:
  SessionStream(asio::any_io_executor executor, SessionHost& host, core::StreamId id);
  ~SessionStream();
  SessionStream(const SessionStream&) = delete;
  SessionStream& operator=(const SessionStream&) = delete;

  core::StreamId id() const { return id_; }

  enum class Arrival : std::uint8_t {
    Bytes,  // peek() shows some
    End,    // the peer has finished and everything was consumed
    Reset,  // the peer gave up, the session ended, or this coroutine was cancelled
  };
  asio::awaitable<Arrival> readable();
  // Views are valid until the next call of anything that concerns the session, hence never across a co_await: a reset
  // gives the pages back.
  std::size_t peek(std::span<ByteView> views) const;
  ByteView peek() const;
  void consume(std::size_t count);
  std::optional<core::ResetCode> reset_code() const { return reset_; }
  // Calls back, from the turn in which it happens, when the peer resets the stream or the session is gone: for whoever
  // waits for something else than the stream. The action lives as long as the stream, or until it is replaced.
  void when_broken(std::function<void()> action) { when_broken_ = std::move(action); }

  // How much write_some() would take now, unless memory is short.
  std::size_t room() const;
  // What the session took at once, from the front.
  std::size_t write_some(ByteView bytes);
  // True: there is room. False: nobody will read it (stopped, reset, ended, cancelled).
  asio::awaitable<bool> writable();
  // True: the session took all of it. False: nobody will read it (stopped, reset, ended, cancelled).
  asio::awaitable<bool> write(ByteView borrow_bytes);
  void finish();
  void reset(core::ResetCode code);
  // Gives up reading only; the peer hears of it.
  void stop(core::ResetCode code);

 private:
  friend class SessionHost;
  bool may_write() const;
  void on_readable() { reading_.notify(); }
  void on_writable() { writing_.notify(); }
  void on_finished();
  void on_reset(core::ResetCode code);
  void on_stopped(core::ResetCode code);
  void on_host_gone(std::optional<core::ResetCode> why = std::nullopt);

  SessionHost* host_;  // null once the session has ended
  core::StreamId id_;
  Wakeup reading_;
  Wakeup writing_;
  bool read_ended_ = false;
  bool write_ended_ = false;  // finished, stopped or reset
  std::optional<core::ResetCode> reset_;
  std::function<void()> when_broken_;
};

}  // namespace footbridge::io
