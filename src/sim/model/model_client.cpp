// A model client's paths and session: how they come and go.
#include <algorithm>
#include <string>
#include <utility>

#include "core/path/leaving_note.hpp"
#include "sim/model/model_client_parts.hpp"

namespace footbridge::sim::model {

using core::PathKey;
using core::PathPlan;

namespace {

constexpr std::size_t kMemoryBytes = 64U << 20;

}  // namespace

ModelClient::ModelClient(Ground& ground, std::uint64_t number, Network& network, const ClientTerms& terms, Seed seed)
    : RendezvousAsker(ground, {"client", number}),
      number_(number),
      network_(network),
      terms_(terms),
      dice_(seed),
      plan_(core::PathPlan::Config{}, dice_),
      rendezvous_({.self_tag = terms.self_tag, .nat = terms.told_nat}, dice_),
      memory_(kMemoryBytes),
      streams_(ground, number, terms.streams, seed.child("streams")) {
  plan_.start(now());
  later({}, [this] { settle(); });
}

ModelClient::~ModelClient() {
  attempts_.clear();  // before the sessions they are attached to
}

void ModelClient::crash(bool noticed) {
  ground().story(who_, "crashes", {{"noticed", noticed ? 1U : 0U}});
  for (auto& attempt : attempts_)
    if (attempt->link != nullptr) attempt->link->hop().vanish(kNear, noticed), attempt->link = nullptr;
  if (noticed && !offline) network_.broker_of(who_).forget(*this);
}

void ModelClient::on_network_change() {
  plan_.on_network_change(now());
  rendezvous_.wake(now());
  settle();
}

void ModelClient::go_offline(bool gone) {
  offline = gone;
  ground().story(who_, gone ? "goes-offline" : "comes-online");
  for (auto& attempt : attempts_)
    if (attempt->link != nullptr) attempt->link->hop().cut(gone);
  if (!gone) on_network_change();
}

void ModelClient::lose_links() {
  for (auto& attempt : attempts_)
    if (attempt->link != nullptr) attempt->link->hop().cut(true);
}

std::size_t ModelClient::carrying() const {
  return static_cast<std::size_t>(std::ranges::count_if(
      attempts_, [](const auto& a) { return a->carrying && !a->over && !a->end->silent() && !a->end->leaving(); }));
}

std::uint64_t ModelClient::streams_left() const {
  return session_ && carrying() > 0 ? session_->end.session().stats().streams_live : 0;
}

std::string ModelClient::state() const {
  std::string out = session_ ? "has a session" : "has no session";
  out += ", " + std::to_string(carrying()) + " paths carry, " + std::to_string(attempts_.size()) + " attempts";
  if (offline) out += ", offline";
  if (rendezvous_.state() == core::RequestChannel::State::Open) out += ", asks the broker";
  if (rendezvous_.state() == core::RequestChannel::State::BackingOff) out += ", waits to ask the broker again";
  if (plan_.pausing()) out += ", pauses after failures";
  return out + "; " + streams_.oldest();
}

// Paths ------------------------------------------------------------------------------------------------------------

void ModelClient::use(Attempt& attempt, const wire::Match& match) {
  attempt.match = match;
  plan_.on_matched(now(), attempt.key, match.match);
  attempt.limit = now() + core::ProxyEngine::kLinkTimeout;
  auto* link = network_.join_link(number_, match.sdp);
  ground().story(who_, "matched",
                 {{"path", static_cast<std::uint64_t>(attempt.key)}, {"link", link ? link->number() : 0}});
  if (link == nullptr) return;
  if (link->end(kNear).taken())
    ground().broken(Property::SoldOnce, who_, "the answer was given to another client before");
  attempt.link = &link->end(kNear);
  attempt.link->set_user(attempt);
}

void ModelClient::open(Attempt& attempt) {
  attempt.limit.reset();
  std::optional<core::SessionGrant> join;
  if (session_ && session_->egress == attempt.match->egress) join = session_->grant;
  if (join) attempt.joins = join->session;
  core::ClientPathHandshake handshake(now(), dice_, attempt.match->match, core::SessionConfig{}.limits, std::move(join),
                                      attempt.match->ticket);
  PathEndUser& user = *this;
  attempt.end = std::make_unique<PathEnd>(ground(), who_, *attempt.link, terms_.packet_bytes, Seed(dice_.word()),
                                          std::move(handshake), user);
  attempt.end->start();
}

void ModelClient::on_path_ready(PathEnd& path) {
  auto* attempt = find(path);
  if (attempt == nullptr || attempt->left) return;
  const auto& ok = *path.client_handshake()->granted();
  // Several were on their way when the old session was found to be gone, and each began a new one: the first counts.
  if (session_ && session_->grant.session != ok.session) return path.leave(wire::ByeCode::SessionOver);
  if (!session_) {
    session_ = std::make_unique<Session>(*this, ok, attempt->match->egress, shard_);
    streams_.use(session_->end);
  }
  attempt->carrying = true;
  path.attach(session_->end);
  ground().story(who_, "path-carries", {{"path", static_cast<std::uint64_t>(attempt->key)}});
  plan_.on_granted(now(), attempt->key);
  settle();
}

void ModelClient::on_path_silence(PathEnd& path, core::Silence silence) {
  auto* attempt = find(path);
  if (attempt == nullptr) return;
  const auto number = static_cast<std::uint64_t>(attempt->key);
  switch (silence) {
    case core::Silence::None:
      ground().story(who_, "path-heard-again", {{"path", number}});
      plan_.on_suspect(now(), attempt->key, false);
      break;
    case core::Silence::Suspect:
      ground().story(who_, "path-suspect", {{"path", number}});
      plan_.on_suspect(now(), attempt->key, true);
      break;
    case core::Silence::Long:
      ground().story(who_, "path-silent", {{"path", number}});
      plan_.on_long_silence(now(), attempt->key);
      break;
  }
  settle();
}

void ModelClient::on_path_filler(PathEnd& path, ByteView message) {
  auto* attempt = find(path);
  if (attempt == nullptr || !core::is_leaving_note(message, attempt->match->match)) return;
  ground().story(who_, "path-leaving", {{"path", static_cast<std::uint64_t>(attempt->key)}});
  plan_.on_leaving(now(), attempt->key);
  settle();
}

void ModelClient::on_path_over(PathEnd& path) {
  auto* attempt = find(path);
  if (attempt == nullptr) return;
  attempt->link = nullptr;  // its end closes it
  if (path.was_carrying() && !path.silent()) carried_at_ = now();
  const auto* handshake = path.client_handshake();
  const auto& bye = path.control().bye();
  const bool unknown = handshake->refusal() && (handshake->refusal()->code == wire::RefusalCode::UnknownSession ||
                                                handshake->refusal()->code == wire::RefusalCode::EgressRestarted);
  const bool gone = unknown || (path.was_carrying() && bye && bye->code == wire::ByeCode::SessionOver);
  // What is said about an older session says nothing about this one.
  const auto& about = attempt->carrying ? path.granted_session() : attempt->joins;
  const bool ours = session_ && about == session_->grant.session;
  const bool refused = handshake->refusal().has_value();
  finish(*attempt, gone && ours ? PathPlan::Loss::Session
                   : gone       ? PathPlan::Loss::Stale
                   : refused    ? PathPlan::Loss::Egress
                                : PathPlan::Loss::Volunteer);
  if (gone && ours) retire_session();  // after the plan knows why
  settle();
}

void ModelClient::leave(Attempt& attempt) {
  attempt.left = true;
  if (attempt.carrying && !attempt.over) return attempt.end->leave(wire::ByeCode::PathOver);
  // Nobody has to be told; but the plan hears of it after this command.
  later({}, [this, key = attempt.key] {
    if (auto* found = find(key)) finish(*found, PathPlan::Loss::Volunteer);
  });
}

void ModelClient::finish(Attempt& attempt, PathPlan::Loss loss) {
  if (std::exchange(attempt.over, true)) return;
  ground().story(who_, "path-over",
                 {{"path", static_cast<std::uint64_t>(attempt.key)}, {"loss", static_cast<std::uint64_t>(loss)}});
  plan_.on_over(now(), attempt.key, loss);
  later({}, [this, key = attempt.key] {
    std::erase_if(attempts_, [key](const auto& a) { return a->key == key; });
    std::erase_if(old_, [](const auto& s) { return s->end.ended() && s->end.path_count() == 0; });
  });
  settle();
}

// Sessions ---------------------------------------------------------------------------------------------------------

// Its streams are lost. That is right only when the egress has lost them too.
void ModelClient::retire_session() {
  auto session = std::move(session_);
  ground().story(who_, "session-gone", {{"streams", streams_.live()}});
  if (network_.session_lives(session->egress, session->grant.session))
    ground().broken(Property::ExactBytes, who_, "a session is given up that lives at its egress");
  streams_.forget_session();
  auto& end = session->end;
  old_.push_back(std::move(session));
  plan_.on_session_gone(now());
  if (!end.ended())
    later({}, [this, raw = old_.back().get()] {
      for (auto& old : old_)
        if (old.get() == raw) old->end.end();
    });
}

void ModelClient::on_session_event(Session& session, const core::SessionEvent& event) {
  if (&session != session_.get()) return;
  if (const auto* ended = std::get_if<core::event::Ended>(&event)) {
    ground().story(who_, "session-ended", {{"why", static_cast<std::uint64_t>(ended->reason)}});
    streams_.forget_session();
    old_.push_back(std::move(session_));
    plan_.on_session_gone(now());
    later({}, [this] { settle(); });
    return;
  }
  if (!std::holds_alternative<core::event::PathSilence>(event)) plan_.on_traffic(now());
  streams_.on_event(event);
}

ModelClient::Attempt* ModelClient::find(PathKey key) {
  const auto at = std::ranges::find_if(attempts_, [key](const auto& a) { return a->key == key; });
  return at == attempts_.end() ? nullptr : at->get();
}

ModelClient::Attempt* ModelClient::find(const PathEnd& path) {
  const auto at = std::ranges::find_if(attempts_, [&](const auto& a) { return a->end.get() == &path; });
  return at == attempts_.end() ? nullptr : at->get();
}

}  // namespace footbridge::sim::model
