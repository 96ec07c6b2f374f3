#include "transport/ws/leg_impl.hpp"

#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <utility>

#include "base/assert.hpp"
#include "io/clock.hpp"
#include "io/socket_options.hpp"
#include "transport/ws/spare_buffers.hpp"

namespace footbridge::ws {
namespace {

using io::error_code;
using wire::WsCloseCode;
using wire::WsEvent;
using wire::WsOpcode;

constexpr std::size_t kDiscardBytes = 16 * 1024;  // one read of what nobody wants any more

bool would_block(const error_code& error) {
  return error == asio::error::would_block || error == asio::error::try_again;
}

WsCloseCode code_of(PipeEnd end) {
  switch (end) {
    case PipeEnd::Local:
    case PipeEnd::Remote: return WsCloseCode::Normal;
    case PipeEnd::Leg: return WsCloseCode::GoingAway;
    case PipeEnd::Misused: return WsCloseCode::PolicyViolation;
    case PipeEnd::Lost:
    case PipeEnd::Setup: return WsCloseCode::InternalError;
  }
  FB_ASSERT(false);
}

// A reader's buffer for the length of one read and what comes of it.
class LentBuffer {
 public:
  explicit LentBuffer(wire::WebSocketReader& reader) : reader_(reader) {
    reader_.lend(SpareBuffers::for_reading().take());
  }
  ~LentBuffer() { SpareBuffers::for_reading().give_back(reader_.take_back()); }
  LentBuffer(const LentBuffer&) = delete;
  LentBuffer& operator=(const LentBuffer&) = delete;

