#include "sim/stack/client_node.hpp"

#include <algorithm>
#include <utility>

namespace footbridge::sim {

ClientNode::ClientNode(Network& network, std::uint64_t number)
    : network_(network),
      name_{"client", number},
      dice_(network.seed.child("client", number)),
      sweeping_(network.queue, [this] { sweep(); }) {}

ClientNode::~ClientNode() {
  paths_.clear();  // before the sessions they are in
}

void ClientNode::begin_path(Pipe::Side& pipe, MatchId match, Duration initial_rtt) {
  const Wish wish{pipe.number(), match, initial_rtt};
  if (may_begin())
    begin(wish);
  else
    waiting_.push_back(wish);
}

void ClientNode::begin(const Wish& wish) {
  auto* const pipe = network_.find_pipe(wish.pipe);
  if (pipe == nullptr || !pipe->side(0).is_open()) {
    if (when_pipe_lost) when_pipe_lost(wish.pipe);
    return;
  }
  quic::ClientConfig config{network_.identity.pin(), {}};
  config.connection.initial_rtt = wish.initial_rtt;
  if (session_ == nullptr) ++greeting_;
  core::ClientPathHandshake gate(network_.now(), dice_, wish.match, core::SessionConfig{}.limits, grant_);
  paths_.push_back(std::make_unique<PathAtEnd>(network_, static_cast<PathOwner&>(*this), name_, pipe->side(0), config,
                                               options, std::move(gate), dice_));
  paths_.back()->meddler = meddler;
}

std::size_t ClientNode::carrying() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(paths_, [](const auto& path) { return path->carrying() && !path->silent(); }));
}

std::size_t ClientNode::opening() const {
  const auto begun =
      std::ranges::count_if(paths_, [](const auto& path) { return !path->has_carried() && !path->end(); });
  return waiting_.size() + static_cast<std::size_t>(begun);
}

void ClientNode::for_each_path(const std::function<void(PathAtEnd&)>& visit) {
  for (const auto& path : paths_)
    if (!path->over()) visit(*path);
}

void ClientNode::leave() {
  waiting_.clear();
  if (session_ != nullptr) session_->end();
  for (const auto& path : paths_) path->leave(wire::ByeCode::SessionOver);
}

SessionAtEnd* ClientNode::on_path_ready(PathAtEnd& path) {
  const auto& ok = *path.client_handshake()->granted();
  if (session_ != nullptr) return grant_->session == ok.session ? session_.get() : nullptr;
  grant_ = core::SessionGrant{ok.session, ok.token};
  core::SessionConfig config;
  config.peer_limits = ok.limits;
  session_ = std::make_unique<SessionAtEnd>(network_, core::Session::Role::Client, config, dice_, memory_, name_);
  session_->when_ended = [this](core::EndReason reason) {
    lose_session();
    if (when_session_ended) when_session_ended(reason);
  };
  ++sessions_begun_;
  greeting_ = 0;
  sweep_later();
  network_.trace.story(network_.now(), name_, "session-begins", {{"session", sessions_begun_}});
  if (when_session) when_session(*session_);
  return session_.get();
}

void ClientNode::on_path_silence(PathAtEnd& path, bool silent) {
  if (when_path_silence) when_path_silence(path, silent);
}

void ClientNode::on_path_over(PathAtEnd& path) {
  const auto& gate = *path.client_handshake();
  if (!path.has_carried() && session_ == nullptr && greeting_ > 0) --greeting_;
  // The egress has forgotten the session: what is left of it here is over, too.
  if (session_ != nullptr && gate.refusal() && gate.refusal()->code == wire::RefusalCode::UnknownSession)
    session_->end();
  if (when_path_over) when_path_over(path);
  sweep_later();
}

std::uint64_t ClientNode::wrong_bytes() const {
  return old_wrong_bytes_ + (session_ ? session_->app().wrong_bytes() : 0);
}

std::uint64_t ClientNode::bytes_read() const { return old_bytes_read_ + (session_ ? session_->app().bytes_read() : 0); }

std::uint64_t ClientNode::bytes_written() const {
  return old_bytes_written_ + (session_ ? session_->app().bytes_written() : 0);
}

void ClientNode::lose_session() {
  grant_.reset();
  if (!session_) return;
  old_wrong_bytes_ += session_->app().wrong_bytes();
  old_bytes_read_ += session_->app().bytes_read();
  old_bytes_written_ += session_->app().bytes_written();
  old_.push_back(std::move(session_));
  sweep_later();
}

void ClientNode::sweep() {
  std::erase_if(paths_, [](const auto& path) { return path->over(); });
  old_.clear();
  while (!waiting_.empty() && may_begin()) {
    const auto wish = waiting_.front();
    waiting_.pop_front();
    begin(wish);
  }
}

}  // namespace footbridge::sim
