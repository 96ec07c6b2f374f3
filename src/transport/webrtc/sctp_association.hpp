// One SCTP association over DTLS (RFC 8261): packets on one side, whole messages on streams on the other.
//
// Threads: the WebRTC thread only. Events come from inside read() and, seldom, on_packet(); packets to send come from
// inside any call. No event may destroy the association; abort() may be called from all of them.
// Bounds: messages ≤ kMaxMessageBytes, a longer one ends the association with Oversized. What is not read stays in the
// library's 4 MiB buffer and closes the receive window: nothing is dropped.
// Pure SACK packets are held back and the newest one goes out with flush(): one per received batch instead of one per
// two packets saves a third of the whole chain's CPU.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "transport/webrtc/sctp_stack.hpp"

struct socket;  // usrsctp's

namespace footbridge::webrtc {

using StreamId = std::uint16_t;

enum class PayloadProtocol : std::uint32_t {  // RFC 8831 §8
  Dcep = 50,
  Text = 51,
  Binary = 53,
  EmptyText = 56,  // carries one byte that means none: SCTP has no empty messages
  EmptyBinary = 57,
};

enum class SctpEnd : std::uint8_t {
  Remote,     // the other side aborted or shut down
  Silent,     // retransmissions ran out, or it never answered
  Oversized,  // a message above kMaxMessageBytes
};

class SctpEvents {
 public:
  virtual ~SctpEvents() = default;
  virtual void on_sctp_packet(ByteView packet) = 0;
  // A SACK was held back: flush() is due at the end of this batch.
  virtual void on_sctp_sack_held() = 0;
  virtual void on_sctp_up() = 0;
  // False: reading shall pause after this message until resume().
  virtual bool on_sctp_message(StreamId stream, PayloadProtocol protocol, ByteView message) = 0;
  virtual void on_sctp_stream_reset(StreamId stream) = 0;
  virtual void on_sctp_end(SctpEnd end) = 0;
};

// How one message travels.
struct SctpDelivery {
  bool ordered = true;
  std::optional<std::uint32_t> retransmits;  // nullopt: until acknowledged
};

class SctpAssociation {
 public:
  // Starts to connect at once. Both sides do: RFC 8841 knows no server.
  SctpAssociation(SctpStack& stack, SctpEvents& events, std::uint16_t remote_port);
  ~SctpAssociation();
  SctpAssociation(const SctpAssociation&) = delete;
  SctpAssociation& operator=(const SctpAssociation&) = delete;

  void on_packet(ByteView packet);
  // Tells what has arrived or ended. Once per batch of packets, because asking the library in vain costs as much as
  // being told; and after its timers have run.
  void read();
  // Lets read() go on after a pause.
  void resume() { paused_ = false; }

  enum class Sent : std::uint8_t { Taken, Full, Closed };
  Sent send(StreamId stream, PayloadProtocol protocol, SctpDelivery delivery, ByteView message);
  // Lets the held SACK go.
  void flush();
  // Tells the other side at once and ends; no event follows.
  void abort();
  std::optional<Duration> round_trip() const;

  void on_output(ByteSpan packet);  // from SctpStack

 private:
  // Connecting ──up──▶ Up ──abort, silence──▶ Ended
  //      └────────────── refusal ──────────────▶ ┘
  enum class State : std::uint8_t { Connecting, Up, Ended };

  void open_socket();
  void set_options();
  void connect(std::uint16_t remote_port);
  void on_notification(ByteView notification);
  void end(SctpEnd why);

  SctpStack& stack_;
  SctpEvents& events_;
  void* handle_;
  struct socket* socket_ = nullptr;
  State state_ = State::Connecting;
  bool paused_ = false;
  Bytes held_sack_;
};

}  // namespace footbridge::webrtc
