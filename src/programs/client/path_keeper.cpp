#include "programs/client/path_keeper.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"
#include "base/overloaded.hpp"
#include "observe/log.hpp"
#include "programs/client/pin_choice.hpp"

namespace footbridge::client {

using core::PathPlan;
using PathState = ClientPath::State;

std::string_view name(PathKeeper::State state) {
  switch (state) {
    case PathKeeper::State::Resting: return "resting";
    case PathKeeper::State::Seeking: return "seeking";
    case PathKeeper::State::Pausing: return "pausing";
    case PathKeeper::State::Kept: return "kept";
    case PathKeeper::State::Stopping: return "stopping";
  }
  return "unknown";
}

PathKeeper::PathKeeper(asio::any_io_executor executor, Config config, Rng& rng, TroubleTeller& troubles,
                       std::function<void()> changed)
    : executor_(executor),
      config_(std::move(config)),
      rng_(rng),
      troubles_(troubles),
      changed_(std::move(changed)),
      plan_(config_.plan, rng),
      sweep_timer_(executor, [this](TimePoint now) { sweep(now); }),
      plan_timer_(executor, [this](TimePoint now) {
        for (const auto& [key, path] : paths_)
          if (const auto round_trip = path->round_trip()) plan_.on_round_trip(key, *round_trip);
        plan_.on_deadline(now);
        settle(now);
      }) {}

PathKeeper::~PathKeeper() = default;

void PathKeeper::trust(std::vector<quic::SpkiPin> pins, std::size_t target) {
  config_.pins = std::move(pins);
  plan_.set_target(target);
}

void PathKeeper::start(TimePoint now, Finder& finder, MakeLink make_link) {
  FB_ASSERT(phase_ == Phase::Resting && (config_.listed || !config_.pins.empty()));
  finder_ = &finder;
  make_link_ = std::move(make_link);
  phase_ = Phase::Running;
  troubles_.tell(now, Milestone::Searching, 0);
  plan_.start(now);
  settle(now);
}

void PathKeeper::stop(TimePoint now) {
  if (phase_ != Phase::Running) return;
  phase_ = Phase::Stopping;
  for (auto& [key, path] : paths_) path->leave(now, wire::ByeCode::SessionOver);
  plan_.stop(now);
  settle(now);
  for (auto& session : old_) session->end();
  if (session_) retire_session(now);
  sweep_timer_.arm(TimePoint{});
}

void PathKeeper::on_network_change(TimePoint now) {
  if (phase_ != Phase::Running) return;
  for (auto& [key, path] : paths_) path->probe(now);
  plan_.on_network_change(now);
  settle(now);
}

PathKeeper::State PathKeeper::state() const {
  switch (phase_) {
    case Phase::Resting: return State::Resting;
    case Phase::Stopping: return State::Stopping;
    case Phase::Running: break;
  }
  if (session_ && carrying() >= plan_.wanted()) return State::Kept;
  return plan_.pausing() ? State::Pausing : State::Seeking;
}

std::size_t PathKeeper::streams() const {
  std::size_t count = session_ ? session_->host().session().stats().streams_live : 0;
  for (const auto& session : old_) count += session->host().session().stats().streams_live;
  return count;
}

std::string_view PathKeeper::progress() const {
  const bool found = std::ranges::any_of(paths_, [](const auto& entry) {
    return entry.second->state() == PathState::Linking || entry.second->state() == PathState::Joining;
  });
  return found ? "a volunteer was found, but the way through it does not stand yet"
               : "no volunteer has been found so far; the search goes on";
}

io::SessionHost* PathKeeper::session() { return session_ ? &session_->host() : nullptr; }

// Commands of the plan ---------------------------------------------------------------------------------------------

void PathKeeper::settle(TimePoint now) {
  if (std::exchange(settling_, true)) return;  // a command's own consequence: the loop below picks it up
  while (const auto command = plan_.poll()) carry_out(now, *command);
  plan_timer_.arm(plan_.deadline());
  settling_ = false;
  tell_activity();
}

void PathKeeper::carry_out(TimePoint now, const PathPlan::Command& command) {
  std::visit(Overloaded{
                 [&](const PathPlan::Make& make) {
                   ClientPathEvents& events = *this;
                   auto& path = paths_[make.path];
                   path = std::make_unique<ClientPath>(executor_, make.path, rng_, events);
                   path->start(now, make_link_);
                 },
                 [&](const PathPlan::Search& wish) { search(now, wish); },
                 [&](const PathPlan::StopSearch&) {
                   asked_for_.clear();
                   finder_->cancel(now);
                 },
                 [&](const PathPlan::Leave& leave) {
                   if (const auto found = paths_.find(leave.path); found != paths_.end())
                     found->second->leave(now, wire::ByeCode::PathOver);
                 },
             },
             command);
}

void PathKeeper::search(TimePoint now, const PathPlan::Search& wish) {
  asked_for_.clear();
  core::ClientSearch out;
  for (const auto key : wish.offers) {
    const auto found = paths_.find(key);
    if (found == paths_.end() || found->second->state() != PathState::Offered) continue;
    asked_for_.push_back(key);
    out.sdps.push_back(found->second->offer());
  }
  if (asked_for_.empty()) return finder_->cancel(now);
  // One that the directory does not list any more gets no new paths: a session begins elsewhere.
  if (session_ && choose_pin(config_.pins, session_->egress(), config_.listed)) out.egress = session_->egress();
  asked_shard_ = session_ ? session_->shard() : static_cast<std::uint16_t>(rng_.next_u64());
  out.shard = asked_shard_;
  out.avoid = wish.avoid;
  out.has_path = wish.has_path;
  for (const auto& match : wish.failed) out.outcomes.push_back({match, wire::OutcomeKind::DialFailed});
  finder_->search(now, std::move(out));
}

void PathKeeper::on_path_offer(TimePoint now, ClientPath& path) {
  plan_.on_offered(now, path.key());
  settle(now);
}

void PathKeeper::on_matches(TimePoint now, std::vector<wire::Match> matches) {
  const auto asked = std::exchange(asked_for_, {});
  bool found_somebody = false;
  for (const auto& match : matches) {
    if (match.sdp_index >= asked.size()) continue;
    const auto found = paths_.find(asked[match.sdp_index]);
    if (found == paths_.end() || found->second->state() != PathState::Offered || found->second->left()) continue;
    use(now, *found->second, match);
    found_somebody = found_somebody || found->second->state() == PathState::Linking;
  }
  if (found_somebody && carrying() == 0) troubles_.tell(now, Milestone::VolunteerFound, 0);
  plan_.on_search_over(now);
  settle(now);
}

void PathKeeper::use(TimePoint now, ClientPath& path, const wire::Match& match) {
  if (const auto pin = choose_pin(config_.pins, match.egress, config_.listed)) {
    plan_.on_matched(now, path.key(), match.match);
    return path.accept(now, match, *pin, asked_shard_);
  }
  tell(now, Trouble::UnknownEgress);
  if (config_.on_unknown_egress) config_.on_unknown_egress(now);
  path.leave(now, wire::ByeCode::PathOver);
  plan_.on_over(now, path.key(), PathPlan::Loss::Egress);
}

void PathKeeper::on_still_looking(TimePoint now, Trouble why) {
  tell(now, why);
  if (why == Trouble::NoVolunteer || why == Trouble::OnlyOurselves) plan_.on_nobody_found(now);
  settle(now);
}

// Paths ------------------------------------------------------------------------------------------------------------

std::optional<core::SessionGrant> PathKeeper::session_to_join(const ClientPath& path) {
  // A broker whose egress is gone may lead to another one, and a search from before the session to another worker:
  // there a session has to begin.
  if (!session_ || session_->egress() != path.egress() || session_->shard() != path.shard()) return std::nullopt;
  return session_->grant();
}

void PathKeeper::on_path_granted(TimePoint now, ClientPath& path, const wire::Ok& ok) {
  if (!session_ || session_->grant().session != ok.session) {
    if (session_ && carrying() > 0) {  // it got well again meanwhile, with all its streams
      plan_.on_over(now, path.key(), PathPlan::Loss::Egress);
      path.leave(now, wire::ByeCode::SessionOver);
      return settle(now);
    }
    if (session_) retire_session(now);
    ClientSessionEvents& events = *this;
    session_ = std::make_unique<ClientSession>(executor_, ok, path.egress(), path.shard(), rng_, events);
  }
  path.attach(now, session_->host());
  plan_.on_granted(now, path.key());
  tell_granted(now);
  settle(now);
  troubles_.well(now);
  changed_();
}

bool PathKeeper::carries_session(const ClientPath& path) const {
  return phase_ == Phase::Running && session_ && path.host() == &session_->host();
}

void PathKeeper::on_path_silence(TimePoint now, ClientPath& path, bool silent) {
  if (!carries_session(path)) return;
  plan_.on_suspect(now, path.key(), silent);
  settle(now);
  if (!silent) troubles_.well(now);
}

void PathKeeper::on_path_long_silence(TimePoint now, ClientPath& path) {
  if (!carries_session(path)) return;
  plan_.on_long_silence(now, path.key());
  settle(now);
  tell(now, Trouble::PathSilent);
}

void PathKeeper::on_path_leaving(TimePoint now, ClientPath& path) {
  if (!carries_session(path)) return;
  plan_.on_leaving(now, path.key());
  settle(now);
}

void PathKeeper::on_path_over(TimePoint now, ClientPath& path, const PathOutcome& outcome) {
  // A refusal may be about a session that another one has replaced meanwhile.
  const bool of_this_session = session_ && (path.host() == &session_->host() ||
                                            (path.host() == nullptr && path.joins() == session_->grant().session));
  const bool ends_session = outcome.session_is_gone && of_this_session;
  std::erase(asked_for_, path.key());
  sweep_timer_.arm(TimePoint{});
  plan_.on_over(now, path.key(), ends_session ? PathPlan::Loss::Session : outcome.loss);
  if (phase_ != Phase::Running) return;
  if (!path.left() && !ends_session && session_ && path.host() == &session_->host())
    troubles_.tell(now, Milestone::VolunteerLost, carrying());
  if (!path.left() && (path.host() == nullptr || of_this_session)) tell(now, outcome.trouble);
  if (ends_session) {
    if (outcome.trouble == Trouble::SessionLost) session_->end_forgotten();
    retire_session(now);
    changed_();
  }
  settle(now);
}

// Trouble is what a person feels: while another path carries, the loss of one is none. A wrong key always is.
void PathKeeper::tell(TimePoint now, Trouble trouble) {
  const bool betrayed = trouble == Trouble::WrongKey || trouble == Trouble::UnknownEgress;
  if (carrying() == 0 || betrayed) troubles_.tell(now, trouble);
}

// The first path of a session connects it, one that comes when nobody else carries saves it.
void PathKeeper::tell_granted(TimePoint now) {
  if (carrying() != 1) return;
  troubles_.tell(now, session_told_ ? Milestone::VolunteerReplaced : Milestone::Connected, carrying());
  session_told_ = true;
}

void PathKeeper::tell_activity() {
  if (phase_ != Phase::Running || plan_.active() == was_active_) return;
  was_active_ = plan_.active();
  if (was_active_)
    observe::log(observe::Level::Info, "client-active");
  else
    observe::log(observe::Level::Info, "client-idle", observe::kv("standby", plan_.standby()));
}

// Sessions ---------------------------------------------------------------------------------------------------------

void PathKeeper::on_session_traffic(TimePoint now) {
  plan_.on_traffic(now);
  if (plan_.active() != was_active_) settle(now);
}

// Ends it unless it leaves in peace already; its conversations hear of it.
void PathKeeper::retire_session(TimePoint now) {
  session_->end();
  old_.push_back(std::move(session_));
  tell_session_gone(now);
  plan_.on_session_gone(now);
  sweep_timer_.arm(TimePoint{});
}

void PathKeeper::on_session_leaving(TimePoint now, ClientSession& session) {
  if (&session != session_.get()) return;
  tell(now, Trouble::EgressLeaving);
  old_.push_back(std::move(session_));
  if (old_.size() > kMaxLeavingSessions) old_.front()->end();
  tell_session_gone(now);
  plan_.on_session_gone(now);
  settle(now);
  changed_();
}

void PathKeeper::on_session_over(TimePoint now, ClientSession& session, core::EndReason reason) {
  sweep_timer_.arm(TimePoint{});
  if (&session != session_.get()) return;
  old_.push_back(std::move(session_));
  if (reason != core::EndReason::Local) tell(now, Trouble::SessionLost);
  tell_session_gone(now);
  plan_.on_session_gone(now);
  settle(now);
  changed_();
}

void PathKeeper::tell_session_gone(TimePoint now) {
  session_told_ = false;
  troubles_.tell(now, Milestone::SessionEnded, 0);
}

void PathKeeper::sweep(TimePoint) {
  std::erase_if(paths_, [](const auto& entry) { return entry.second->state() == PathState::Over; });
  for (auto& session : old_)  // an egress that has left does not come back for the rest
    if (session->state() == ClientSession::State::Leaving && session->host().path_count() == 0) session->end();
  std::erase_if(old_, [this](const auto& session) {
    const bool in_use =
        std::ranges::any_of(paths_, [&](const auto& entry) { return entry.second->host() == &session->host(); });
    return session->state() == ClientSession::State::Over && !in_use;  // paths are told apart by their host
  });
  if (phase_ != Phase::Stopping || !paths_.empty() || !old_.empty()) return;
  phase_ = Phase::Resting;
  changed_();
}

}  // namespace footbridge::client
