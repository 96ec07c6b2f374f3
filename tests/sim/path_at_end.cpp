#include "two_ends.hpp"

namespace footbridge::sim {

PathAtEnd::PathAtEnd(TwoEnds& world, std::size_t route, const quic::ClientConfig& config,
                     core::ClientPathHandshake gate)
    : world_(world),
      route_(route),
      gate_(std::move(gate)),
      rng_(world.rng.next_u64()),
      path_(config, {}, rng_, *this, *this) {}

PathAtEnd::PathAtEnd(TwoEnds& world, std::size_t route, const quic::ServerConfig& config,
                     core::EgressPathHandshake gate)
    : world_(world),
      route_(route),
      gate_(std::move(gate)),
      rng_(world.rng.next_u64()),
      path_(config, {}, rng_, *this, *this) {}

core::PathControl& PathAtEnd::control() {
  return std::visit([](auto& gate) -> core::PathControl& { return gate; }, gate_);
}
const core::PathControl& PathAtEnd::control() const {
  return std::visit([](const auto& gate) -> const core::PathControl& { return gate; }, gate_);
}
core::Session* PathAtEnd::session() { return attached_ ? world_.session(side()) : nullptr; }

std::optional<core::PathFailure> PathAtEnd::failure() const { return control().failure(); }

void PathAtEnd::open(TimePoint now) {
  path_.attach(*this);
  path_.on_open(now);
  send_control(now);
}

void PathAtEnd::on_message(TimePoint now, ByteView message) {
  if (!open_) return;
  path_.on_messages(now, {&message, 1});
  if (!attached_ && !end_ && control().state() == core::PathState::Established) after_control(now);
  if (auto* const mine = session()) mine->on_path_stats(now, id_, path_.stats());
}

void PathAtEnd::on_pipe_closed(TimePoint now, PipeEnd how) {
  if (std::exchange(open_, false)) path_.on_closed(now, how);
}

std::optional<TimePoint> PathAtEnd::deadline() const {
  return end_ ? path_.deadline() : earlier(path_.deadline(), control().deadline());
}

void PathAtEnd::on_deadline(TimePoint now) {
  if (const auto due = path_.deadline(); due && *due <= now) path_.on_deadline(now);
  if (const auto due = control().deadline(); !end_ && due && *due <= now) {
    control().on_deadline(now);
    after_control(now);
  }
}

void PathAtEnd::wake(TimePoint now) {
  if (auto* const mine = session(); mine != nullptr && mine->has_work(id_)) path_.wake(now);
}

void PathAtEnd::on_path_established(TimePoint now) { send_control(now); }

void PathAtEnd::on_path_control(TimePoint now, ByteView bytes, bool) {
  std::visit([&](auto& gate) { gate.on_bytes(now, bytes); }, gate_);
  after_control(now);
}

void PathAtEnd::after_control(TimePoint now) {
  send_control(now);
  const auto state = control().state();
  if (state == core::PathState::AwaitingPeer) return;
  if (state != core::PathState::Established) return path_.close(now, quic::kCloseControl);
  if (side() == kClientEnd || path_.control_acknowledged()) attach(now);
}

// As io::SessionPath does: an egress waits until its client has read the OK.
void PathAtEnd::attach(TimePoint now) {
  if (std::exchange(attached_, true)) return;
  if (const auto* const client = std::get_if<core::ClientPathHandshake>(&gate_)) {
    world_.grant_ = core::SessionGrant{client->granted()->session, client->granted()->token};
    world_.make_session(kClientEnd, client->granted()->limits);
  }
  id_ = world_.session(side())->add_path(now);
}

void PathAtEnd::send_control(TimePoint now) {
  const auto bytes = control().take_output();
  if (!bytes.empty() && !path_.send_control(now, bytes)) path_.close(now, quic::kCloseControl);
}

void PathAtEnd::on_path_datagram(TimePoint now, ByteView payload) {
  if (side() == kEgressEnd && control().state() == core::PathState::Established) attach(now);
  auto* const mine = session();
  if (mine == nullptr) return;
  auto datagram = to_bytes(payload);
  if (world_.meddler) world_.meddler(datagram);
  if (!mine->on_datagram(now, id_, datagram).ok()) path_.close(now, quic::kCloseControl);
}

void PathAtEnd::on_path_fate(TimePoint now, core::DatagramId id, core::DatagramFate fate) {
  if (auto* const mine = session()) mine->on_fate(now, id_, id, fate);
}

void PathAtEnd::on_path_closed(TimePoint now, const quic::PathEnd& end) {
  end_ = end;
  if (auto* const mine = session()) mine->path_closed(now, id_);
  if (side() == kClientEnd) world_.ends.push_back(end);
}

std::optional<core::DatagramSource::Pulled> PathAtEnd::pull(TimePoint now, ByteSpan out) {
  auto* const mine = end_ ? nullptr : session();
  return mine == nullptr ? std::nullopt : mine->pull(now, id_, out);
}

bool PathAtEnd::send(ByteView message) {
  if (!open_) return false;
  world_.carry(route_, side(), message);
  return true;
}

// Both ends of a pipe hear of its end, as they would of a link's or a leg's.
void PathAtEnd::close(PipeEnd how) {
  world_.arrivals_.emplace(world_.now, TwoEnds::Arrival{route_, side(), {}, how});
  world_.arrivals_.emplace(world_.now + world_.delay, TwoEnds::Arrival{route_, 1 - side(), {}, PipeEnd::Remote});
}

}  // namespace footbridge::sim
