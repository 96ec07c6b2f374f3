// Leg: one relay leg as a MessagePipe, binary WebSocket messages over TCP or TLS (spec 06-relay-leg). No compression,
// no extension. All frames that are queued when the socket is writable go out in one write of ≤ 64 KiB; all messages of
// one read of ≤ 64 KiB arrive as on_messages batches.
//
// Bounds: messages ≤ 64 KiB, fragments ≤ 64, pings ≤ 10/s, a batch ≤ kMaxBatchMessages, kernel queue ≈ 64 KiB
// (NOTSENT_LOWAT). A leg from which nothing was heard for 90 s while reading is lost; our own pings make a healthy peer
// speak. on_drained follows only when a flush() could not write all at once: look at backlog_bytes() after flush().
//
// Ownership: dial() and accept() give the leg; its user calls start() once and destroys it from any turn of the loop
// that is not inside one of its events (or from on_messages). Destroying it without close() resets the connection.
// Threads: the socket's executor's one thread.
#pragma once

#include <cstddef>
#include <memory>

#include "base/bytes.hpp"
#include "base/rng.hpp"
#include "base/time.hpp"
#include "io/byte_socket.hpp"
#include "io/connection_permit.hpp"
#include "io/deadline_timer.hpp"
#include "io/relay_leg.hpp"
#include "wire/websocket_frame.hpp"
#include "wire/websocket_reader.hpp"

namespace footbridge::ws {

inline constexpr Seconds kIdleLimit{90};     // LEG-T3: two of our pings and a lost one
inline constexpr Seconds kMinKeepAlive{20};  // LEG-T4: jittered, so that no fixed period marks a leg
inline constexpr Seconds kMaxKeepAlive{40};  //         below the 60 s after which cheap NATs forget a TCP connection
inline constexpr Millis kCloseLimit{800};    // LEG-T5: an orderly close, so that a leg is gone 1 s after its link
inline constexpr std::size_t kMaxPingsPerSecond = 10;     // LEG-B3: browsers send none, stacks one in 15 s
inline constexpr std::size_t kMaxWriteBytes = 64 * 1024;  // LEG-B4: one system call
inline constexpr std::size_t kMaxBatchMessages = 256;     // LEG-B5: views per on_messages

enum class Role : std::uint8_t { Client, Server };  // who dialled: clients mask

class Leg final : public io::RelayLeg {
 public:
  struct Parts {
    io::ByteSocket socket;
    Role role = Role::Client;
    Bytes early;                  // bytes that came behind the handshake
    io::ConnectionPermit permit;  // given back when the leg is destroyed
  };
  // Parts::socket is connected and has the handshake behind it. `rng` makes masks and jitter and must outlive the leg.
  Leg(Parts parts, Rng& rng);
  ~Leg() override;

  // Begins. `events` must outlive the leg; on_open comes in a later turn of the loop.
  void start(PipeEvents& events) override;

  bool send(ByteView message) override;
  void flush() override;
  std::size_t backlog_bytes() const override;
  std::size_t max_message_bytes() const override { return wire::kMaxWsMessageBytes; }
  void pause_reading(bool paused) override;
  void close(PipeEnd end) override;

  // For logs: the code of the peer's Close frame or of ours; NoStatus before there is one.
  wire::WsCloseCode close_code() const;
  // Tests only: shorter limits than the constants above.
  struct Timing {
    Duration idle = kIdleLimit;
    Duration min_keep_alive = kMinKeepAlive;
    Duration max_keep_alive = kMaxKeepAlive;
    Duration close = kCloseLimit;
  };
  void set_timing_for_test(Timing timing);

 private:
  class Impl;
  // Two owners: this object and the operations pending in the loop, which end one turn after it at the latest.
  std::shared_ptr<Impl> impl_;
  std::unique_ptr<io::DeadlineTimer> timer_;
};

}  // namespace footbridge::ws
