// PlainConnection: what a path is to a session, without QUIC and without cryptography: datagrams with a fate, a
// reliable control stream, acknowledgements, loss recovery, a congestion window, an idle time-out. It stands for
// quic::Path in the model tier, where thousands of seeds count and not the bytes of a handshake; the stack tier has the
// real thing.
//
//   Carrying ──close(), the peer's close, idle, the pipe ends──▶ Over
//
// Packet: type (one byte, bit 0x40 set as in QUIC) | number, 4 | [acknowledged: largest, 4 | 64 before it, 8]
//   | [control: offset, 4 | length, 2 | bytes] or [datagram: the rest].
// Bounds: kMaxWindowPackets under way; control is what handshakes say. A late acknowledgement of a packet believed lost
// is reported, as QUIC does. Ownership: the pipe and the user outlive it. Thread: one.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>

#include "core/datagram_port.hpp"
#include "core/path/packet_sizes.hpp"
#include "core/pipe.hpp"
#include "sim/ground.hpp"

namespace footbridge::sim::model {

enum class ConnectionEnd : std::uint8_t { Closed, ByPeer, Idle, Pipe };

class PlainConnectionUser : public core::DatagramSource {
 public:
  virtual bool has_datagrams() const = 0;
  virtual void on_control(ByteView bytes) = 0;
  virtual void on_datagram(ByteView payload) = 0;
  virtual void on_fate(core::DatagramId id, core::DatagramFate fate) = 0;
  virtual void on_timer() = 0;                             // a deadline of the connection was met
  virtual void on_connection_over(ConnectionEnd end) = 0;  // once, last
};

class PlainConnection final : public Timed {
 public:
  static constexpr std::uint32_t kMaxWindowPackets = 64;

  struct Terms {
    bool keeps_alive = false;  // the client does
    std::size_t packet_bytes = core::kFragmentBytes;
  };
  PlainConnection(Ground& ground, const Terms& terms, Seed seed, MessagePipe& pipe, PlainConnectionUser& user);

  void send_control(ByteView bytes);
  bool control_acknowledged() const { return control_acked_to_ == control_out_.size(); }
  void on_message(ByteView message);
  void pump();  // there is work, or room for it
  void close();
  void on_pipe_closed() { end(ConnectionEnd::Pipe); }

  core::PathStats stats() const;
  bool over() const { return over_; }

 private:
  struct Sent {
    TimePoint at{};
    core::DatagramId datagram = 0;
    std::uint32_t control_begin = 0, control_end = 0;
    std::uint16_t bytes = 0;
    bool eliciting = false, lost = false, acked = false;
  };
  struct Building;

  void on_alarm() override;
  void rearm();
  void end(ConnectionEnd how);

  // plain_connection_send.cpp
  void send_pending_control();
  void send_datagrams();
  void send_ack();
  void send_probe();
  Building begin(std::uint8_t type);
  void finish(Building& packet, Sent sent);

  // plain_connection.cpp
  void on_ack(std::uint32_t largest, std::uint64_t before);
  void settle_acked(std::uint32_t number);
  void find_lost(std::uint32_t largest);
  void forget_settled();
  bool note_number(std::uint32_t number, bool eliciting);
  void take_control(std::uint32_t offset, ByteView bytes);
  void measure(Duration round_trip);
  Sent* sent(std::uint32_t number);
  TimePoint probe_at() const;
  std::uint32_t window() const { return static_cast<std::uint32_t>(window_); }

  MessagePipe& pipe_;
  PlainConnectionUser& user_;
  Terms terms_;
  Dice dice_;
  bool over_ = false;

  std::deque<Sent> sent_;  // from first_number_ on
  std::uint32_t first_number_ = 0;
  std::uint32_t next_number_ = 0;
  std::uint32_t in_flight_ = 0;
  std::uint64_t in_flight_bytes_ = 0;
  double window_ = 10;
  double slow_start_until_ = kMaxWindowPackets;
  TimePoint recovers_until_{};
  Duration smoothed_rtt_ = Millis{100};
  Duration rtt_variance_ = Millis{50};
  bool measured_ = false;
  TimePoint last_eliciting_{};
  int probes_ = 0;

  Bytes control_out_;
  std::size_t control_acked_to_ = 0;  // contiguous
  std::map<std::uint32_t, std::uint32_t> control_to_send_, control_acked_;
  std::map<std::uint32_t, Bytes> control_in_;
  std::uint32_t control_read_ = 0;

  std::optional<std::uint32_t> largest_in_;
  std::uint64_t before_largest_ = 0;
  int unacknowledged_ = 0;
  std::optional<TimePoint> ack_at_;
  TimePoint last_heard_{};
  TimePoint keep_alive_at_{};
  TimePoint idle_from_{};
};

}  // namespace footbridge::sim::model
