#include "sim/stack/path_at_end.hpp"

#include <utility>

#include "sim/stack/session_at_end.hpp"

namespace footbridge::sim {

PathAtEnd::PathAtEnd(Network& network, PathOwner& owner, Actor name, Pipe::Side& pipe, const quic::ClientConfig& config,
                     const quic::PathOptions& options, core::ClientPathHandshake gate, Rng& rng)
    : network_(network),
      owner_(owner),
      name_(name),
      pipe_(pipe),
      gate_(std::move(gate)),
      path_(config, options, rng, *this, *this),
      timer_(network.queue, [this] { on_timer(); }) {
  begin();
}

PathAtEnd::PathAtEnd(Network& network, PathOwner& owner, Actor name, Pipe::Side& pipe, const quic::ServerConfig& config,
                     const quic::PathOptions& options, core::EgressPathHandshake gate, Rng& rng)
    : network_(network),
      owner_(owner),
      name_(name),
      pipe_(pipe),
      gate_(std::move(gate)),
      path_(config, options, rng, *this, *this),
      timer_(network.queue, [this] { on_timer(); }) {
  begin();
}

PathAtEnd::~PathAtEnd() {
  if (session_ != nullptr) session_->remove_path(id_);
  if (!pipe_over_) pipe_.abandon();
}

void PathAtEnd::begin() {
  path_.attach(pipe_);
  pipe_.use(*this, true);
}

core::PathControl& PathAtEnd::control() {
  return std::visit([](auto& gate) -> core::PathControl& { return gate; }, gate_);
}

void PathAtEnd::leave(wire::ByeCode code) {
  if (std::exchange(leaving_, true)) return;
  const auto now = network_.now();
  control().leave({code, 0});
  send_control(now);
  path_.close(now, quic::kCloseDone);
  settle(now);
}

void PathAtEnd::on_open(TimePoint now) {
  path_.on_open(now);
  send_control(now);
  settle(now);
}

void PathAtEnd::on_messages(TimePoint now, std::span<const ByteView> batch) {
  path_.on_messages(now, batch);
  if (!ready_told_ && control().state() == core::PathState::Established && !leaving_) after_control(now);
  if (session_ != nullptr) session_->touch();
  settle(now);
}

void PathAtEnd::on_drained(TimePoint now) {
  path_.on_drained(now);
  settle(now);
}

void PathAtEnd::on_closed(TimePoint now, PipeEnd how) {
  pipe_over_ = true;
  path_.on_closed(now, how);
  settle(now);
}

void PathAtEnd::wake() {
  const auto now = network_.now();
  path_.wake(now);
  settle(now);
}

void PathAtEnd::on_timer() {
  const auto now = network_.now();
  if (const auto due = path_.deadline(); due && *due <= now) path_.on_deadline(now);
  if (const auto due = control().deadline(); due && *due <= now) {
    control().on_deadline(now);
    after_control(now);
  }
  if (close_at_ && *close_at_ <= now) {
    close_at_.reset();
    path_.close(now, quic::kCloseControl);
  }
  if (session_ != nullptr) session_->touch();
  settle(now);
}

void PathAtEnd::settle(TimePoint now) {
  if (end_ && path_.finished()) {
    timer_.clear();
    if (!std::exchange(over_told_, true)) owner_.on_path_over(*this);
    return;
  }
  if (session_ != nullptr && !leaving_) session_->session().on_path_stats(now, id_, path_.stats());
  timer_.arm(earlier(path_.deadline(), earlier(control().deadline(), close_at_)));
}

void PathAtEnd::on_silence(core::Silence silence) {
  const bool was_silent = silent();
  silence_ = silence;
  if (leaving_ || silent() == was_silent) return;
  network_.trace.story(network_.now(), name_, silent() ? "path-silent" : "path-heard", {{"pipe", pipe_.number()}});
  owner_.on_path_silence(*this, silent());
}

void PathAtEnd::send_control(TimePoint now) {
  const auto bytes = control().take_output();
  if (!bytes.empty() && !path_.send_control(now, bytes)) path_.close(now, quic::kCloseControl);
}

void PathAtEnd::on_path_established(TimePoint now) { send_control(now); }

void PathAtEnd::on_path_control(TimePoint now, ByteView bytes, bool) {
  if (leaving_) return;
  std::visit([&](auto& gate) { gate.on_bytes(now, bytes); }, gate_);
  after_control(now);
}

// As io::SessionPath does: an egress waits until its client has read the OK.
void PathAtEnd::after_control(TimePoint now) {
  send_control(now);
  switch (control().state()) {
    case core::PathState::AwaitingPeer: return;
    case core::PathState::Established:
      if (client_handshake() != nullptr || path_.control_acknowledged()) become_ready();
      return;
    case core::PathState::Failed:
    case core::PathState::Over: {
      leaving_ = true;
      if (egress_handshake() != nullptr && control().failure() == core::PathFailure::Refused) {
        close_at_ = now + kRefusalLinger;
        return;
      }
      auto* const session = session_;
      const bool over = control().state() == core::PathState::Over;
      path_.close(now, over ? quic::kCloseDone : quic::kCloseControl);
      if (session != nullptr && control().bye() && control().bye()->code == wire::ByeCode::SessionOver) session->end();
      return;
    }
  }
}

void PathAtEnd::become_ready() {
  if (std::exchange(ready_told_, true)) return;
  session_ = owner_.on_path_ready(*this);
  if (session_ == nullptr) return leave(wire::ByeCode::SessionOver);
  has_carried_ = true;
  network_.trace.story(network_.now(), name_, "path-carries", {{"pipe", pipe_.number()}});
  id_ = session_->add_path(*this);
}

void PathAtEnd::on_path_datagram(TimePoint now, ByteView payload) {
  if (egress_handshake() != nullptr && control().state() == core::PathState::Established) become_ready();
  if (session_ == nullptr) return;
  Bytes meddled;
  if (meddler) {
    meddled = to_bytes(payload);
    meddler(meddled);
    payload = meddled;
  }
  if (!session_->session().on_datagram(now, id_, payload).ok()) leave(wire::ByeCode::ProtocolError);
}

void PathAtEnd::on_path_fate(TimePoint now, core::DatagramId id, core::DatagramFate fate) {
  if (session_ != nullptr) session_->session().on_fate(now, id_, id, fate);
}

void PathAtEnd::on_path_closed(TimePoint now, const quic::PathEnd& end) {
  end_ = end;
  close_at_.reset();
  network_.trace.story(now, name_, "path-closed",
                       {{"pipe", pipe_.number()}, {"kind", static_cast<std::uint64_t>(end.quic.kind)}});
  if (auto* const session = std::exchange(session_, nullptr)) session->remove_path(id_);
}

std::optional<core::DatagramSource::Pulled> PathAtEnd::pull(TimePoint now, ByteSpan out) {
  return session_ == nullptr ? std::nullopt : session_->session().pull(now, id_, out);
}

}  // namespace footbridge::sim
