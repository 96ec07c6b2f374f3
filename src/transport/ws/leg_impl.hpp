// The working half of a Leg: state, socket, reader, queue. Seen by leg.cpp and leg_impl.cpp only.
// Shared by the Leg and by the operations that are pending in the loop; see leg.hpp for bounds and the thread rule.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <vector>

#include "io/deadline_timer.hpp"
#include "transport/ws/leg.hpp"

namespace footbridge::ws {

//   Idle ──start──▶ Open ──close(), violation, peer's Close──▶ Closing ──both Close frames, EOF, kCloseLimit──▶ Closed
//                     └──EOF, error, silence───────────────────────────────────────────────────────────────────▲
enum class LegState : std::uint8_t { Idle, Open, Closing, Closed };

class Leg::Impl {
 public:
  // "self" has two owners wherever it appears: the Leg and the operation that the call leaves pending in the loop.
  using Self = std::shared_ptr<Impl>;

  Impl(Parts parts, Rng& rng);

  static void start(const Self& self, PipeEvents& events, io::DeadlineTimer& timer);
  static void on_deadline(const Self& self, TimePoint now);
  static void flush(const Self& self);
  static void pause_reading(const Self& self, bool paused);
  static void close(const Self& self, PipeEnd end);
  bool send(ByteView message);
  void abandon();  // the Leg is being destroyed
  std::size_t backlog_bytes() const { return out_.size() - out_begin_; }
  asio::any_io_executor executor() { return socket_.executor(); }
  wire::WsCloseCode close_code() const { return close_code_; }

  Timing timing;

 private:
  static void wait_readable(const Self& self);
  static void on_readable(const Self& self, TimePoint now);
  static void process(const Self& self, TimePoint now);
  static void wait_writable(const Self& self);
  static void begin_closing(const Self& self, wire::WsCloseCode code, PipeEnd end);
  static void on_ping(const Self& self, TimePoint now, ByteView payload);
  static void break_later(const Self& self);

  bool write_some();
  void deliver(TimePoint now);
  void discard_input(TimePoint now);
  void on_written(TimePoint now);
  void finish(TimePoint now, PipeEnd end);
  void arm();
  void push_frame(wire::WsOpcode opcode, ByteView payload);
  std::optional<wire::WsMask> next_mask();
  Duration keep_alive();

  io::ByteSocket socket_;
  Role role_;
  Bytes early_;
  io::ConnectionPermit permit_;
  Rng& rng_;
  PipeEvents* events_ = nullptr;  // not after abandon()
  wire::WebSocketReader reader_;
  io::DeadlineTimer* timer_ = nullptr;  // the Leg's, from start() until abandon()
  LegState state_ = LegState::Idle;
  PipeEnd end_ = PipeEnd::Lost;
  wire::WsCloseCode close_code_ = wire::WsCloseCode::NoStatus;

  std::vector<ByteView> batch_;
  bool paused_ = false;
  bool awaiting_readable_ = false;
  bool peer_closed_ = false;  // its Close frame is here
  bool input_ended_ = false;  // the reader takes nothing more; what still comes is thrown away
  TimePoint last_heard_{};
  TimePoint ping_window_{};  // pings of the peer are counted in windows of a second
  std::size_t pings_ = 0;

  Bytes out_;  // encoded frames; out_[out_begin_, …) is not yet with the operating system
  std::size_t out_begin_ = 0;
  bool awaiting_writable_ = false;
  bool breaking_ = false;               // a write failed inside a call of the user; the end follows in a later turn
  std::array<std::byte, 256> masks_{};  // 64 masks per call of the generator
  std::size_t masks_used_ = sizeof masks_;

  TimePoint ping_at_{};
  std::optional<TimePoint> close_by_;
};

}  // namespace footbridge::ws
