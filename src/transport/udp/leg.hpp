// Leg: one relay leg over UDP as a MessagePipe (spec 08-udp-leg): each message is one datagram. The same class at both
// ends; what differs is its Line: a socket of its own at the proxy, the worker's common one at the egress.
//
// Bounds: messages ≤ core::kMaxUdpMessageBytes; nothing waits here beyond flush(): what the socket does not take is
// lost, as datagrams may be, and congestion control is the path's. An empty message is not carried. A leg from which
// nothing was heard for kUdpIdleLimit is lost. It cannot pause reading.
//
// Ownership: as io::RelayLeg. Destroying it without close() says leave as well. Threads: the executor's one thread.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "base/rng.hpp"
#include "core/udp_leg/udp_leg_handshake.hpp"
#include "io/asio.hpp"
#include "io/connection_permit.hpp"
#include "io/datagrams.hpp"
#include "io/deadline_timer.hpp"
#include "io/relay_leg.hpp"

namespace footbridge::udp {

// UDL-T2: as long as a path waits, whose client makes itself heard every 15 to 25 s.
inline constexpr Seconds kUdpIdleLimit{60};

class Leg;

// Where a leg's datagrams go, and who brings it those that come.
class Line {
 public:
  virtual ~Line() = default;
  virtual void start(Leg& leg) = 0;
  // Sends all that waits. False: nobody is there.
  virtual bool flush(io::DatagramBatch& batch) = 0;
};

class Leg final : public io::RelayLeg {
 public:
  //   Idle ──start──▶ Open ──close(), leave, silence, nobody there──▶ Closed
  enum class State : std::uint8_t { Idle, Open, Closed };

  struct Parts {
    std::unique_ptr<Line> line;
    core::UdpLegSignals signals;
    io::ConnectionPermit permit;  // given back when the leg is destroyed
    Bytes enter;                  // egress only: what the leg began with, answered until the proxy has heard
  };
  // `rng` outlives the leg.
  Leg(asio::any_io_executor executor, Parts parts, Rng& rng);
  ~Leg() override;

  void start(PipeEvents& events) override;
  bool send(ByteView message) override;
  void flush() override;
  std::size_t backlog_bytes() const override { return outgoing_.size_bytes(); }
  std::size_t max_message_bytes() const override { return core::kMaxUdpMessageBytes; }
  void pause_reading(bool) override {}
  void close(PipeEnd end) override;

  // The line's.
  void on_run(TimePoint now, ByteView run, std::size_t segment_bytes);
  void on_gone(TimePoint now) { finish(now, PipeEnd::Lost); }

  // Tests only: shorter than the constant above.
  void set_idle_limit_for_test(Duration limit) { idle_limit_ = limit; }

 private:
  bool is_enter_again(ByteView datagram);
  void say(core::UdpSignal signal);
  void finish(TimePoint now, PipeEnd end);
  void finish_later(PipeEnd end);
  void on_idle(TimePoint now);

  asio::any_io_executor executor_;
  core::UdpLegSignals signals_;
  io::ConnectionPermit permit_;
  Bytes enter_;  // until the proxy is known to be welcome
  Rng& rng_;
  PipeEvents* events_ = nullptr;
  State state_ = State::Idle;
  io::DatagramBatch outgoing_;
  std::vector<ByteView> received_;
  Duration idle_limit_ = kUdpIdleLimit;
  TimePoint last_heard_{};
  io::DeadlineTimer idle_;
  // Two owners: this leg and each call that is pending in the loop, which may outlive it by one turn.
  std::shared_ptr<bool> gone_ = std::make_shared<bool>(false);
  std::unique_ptr<Line> line_;
};

}  // namespace footbridge::udp
