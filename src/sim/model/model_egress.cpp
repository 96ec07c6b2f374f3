#include "sim/model/model_egress.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "core/session/path_table.hpp"

namespace footbridge::sim::model {
namespace {

// A session's own deadline, and the turn in which it is noticed.
constexpr Duration kLongestWithoutPath = core::kNoPathTtl + Seconds{1};

}  // namespace

struct ModelEgress::Session final : SessionUser {
  Session(ModelEgress& of, const SessionId& session_id, const core::SessionConfig& config, Rng& rng, Seed seed)
      : egress(of),
        id(session_id),
        token(wire::SessionToken(rng.array<wire::kTokenBytes>())),
        streams(of.ground(), of.who_, of.terms_.resets, seed),
        end(of.ground(), of.who_, core::Session::Role::Egress, config, rng, of.memory_, *this) {
    streams.use(end);
  }
  void on_session_event(const core::SessionEvent& event) override {
    streams.on_event(event);
    if (std::holds_alternative<core::event::Ended>(event)) egress.on_session_over(id);
  }

  ModelEgress& egress;
  SessionId id;
  Private<wire::SessionToken> token;
  EgressStreams streams;
  SessionEnd end;
};

struct ModelEgress::Visit final : core::PathAdmission {
  Visit(ModelEgress& of, Hop& hop, const MatchId& its_match, UnixSeconds wall_now, Seed seed)
      : egress(of),
        leg(hop),
        match(its_match),
        wall(wall_now),
        since(of.now()),
        path(of.ground(), of.who_, hop.end(kFarEnd), of.terms_.packet_bytes, seed,
             core::EgressPathHandshake(of.now(), of.dice_, of, match, this), of) {}
  std::optional<wire::RefusalCode> admit(TimePoint now, ByteView admission) override {
    const auto passed = std::chrono::duration_cast<Seconds>(now - since).count();
    const UnixSeconds wall_now{count(wall) + static_cast<std::uint64_t>(passed)};
    const auto ticket = egress.guard_.redeem(now, wall_now, match, admission);
    if (ticket) return std::nullopt;
    egress.ground().story(egress.who_, "refuses-ticket", {{"why", static_cast<std::uint64_t>(ticket.error())}});
    return core::refusal_code(ticket.error());
  }
  static constexpr int kFarEnd = 1;
  ModelEgress& egress;
  Hop& leg;
  MatchId match;
  UnixSeconds wall;  // the egress's, when the leg came
  TimePoint since;
  PathEnd path;
};

ModelEgress::ModelEgress(Ground& ground, std::uint64_t number, std::uint32_t boot, const crypto::SecretKey& leg_key,
                         const EgressTerms& terms, Seed seed)
    : Timed(ground),
      boot_(boot),
      who_{"egress", number},
      terms_(terms),
      dice_(seed),
      guard_({leg_key}),
      memory_(terms.memory_bytes) {
  ground.story(who_, "starts", {{"boot", boot_}});
}

ModelEgress::~ModelEgress() {
  visits_.clear();  // before the sessions they are attached to
  sessions_.clear();
}

bool ModelEgress::admits(UnixSeconds wall, std::string_view token, MatchId& match) {
  const auto grant = guard_.admit(now(), wall, token);
  if (!grant) {
    ground().story(who_, "refuses-leg", {{"why", static_cast<std::uint64_t>(grant.error())}});
    return false;
  }
  match = grant->match;
  return true;
}

void ModelEgress::take_leg(Hop& leg, const MatchId& match, UnixSeconds wall) {
  const auto seed = Seed(dice_.word());
  visits_[leg.number()] = std::make_unique<Visit>(*this, leg, match, wall, seed);
}

void ModelEgress::crash(bool noticed) {
  ground().story(who_, "crashes", {{"sessions", sessions_.size()}, {"noticed", noticed ? 1U : 0U}});
  for (auto& [number, visit] : visits_) visit->leg.vanish(Visit::kFarEnd, noticed);
}

void ModelEgress::calm_down() {
  terms_.resets = 0;
  for (auto& [id, session] : sessions_) session->streams.calm_down();
}

std::uint64_t ModelEgress::streams_left() const {
  std::uint64_t count = 0;
  for (const auto& [id, session] : sessions_)
    if (session->end.path_count() > 0) count += session->end.session().stats().streams_live;
  return count;
}

bool ModelEgress::holds(const SessionId& id) const {
  const auto found = sessions_.find(id);
  return found != sessions_.end() && !found->second->end.ended();
}

// SessionRegistry --------------------------------------------------------------------------------------------------

core::SessionRegistry::Answer ModelEgress::create(TimePoint, const wire::Hello& hello) {
  const auto id = SessionId::random(dice_);
  core::SessionConfig config;
  config.peer_limits = hello.limits;
  auto& session = sessions_[id] = std::make_unique<Session>(*this, id, config, dice_, Seed(dice_.word()));
  ground().story(who_, "session-begins", {{"sessions", sessions_.size()}});
  return grant(id, *session);
}

core::SessionRegistry::Answer ModelEgress::join(TimePoint, const wire::Join& join) {
  const auto found = sessions_.find(join.session);
  const bool known = found != sessions_.end() && !found->second->end.ended() &&
                     equal_in_constant_time(found->second->token.reveal_to_socket(), join.token.reveal_to_socket());
  if (!known) return wire::Refused{wire::RefusalCode::UnknownSession, 0, {}};
  if (found->second->end.path_count() >= core::kMaxPaths) return wire::Refused{wire::RefusalCode::Busy, 1, {}};
  return grant(join.session, *found->second);
}

wire::Ok ModelEgress::grant(const SessionId& id, const Session& session) const {
  const core::SessionConfig config;
  wire::Ok ok;
  ok.session = id;
  ok.token = session.token;
  ok.ttl_seconds = static_cast<std::uint64_t>(std::chrono::duration_cast<Seconds>(config.no_path_ttl).count());
  ok.limits = config.limits;
  return ok;
}

// Paths ------------------------------------------------------------------------------------------------------------

void ModelEgress::on_path_ready(PathEnd& path) {
  const auto& id = path.egress_handshake()->session();
  const auto found = id ? sessions_.find(*id) : sessions_.end();
  if (found == sessions_.end() || found->second->end.ended()) return path.leave(wire::ByeCode::SessionOver);
  path.attach(found->second->end);
}

void ModelEgress::on_path_over(PathEnd& path) {
  const auto at =
      std::find_if(visits_.begin(), visits_.end(), [&](const auto& entry) { return &entry.second->path == &path; });
  if (at == visits_.end()) return;
  later({}, [this, number = at->first] { visits_.erase(number); });
  for (const auto& [id, session] : sessions_)
    if (const auto since = session->end.without_path_since();
        since && !session->end.ended() && now() - *since > kLongestWithoutPath)
      ground().broken(Property::TerminalInTime, who_, "a session without a path outlives its time");
  if (memory_.used_bytes() > terms_.memory_bytes)
    ground().broken(Property::Bounded, who_, "the sessions hold more than their budget");
}

void ModelEgress::on_session_over(const SessionId& id) {
  ground().story(who_, "session-over");
  later({}, [this, id] { sessions_.erase(id); });
}

}  // namespace footbridge::sim::model
