#include "sim/stack/egress_node.hpp"

#include <utility>

namespace footbridge::sim {

EgressNode::EgressNode(Network& network, std::uint64_t number)
    : network_(network),
      name_{"egress", number},
      dice_(network.seed.child("egress", number)),
      sweeping_(network.queue, [this] { sweep(); }) {}

EgressNode::~EgressNode() { crash(); }

void EgressNode::crash() {
  sweeping_.clear();
  paths_.clear();  // before the sessions they are in
  for (const auto& [id, entry] : sessions_) remember(*entry.session);
  sessions_.clear();
}

void EgressNode::accept(Pipe::Side& pipe, MatchId match) {
  paths_.push_back(std::make_unique<PathAtEnd>(network_, static_cast<PathOwner&>(*this), name_, pipe,
                                               quic::ServerConfig{network_.identity, {}}, options,
                                               core::EgressPathHandshake(network_.now(), dice_, *this, match), dice_));
  paths_.back()->meddler = meddler;
}

core::SessionRegistry::Answer EgressNode::create(TimePoint now, const wire::Hello& hello) {
  const auto id = SessionId::random(dice_);
  auto& entry = sessions_[id];
  entry.token = dice_.array<wire::kTokenBytes>();
  core::SessionConfig config;
  config.peer_limits = hello.limits;
  entry.session = std::make_unique<SessionAtEnd>(network_, core::Session::Role::Egress, config, dice_, memory_, name_);
  entry.session->when_ended = [this](core::EndReason reason) {
    sweep_later();
    if (when_session_ended) when_session_ended(reason);
  };
  network_.trace.story(now, name_, "session-created", {{"sessions", sessions_.size()}});
  if (when_session) when_session(*entry.session);
  return wire::Ok{1, 0, id, Private<wire::SessionToken>(entry.token), 120, config.limits};
}

core::SessionRegistry::Answer EgressNode::join(TimePoint, const wire::Join& join) {
  const auto found = sessions_.find(join.session);
  if (found == sessions_.end() || found->second.session->session().ended() ||
      !equal_in_constant_time(found->second.token, join.token.reveal_to_socket()))
    return wire::Refused{wire::RefusalCode::UnknownSession, 0, {}};
  return wire::Ok{
      1, 0, join.session, Private<wire::SessionToken>(found->second.token), 120, core::SessionConfig{}.limits};
}

SessionAtEnd* EgressNode::on_path_ready(PathAtEnd& path) {
  const auto found = sessions_.find(*path.egress_handshake()->session());
  return found == sessions_.end() ? nullptr : found->second.session.get();
}

void EgressNode::on_path_over(PathAtEnd&) { sweep_later(); }

void EgressNode::sweep() {
  std::erase_if(paths_, [](const auto& path) { return path->over(); });
  std::erase_if(sessions_, [this](const auto& entry) {
    if (!entry.second.session->session().ended()) return false;
    remember(*entry.second.session);
    return true;
  });
}

void EgressNode::remember(const SessionAtEnd& session) {
  old_wrong_bytes_ += session.app().wrong_bytes();
  old_bytes_read_ += session.app().bytes_read();
}

std::uint64_t EgressNode::wrong_bytes() const {
  auto sum = old_wrong_bytes_;
  for (const auto& [id, entry] : sessions_) sum += entry.session->app().wrong_bytes();
  return sum;
}

std::uint64_t EgressNode::bytes_read() const {
  auto sum = old_bytes_read_;
  for (const auto& [id, entry] : sessions_) sum += entry.session->app().bytes_read();
  return sum;
}

void EgressNode::for_each_session(const std::function<void(SessionAtEnd&)>& visit) {
  for (const auto& [id, entry] : sessions_) visit(*entry.session);
}

void EgressNode::for_each_path(const std::function<void(PathAtEnd&)>& visit) {
  for (const auto& path : paths_)
    if (!path->over()) visit(*path);
}

}  // namespace footbridge::sim
