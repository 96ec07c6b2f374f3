// MessagePipe: the port through which core and quic see a link (WebRTC data channel) or a relay leg (WebSocket, UDP).
// Messages keep their boundaries; they may be lost or reordered, never altered in a way the ends could not detect.
//
// Threads: one pipe belongs to one I/O thread. Every call and every event happens there; an implementation that works
// on another thread (the WebRTC one) hands batches over.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/bytes.hpp"
#include "base/time.hpp"

namespace footbridge {

// Why a pipe ended. Stable names (for logs, metrics and the spec) come from name().
enum class PipeEnd : std::uint8_t {
  Local,    // we closed it
  Remote,   // the other side closed it in order
  Lost,     // it fell silent or broke: consent expired, TCP reset, ping unanswered
  Setup,    // it never opened: no candidate pair, handshake failed, refused
  Misused,  // the other side broke a limit or the protocol
  Leg,      // the proxy lost the other half of the path
};
std::string_view name(PipeEnd end);

// What a pipe tells its user. Calls never come from inside a call of the user into the pipe. `now` was read once for
// the turn of the loop that makes the call.
class PipeEvents {
 public:
  virtual ~PipeEvents() = default;
  virtual void on_open(TimePoint now) = 0;
  // Everything that arrived together, in arrival order; views are valid during the call only.
  virtual void on_messages(TimePoint now, std::span<const ByteView> batch) = 0;
  // backlog_bytes() has fallen to zero after having been above it.
  virtual void on_drained(TimePoint now) = 0;
  // Once, last. The pipe may be destroyed from a later turn of the loop, not from inside this call.
  virtual void on_closed(TimePoint now, PipeEnd end) = 0;
};

class MessagePipe {
 public:
  virtual ~MessagePipe() = default;

  // Queues a copy; goes out with the next flush(). False: not open, or larger than max_message_bytes(); nothing was
  // queued. There is no bound inside: the user looks at backlog_bytes() first (senders pull at zero, routers drop).
  [[nodiscard]] virtual bool send(ByteView message) = 0;
  // Ends a batch: one system call for all that was queued, where the transport can.
  virtual void flush() = 0;
  // Bytes accepted and not yet handed to the operating system.
  virtual std::size_t backlog_bytes() const = 0;
  virtual std::size_t max_message_bytes() const = 0;
  // Stops or resumes reading, where the transport can (TCP); others go on and the user drops.
  virtual void pause_reading(bool paused) = 0;
  // Orderly close; on_closed(end) follows. Idempotent.
  virtual void close(PipeEnd end) = 0;
};

}  // namespace footbridge