 private:
  wire::WebSocketReader& reader_;
};

}  // namespace

Leg::Impl::Impl(Parts parts, Rng& rng)
    : socket_(std::move(parts.socket)),
      role_(parts.role),
      early_(std::move(parts.early)),
      permit_(std::move(parts.permit)),
      rng_(rng),
      reader_(role_ == Role::Client ? wire::WebSocketReader::Peer::Server : wire::WebSocketReader::Peer::Client) {
  io::set_no_delay(socket_.tcp_socket());
  io::set_not_sent_low_water(socket_.tcp_socket(), io::kRelayLowWaterBytes);
}

void Leg::Impl::start(const Self& self, PipeEvents& events, io::DeadlineTimer& timer) {
  FB_ASSERT(self->state_ == LegState::Idle);
  self->events_ = &events;
  self->state_ = LegState::Open;
  self->timer_ = &timer;
  asio::post(self->socket_.executor(), [self] {
    if (self->events_ == nullptr) return;
    const auto now = io::now();
    self->last_heard_ = now;
    self->ping_at_ = now + self->keep_alive();
    self->arm();
    if (self->state_ == LegState::Open) self->events_->on_open(now);
    for (ByteView early = self->early_; !early.empty();) {
      const LentBuffer lent(self->reader_);
      const auto space = self->reader_.prepare();
      const auto count = std::min(space.size(), early.size());
      std::copy_n(early.begin(), count, space.begin());
      self->reader_.commit(count);
      early = early.subspan(count);
      process(self, now);
    }
    Bytes().swap(self->early_);
    wait_readable(self);
  });
}

void Leg::Impl::abandon() {
  events_ = nullptr;
  if (state_ != LegState::Closed) {
    if (state_ == LegState::Open)
      socket_.abort();
    else
      socket_.close();
  }
  state_ = LegState::Closed;
  timer_ = nullptr;
  permit_ = {};  // operations still pending in the loop keep us for one more turn
}

// Reading -------------------------------------------------------------------------------------------------------------

void Leg::Impl::pause_reading(const Self& self, bool paused) {
  if (self->paused_ == paused || self->state_ != LegState::Open) return;
  self->paused_ = paused;
  if (paused) return;
  asio::post(self->socket_.executor(), [self] {
    const auto now = io::now();
    self->last_heard_ = now;  // silence before was ours
    const LentBuffer lent(self->reader_);
    process(self, now);  // what was held back
    wait_readable(self);
  });
}

// Waits without a buffer, so that a quiet leg holds none.
void Leg::Impl::wait_readable(const Self& self) {
  const bool wanted = self->state_ == LegState::Closing || (self->state_ == LegState::Open && !self->paused_);
  if (self->awaiting_readable_ || !wanted) return;
  self->awaiting_readable_ = true;
  self->socket_.on_readable([self](error_code error) {
    self->awaiting_readable_ = false;
    const bool wanted_now = self->state_ == LegState::Closing || (self->state_ == LegState::Open && !self->paused_);
    if (self->events_ == nullptr || !wanted_now) return;
    const auto now = io::now();
    if (error) return self->finish(now, PipeEnd::Lost);
    on_readable(self, now);
    wait_readable(self);
  });
}

void Leg::Impl::on_readable(const Self& self, TimePoint now) {
  if (self->input_ended_) return self->discard_input(now);
  const LentBuffer lent(self->reader_);
  const auto space = self->reader_.prepare();
  error_code error;
  const auto count = self->socket_.read_some(space, error);
  if (would_block(error)) return;
  if (error) return self->finish(now, PipeEnd::Lost);
  self->last_heard_ = now;
  self->reader_.commit(count);
  process(self, now);
}

void Leg::Impl::discard_input(TimePoint now) {
  std::array<std::byte, kDiscardBytes> scratch;
  error_code error;
  socket_.read_some(scratch, error);
  if (error && !would_block(error)) finish(now, PipeEnd::Lost);
}

void Leg::Impl::process(const Self& self, TimePoint now) {
  const auto live = [&] { return self->state_ == LegState::Open || self->state_ == LegState::Closing; };
  while (live() && !self->paused_ && !self->input_ended_) {
    const auto event = self->reader_.next();
    if (!event) break;
    switch (event->kind) {
      case WsEvent::Kind::Message:
        self->batch_.push_back(event->payload);
        if (self->batch_.size() >= kMaxBatchMessages) self->deliver(now);
        break;
      case WsEvent::Kind::Ping: on_ping(self, now, event->payload); break;
      case WsEvent::Kind::Pong: break;
      case WsEvent::Kind::Closed:
        self->deliver(now);
        self->peer_closed_ = self->input_ended_ = true;
        if (self->state_ == LegState::Open) {
          const bool named = event->code != WsCloseCode::NoStatus;
          begin_closing(self, named ? event->code : WsCloseCode::Normal, PipeEnd::Remote);
        }
        if (live()) self->on_written(now);  // nothing left to wait for once our Close frame is out
        break;
      case WsEvent::Kind::Violation:
        self->deliver(now);
        self->input_ended_ = true;
        begin_closing(self, event->code, PipeEnd::Misused);
        break;
    }
  }
  self->deliver(now);
}

// A call of the user may pause, close or destroy the leg.
void Leg::Impl::deliver(TimePoint now) {
  if (!batch_.empty() && state_ == LegState::Open && events_ != nullptr) events_->on_messages(now, batch_);
  batch_.clear();
}

void Leg::Impl::on_ping(const Self& self, TimePoint now, ByteView payload) {
  if (now - self->ping_window_ >= Seconds{1}) {
    self->ping_window_ = now;
    self->pings_ = 0;
  }
  if (++self->pings_ > kMaxPingsPerSecond) {
    self->input_ended_ = true;
    return begin_closing(self, WsCloseCode::PolicyViolation, PipeEnd::Misused);
  }
  // A peer that does not read gets no more pongs: they would be a queue that it fills.
  if (self->state_ != LegState::Open || self->backlog_bytes() > kMaxWriteBytes) return;
  self->push_frame(WsOpcode::Pong, payload);
  flush(self);
}

// Writing -------------------------------------------------------------------------------------------------------------

bool Leg::Impl::send(ByteView message) {
  if (state_ != LegState::Open || breaking_ || message.size() > wire::kMaxWsMessageBytes) return false;
  push_frame(WsOpcode::Binary, message);
  return true;
}

void Leg::Impl::push_frame(WsOpcode opcode, ByteView payload) {
  if (out_begin_ >= kMaxWriteBytes) {
    out_.erase(out_.begin(), out_.begin() + static_cast<std::ptrdiff_t>(out_begin_));
    out_begin_ = 0;
  }
  if (out_.capacity() == 0) out_ = SpareBuffers::for_writing().take();
  wire::encode_ws_frame(out_, opcode, payload, next_mask());
}

std::optional<wire::WsMask> Leg::Impl::next_mask() {
  if (role_ == Role::Server) return std::nullopt;
  if (masks_used_ == masks_.size()) {
    rng_.fill(masks_);
    masks_used_ = 0;
  }
  wire::WsMask mask;
  std::copy_n(masks_.begin() + static_cast<std::ptrdiff_t>(masks_used_), mask.size(), mask.begin());
  masks_used_ += mask.size();
  return mask;
}

void Leg::Impl::flush(const Self& self) {
  const bool open = self->state_ == LegState::Open || self->state_ == LegState::Closing;
  if (!open || self->awaiting_writable_ || self->breaking_) return;
  if (!self->write_some()) return break_later(self);
  if (self->backlog_bytes() > 0) wait_writable(self);
}

// As much as the socket takes, in writes of ≤ kMaxWriteBytes. False: the connection is broken.
bool Leg::Impl::write_some() {
  while (backlog_bytes() > 0) {
    const auto count = std::min(backlog_bytes(), kMaxWriteBytes);
    error_code error;
    const auto written = socket_.write_some(ByteView(out_).subspan(out_begin_, count), error);
    if (would_block(error)) return true;
    if (error) return false;
    out_begin_ += written;
  }
  out_begin_ = 0;
  out_.clear();
  SpareBuffers::for_writing().give_back(std::exchange(out_, {}));
  return true;
}

void Leg::Impl::wait_writable(const Self& self) {
  self->awaiting_writable_ = true;
  self->socket_.on_writable([self](error_code error) {
    self->awaiting_writable_ = false;
    const bool open = self->state_ == LegState::Open || self->state_ == LegState::Closing;
    if (self->events_ == nullptr || !open) return;
    const auto now = io::now();
    if (error || !self->write_some()) return self->finish(now, PipeEnd::Lost);
    if (self->backlog_bytes() > 0) return wait_writable(self);
    if (self->state_ == LegState::Open) return self->events_->on_drained(now);
    self->on_written(now);
  });
}

void Leg::Impl::break_later(const Self& self) {
  self->breaking_ = true;
  asio::post(self->socket_.executor(), [self] {
    if (self->events_ != nullptr) self->finish(io::now(), PipeEnd::Lost);
  });
}

// Closing -------------------------------------------------------------------------------------------------------------

void Leg::Impl::close(const Self& self, PipeEnd end) {
  if (self->state_ == LegState::Idle) return self->abandon();
  if (self->state_ == LegState::Open) begin_closing(self, code_of(end), end);
}

void Leg::Impl::begin_closing(const Self& self, WsCloseCode code, PipeEnd end) {
  if (self->state_ != LegState::Open) return;
  self->state_ = LegState::Closing;
  self->end_ = end;
  self->close_code_ = code;
  self->paused_ = false;  // the peer's Close frame must be read
  wire::encode_ws_close(self->out_, code, self->next_mask());
  flush(self);
  const auto now = io::now();
  self->close_by_ = now + self->timing.close;
  self->arm();
  asio::post(self->socket_.executor(), [self] {
    if (self->events_ == nullptr || self->state_ != LegState::Closing) return;
    const auto later = io::now();
    if (self->backlog_bytes() == 0) self->on_written(later);
    wait_readable(self);
  });
}

// All that we had to say is with the operating system.
void Leg::Impl::on_written(TimePoint now) {
  if (state_ != LegState::Closing || backlog_bytes() > 0) return;
  if (peer_closed_) return finish(now, end_);
  if (!input_ended_) return;
  // After a violation: no more is sent, and what comes is read and thrown away, because closing over unread bytes
  // would reset the connection and could take our Close frame with it.
  socket_.shutdown_send();
}

void Leg::Impl::finish(TimePoint now, PipeEnd end) {
  if (state_ == LegState::Closed) return;
  const bool decided = state_ == LegState::Closing;
  state_ = LegState::Closed;
  if (timer_ != nullptr) timer_->arm(std::nullopt);
  socket_.close();
  permit_ = {};
  if (auto* const events = std::exchange(events_, nullptr)) events->on_closed(now, decided ? end_ : end);
}

// Time ----------------------------------------------------------------------------------------------------------------

Duration Leg::Impl::keep_alive() {
  const auto low = static_cast<std::uint64_t>(timing.min_keep_alive.count());
  const auto high = static_cast<std::uint64_t>(timing.max_keep_alive.count());
  return Duration(static_cast<Duration::rep>(rng_.between(low, high)));
}

void Leg::Impl::arm() {
  if (timer_ == nullptr) return;
  if (close_by_) return timer_->arm(close_by_);
  timer_->arm(paused_ ? ping_at_ : std::min(ping_at_, last_heard_ + timing.idle));
}

void Leg::Impl::on_deadline(const Self& self, TimePoint now) {
  if (self->state_ == LegState::Closing) return self->finish(now, self->end_);
  if (self->state_ != LegState::Open) return;
  if (!self->paused_ && now - self->last_heard_ >= self->timing.idle) return self->finish(now, PipeEnd::Lost);
  // Who has just spoken needs no ping: the keep-alives of the path inside make those of most legs needless.
  if (now >= self->ping_at_ && now - self->last_heard_ < self->timing.min_keep_alive) {
    self->ping_at_ = self->last_heard_ + self->keep_alive();
  } else if (now >= self->ping_at_) {
    self->ping_at_ = now + self->keep_alive();
    // Not onto a queue that does not move: the peer is alive and reading slowly, or its silence will tell.
    if (self->backlog_bytes() == 0) self->push_frame(WsOpcode::Ping, {});
    flush(self);
  }
  self->arm();
}

}  // namespace footbridge::ws
