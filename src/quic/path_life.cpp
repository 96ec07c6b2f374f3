#include "quic/path_life.hpp"

#include <utility>

#include "base/assert.hpp"
#include "quic/close_info.hpp"

namespace footbridge::quic {

PathLife::PathLife(const ClientConfig& config, const PathOptions& options, core::ClientPathHandshake handshake,
                   Rng& rng, PathLifeEvents& events)
    : events_(events), gate_(std::move(handshake)), path_(config, options, rng, *this, *this) {}

PathLife::PathLife(const ServerConfig& config, const PathOptions& options, core::EgressPathHandshake handshake,
                   Rng& rng, PathLifeEvents& events)
    : events_(events), gate_(std::move(handshake)), path_(config, options, rng, *this, *this) {}

PathLife::~PathLife() { FB_ASSERT(host_ == nullptr); }

void PathLife::attach_pipe(TimePoint now, MessagePipe& pipe) {
  path_.attach(pipe);
  settle(now);
}

void PathLife::forsake(TimePoint now) {
  if (auto* host = std::exchange(host_, nullptr); host != nullptr) host->remove_path(now, id_);
}

void PathLife::attach(TimePoint now, PathHost& host) {
  FB_ASSERT(host_ == nullptr && control().state() == core::PathState::Established);
  host_ = &host;
  was_carrying_ = true;
  id_ = host.add_path(now, *this);
}

void PathLife::probe(TimePoint now, Rng& rng) {
  if (host_ == nullptr || leaving_) return;
  control().probe(rng);
  // One that does not fit is not missed: what fills the buffer waits for the same acknowledgement.
  (void)path_.send_control(now, control().take_output());
  if (host_ != nullptr) {  // sending may have found that QUIC is over
    host_->session().on_path_stats(now, id_, path_.stats());
    host_->touch();
  }
  settle(now);
}

void PathLife::leave(TimePoint now, wire::ByeCode code, Seconds retry_after) {
  if (std::exchange(leaving_, true)) return;
  control().leave({code, static_cast<std::uint64_t>(retry_after.count())});
  send_control_output(now);
  // QUIC closes before it sends what was said inside an event.
  close_due_ = path_.in_event();
  if (close_due_) return forsake(now);
  path_.close(now, kCloseDone);
  settle(now);
}

void PathLife::on_open(TimePoint now) {
  path_.on_open(now);
  send_control_output(now);  // the client's first words travel with its handshake
  settle(now);
}

void PathLife::on_messages(TimePoint now, std::span<const ByteView> batch) {
  path_.on_messages(now, batch);
  if (!ready_told_ && control().state() == core::PathState::Established && !leaving_) after_control(now);
  if (host_ != nullptr) host_->touch();
  settle(now);
}

void PathLife::on_drained(TimePoint now) {
  path_.on_drained(now);
  settle(now);
}

void PathLife::on_closed(TimePoint now, PipeEnd end) {
  path_.on_closed(now, end);
  settle(now);
}

void PathLife::wake(TimePoint now) {
  path_.wake(now);
  settle(now);
}

void PathLife::on_deadline(TimePoint now) {
  if (const auto due = path_.deadline(); due && *due <= now) path_.on_deadline(now);
  if (const auto due = control().deadline(); due && *due <= now) {
    control().on_deadline(now);
    after_control(now);
  }
  if (close_at_ && *close_at_ <= now) {
    close_at_.reset();
    path_.close(now, kCloseControl);
  }
  if (host_ != nullptr) host_->touch();
  settle(now);
}

// After every call: what had to wait for the end of an event; until when the owner may sleep; and once everything is
// over, that.
void PathLife::settle(TimePoint now) {
  if (!path_.in_event() && std::exchange(close_due_, false)) path_.close(now, kCloseDone);
  if (end_ && path_.finished()) {
    if (std::exchange(over_told_, true)) return;
    events_.on_path_deadline(std::nullopt);
    PathOver over{*end_, was_carrying_, control().failure(), std::nullopt, control().bye()};
    if (const auto* client = client_handshake(); client != nullptr && client->refusal())
      over.refusal = client->refusal()->code;
    events_.on_path_over(now, over);  // last: the owner may plan our destruction
    return;
  }
  if (host_ != nullptr && !leaving_) host_->session().on_path_stats(now, id_, path_.stats());
  events_.on_path_deadline(earlier(earlier(path_.deadline(), control().deadline()), close_at_));
}

void PathLife::on_silence(TimePoint now, core::Silence silence) {
  const auto before = std::exchange(silence_, silence);
  if (leaving_) return;
  if (silence == core::Silence::Long) return events_.on_path_long_silence(now);
  const bool silent = silence != core::Silence::None;
  if (silent != (before != core::Silence::None)) events_.on_path_silence(now, silent);
}

void PathLife::on_path_established(TimePoint now) { send_control_output(now); }

void PathLife::on_path_control(TimePoint now, ByteView bytes, bool) {
  if (leaving_) return;
  std::visit([&](auto& gate) { gate.on_bytes(now, bytes); }, gate_);
  after_control(now);
}

void PathLife::after_control(TimePoint now) {
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
      path_.close(now, control().state() == core::PathState::Over ? kCloseDone : kCloseControl);
      // The peer has forgotten the session: waiting for another path would be waiting for nobody.
      if (host != nullptr && control().bye() && control().bye()->code == wire::ByeCode::SessionOver)
        host->end_session();
      return;
    }
  }
}

void PathLife::become_ready(TimePoint now) {
  if (end_) return;  // one batch may acknowledge the OK and end the connection
  if (!std::exchange(ready_told_, true)) events_.on_path_ready(now);
}

void PathLife::on_path_datagram(TimePoint now, ByteView payload) {
  // A client that sends has read the OK, also when its acknowledgement comes later.
  if (egress_handshake() != nullptr && control().state() == core::PathState::Established) become_ready(now);
  if (host_ == nullptr) return;  // before its session is known a path carries nothing
  const auto status = host_->on_datagram(now, id_, payload);
  if (!status.ok()) leave(now, wire::ByeCode::ProtocolError);
}

void PathLife::on_path_fate(TimePoint now, core::DatagramId id, core::DatagramFate fate) {
  if (host_ != nullptr) host_->session().on_fate(now, id_, id, fate);
}

void PathLife::on_path_closed(TimePoint now, const PathEnd& end) {
  end_ = end;
  close_at_.reset();
  events_.on_path_ending(now, end);
  forsake(now);
}

std::optional<core::DatagramSource::Pulled> PathLife::pull(TimePoint now, ByteSpan out) {
  return host_ == nullptr ? std::nullopt : host_->session().pull(now, id_, out);
}

core::PathControl& PathLife::control() {
  return std::visit([](auto& gate) -> core::PathControl& { return gate; }, gate_);
}

void PathLife::send_control_output(TimePoint now) {
  const auto bytes = control().take_output();
  // Its bound is far above all that a handshake says; a peer that never acknowledges it is dead anyway.
  if (!bytes.empty() && !path_.send_control(now, bytes)) path_.close(now, kCloseControl);
}

}  // namespace footbridge::quic
