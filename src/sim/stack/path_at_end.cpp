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
      life_(config, options, std::move(gate), rng, *this),
      timer_(network.queue, [this] { life_.on_deadline(network_.now()); }) {
  begin();
}

PathAtEnd::PathAtEnd(Network& network, PathOwner& owner, Actor name, Pipe::Side& pipe, const quic::ServerConfig& config,
                     const quic::PathOptions& options, core::EgressPathHandshake gate, Rng& rng)
    : network_(network),
      owner_(owner),
      name_(name),
      pipe_(pipe),
      life_(config, options, std::move(gate), rng, *this),
      timer_(network.queue, [this] { life_.on_deadline(network_.now()); }) {
  begin();
}

PathAtEnd::~PathAtEnd() {
  life_.forsake(network_.now());
  if (!pipe_over_) pipe_.abandon();
}

void PathAtEnd::begin() {
  life_.attach_pipe(network_.now(), pipe_);
  pipe_.use(*this, true);
}

void PathAtEnd::on_closed(TimePoint now, PipeEnd how) {
  pipe_over_ = true;
  life_.on_closed(now, how);
}

void PathAtEnd::on_path_ready(TimePoint now) {
  session_ = owner_.on_path_ready(*this);
  if (session_ == nullptr) return life_.leave(now, wire::ByeCode::SessionOver);
  network_.trace.story(now, name_, "path-carries", {{"pipe", pipe_.number()}});
  life_.attach(now, *this);
}

void PathAtEnd::on_path_silence(TimePoint now, bool silent) {
  network_.trace.story(now, name_, silent ? "path-silent" : "path-heard", {{"pipe", pipe_.number()}});
  owner_.on_path_silence(*this, silent);
}

void PathAtEnd::on_path_ending(TimePoint now, const quic::PathEnd& end) {
  network_.trace.story(now, name_, "path-closed",
                       {{"pipe", pipe_.number()}, {"kind", static_cast<std::uint64_t>(end.quic.kind)}});
}

core::Session& PathAtEnd::session() { return session_->session(); }
core::PathId PathAtEnd::add_path(TimePoint, quic::PathLife&) { return session_->add_path(*this); }
void PathAtEnd::remove_path(TimePoint, core::PathId id) { session_->remove_path(id); }
void PathAtEnd::touch() { session_->touch(); }
void PathAtEnd::end_session() { session_->end(); }

Status<core::SessionErrc> PathAtEnd::on_datagram(TimePoint now, core::PathId id, ByteView payload) {
  if (!meddler) return session().on_datagram(now, id, payload);
  auto meddled = to_bytes(payload);
  meddler(meddled);
  return session().on_datagram(now, id, meddled);
}

}  // namespace footbridge::sim
