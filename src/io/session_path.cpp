#include "io/session_path.hpp"

#include <utility>

#include "base/assert.hpp"
#include "io/clock.hpp"
#include "io/session_host.hpp"
#include "quic/close_info.hpp"

namespace footbridge::io {

SessionPath::SessionPath(asio::any_io_executor executor, const quic::ClientConfig& config,
                         core::ClientPathHandshake handshake, Rng& rng, SessionPathEvents& events)
    : events_(events),
      gate_(std::move(handshake)),
      path_(config, quic::PathOptions{}, rng, *this, *this),
      timer_(std::move(executor), [this](TimePoint at) { on_timer(at); }) {}

SessionPath::SessionPath(asio::any_io_executor executor, const quic::ServerConfig& config,
                         core::EgressPathHandshake handshake, Rng& rng, SessionPathEvents& events)
    : events_(events),
      gate_(std::move(handshake)),
      path_(config, quic::PathOptions{}, rng, *this, *this),
      timer_(std::move(executor), [this](TimePoint at) { on_timer(at); }) {}

SessionPath::~SessionPath() {
  if (host_ != nullptr) host_->remove_path(now(), id_);
}

void SessionPath::attach_pipe(MessagePipe& pipe) {
  path_.attach(pipe);
  settle(now());
}

void SessionPath::attach(TimePoint now, SessionHost& host) {
  FB_ASSERT(host_ == nullptr && control().state() == core::PathState::Established);
  host_ = &host;
  was_carrying_ = true;
  id_ = host.add_path(now, *this);
}

void SessionPath::probe(TimePoint now, Rng& rng) {
  if (host_ == nullptr || leaving_) return;
  control().probe(rng);
  send_control_output(now);
  host_->session().on_path_stats(now, id_, path_.stats());
  host_->touch();
  settle(now);
}

void SessionPath::leave(TimePoint now, wire::ByeCode code, Seconds retry_after) {
  if (std::exchange(leaving_, true)) return;
  control().leave({code, static_cast<std::uint64_t>(retry_after.count())});
  send_control_output(now);
  path_.close(now, quic::kCloseDone);
  settle(now);
}

void SessionPath::leave_on_end(wire::ByeCode code, Seconds retry_after) { leave(now(), code, retry_after); }

void SessionPath::on_open(TimePoint now) {
  path_.on_open(now);
  send_control_output(now);  // the client's first words travel with its handshake
  settle(now);
}

void SessionPath::on_messages(TimePoint now, std::span<const ByteView> batch) {
  path_.on_messages(now, batch);
  if (!ready_told_ && control().state() == core::PathState::Established && !leaving_) after_control(now);
  if (host_ != nullptr) host_->touch();
  settle(now);
}

void SessionPath::on_drained(TimePoint now) {
  path_.on_drained(now);
  settle(now);
}

void SessionPath::on_closed(TimePoint now, PipeEnd end) {
  path_.on_closed(now, end);
  settle(now);
}

void SessionPath::wake(TimePoint now) {
  path_.wake(now);
  settle(now);
}

void SessionPath::on_timer(TimePoint now) {
  if (const auto due = path_.deadline(); due && *due <= now) path_.on_deadline(now);
  if (const auto due = control().deadline(); due && *due <= now) {
    control().on_deadline(now);
    after_control(now);
  }
  if (close_at_ && *close_at_ <= now) {
    close_at_.reset();
    path_.close(now, quic::kCloseControl);
  }
  if (host_ != nullptr) host_->touch();
  settle(now);
}

// After every call into the path: re-arm the timer, and tell the owner once everything is over.
void SessionPath::settle(TimePoint now) {
  if (end_ && path_.finished()) {
    timer_.arm(std::nullopt);
    if (std::exchange(over_told_, true)) return;
    PathOver over{*end_, was_carrying_, control().failure(), std::nullopt, control().bye()};
    if (const auto* client = client_handshake(); client != nullptr && client->refusal())
      over.refusal = client->refusal()->code;
    events_.on_path_over(now, *this, over);  // last: the owner may plan our destruction
    return;
  }
  if (host_ != nullptr && !leaving_) host_->session().on_path_stats(now, id_, path_.stats());
  timer_.arm(earlier(earlier(path_.deadline(), control().deadline()), close_at_));
}

void SessionPath::on_silence(TimePoint now, core::Silence silence) {
  const auto before = std::exchange(silence_, silence);
  if (leaving_) return;
  if (silence == core::Silence::Long) return events_.on_path_long_silence(now, *this);
  const bool silent = silence != core::Silence::None;
  if (silent != (before != core::Silence::None)) events_.on_path_silence(now, *this, silent);
}

void SessionPath::on_path_established(TimePoint now) { send_control_output(now); }

void SessionPath::on_path_control(TimePoint now, ByteView bytes, bool) {
  if (leaving_) return;
  std::visit([&](auto& gate) { gate.on_bytes(now, bytes); }, gate_);
  after_control(now);
}

void SessionPath::after_control(TimePoint now) {
  send_control_output(now);
  switch (control().state()) {
    case core::PathState::AwaitingPeer: return;
    case core::PathState::Established:
      if (client_handshake() != nullptr || path_.control_acknowledged()) become_ready(now);
      return;
    case core::PathState::Failed:
    case core::PathState::Over: {
      leaving_ = true;
      if (egress_handshake() != nullptr && control().failure() == core::PathFailure::Refused) {
        close_at_ = now + kRefusalLinger;
        return;
      }
      auto* host = host_;
      path_.close(now, control().state() == core::PathState::Over ? quic::kCloseDone : quic::kCloseControl);
      // The peer has forgotten the session: waiting for another path would be waiting for nobody.
      if (host != nullptr && control().bye() && control().bye()->code == wire::ByeCode::SessionOver) host->end();
      return;
    }
  }
}

void SessionPath::become_ready(TimePoint now) {
  if (!std::exchange(ready_told_, true)) events_.on_path_ready(now, *this);
}

void SessionPath::on_path_datagram(TimePoint now, ByteView payload) {
  // A client that sends has read the OK, also when its acknowledgement comes later.
  if (egress_handshake() != nullptr && control().state() == core::PathState::Established) become_ready(now);
  if (host_ == nullptr) return;  // before its session is known a path carries nothing
  const auto status = host_->session().on_datagram(now, id_, payload);
  if (!status.ok()) leave(now, wire::ByeCode::ProtocolError);
}

void SessionPath::on_path_fate(TimePoint now, core::DatagramId id, core::DatagramFate fate) {
  if (host_ != nullptr) host_->session().on_fate(now, id_, id, fate);
}

void SessionPath::on_path_closed(TimePoint now, const quic::PathEnd& end) {
  end_ = end;
  close_at_.reset();
  if (auto* host = std::exchange(host_, nullptr); host != nullptr) host->remove_path(now, id_);
}

std::optional<core::DatagramSource::Pulled> SessionPath::pull(TimePoint now, ByteSpan out) {
  return host_ == nullptr ? std::nullopt : host_->session().pull(now, id_, out);
}

core::PathControl& SessionPath::control() {
  return std::visit([](auto& gate) -> core::PathControl& { return gate; }, gate_);
}

void SessionPath::send_control_output(TimePoint now) {
  const auto bytes = control().take_output();
  // Its bound is far above all that a handshake says; a peer that never acknowledges it is dead anyway.
  if (!bytes.empty() && !path_.send_control(now, bytes)) path_.close(now, quic::kCloseControl);
}

}  // namespace footbridge::io
