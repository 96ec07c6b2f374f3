#include "programs/client/path_keeper.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"
#include "observe/log.hpp"
#include "programs/client/pin_choice.hpp"

namespace footbridge::client {

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
      sweep_timer_(executor, [this](TimePoint now) { sweep(now); }),
      seek_timer_(executor, [this](TimePoint now) { seek(now); }),
      ask_timer_(executor, [this](TimePoint now) { ask(now); }),
      patience_timer_(executor, [this](TimePoint now) { ask_less(now); }) {
  FB_ASSERT(!config_.pins.empty());
}

PathKeeper::~PathKeeper() = default;

void PathKeeper::start(TimePoint now, Finder& finder, MakeLink make_link) {
  FB_ASSERT(state_ == State::Resting);
  finder_ = &finder;
  make_link_ = std::move(make_link);
  state_ = State::Seeking;
  seek(now);
}

void PathKeeper::stop(TimePoint now) {
  if (state_ == State::Resting || state_ == State::Stopping) return;
  state_ = State::Stopping;
  seek_timer_.arm(std::nullopt);
  ask_timer_.arm(std::nullopt);
  patience_timer_.arm(std::nullopt);
  finder_->cancel(now);
  for (auto& path : paths_) path->leave(now, wire::ByeCode::SessionOver);
  for (auto& session : old_) session->end();
  if (session_) retire_session();
  sweep_timer_.arm(TimePoint{});
}

std::size_t PathKeeper::carrying() const {
  return static_cast<std::size_t>(std::count_if(
      paths_.begin(), paths_.end(), [this](const auto& p) { return counts(*p) && p->state() == PathState::Carrying; }));
}

std::size_t PathKeeper::streams() const {
  std::size_t count = session_ ? session_->host().session().stats().streams_live : 0;
  for (const auto& session : old_) count += session->host().session().stats().streams_live;
  return count;
}

std::string_view PathKeeper::progress() const {
  const bool found = std::any_of(paths_.begin(), paths_.end(), [](const auto& path) {
    return path->state() == PathState::Linking || path->state() == PathState::Joining;
  });
  return found ? "a volunteer was found, but the way through it does not stand yet"
               : "no volunteer has been found so far; the search goes on";
}

io::SessionHost* PathKeeper::session() { return session_ ? &session_->host() : nullptr; }

// Towards the number wanted: not those that are over, silent or on their way out, nor those of a session that is
// leaving.
bool PathKeeper::counts(const ClientPath& path) const {
  if (path.state() == PathState::Over || path.left() || path.silent()) return false;
  return path.host() == nullptr || (session_ && path.host() == &session_->host());
}

void PathKeeper::seek(TimePoint now) {
  if (state_ == State::Resting || state_ == State::Stopping) return;
  const auto wanted = session_ ? config_.target_paths : 1;
  auto have = static_cast<std::size_t>(
      std::count_if(paths_.begin(), paths_.end(), [this](const auto& path) { return counts(*path); }));
  state_ = carrying() >= config_.target_paths ? State::Kept : State::Seeking;
  ClientPathEvents& events = *this;
  for (; have < wanted; ++have) {
    paths_.push_back(std::make_unique<ClientPath>(executor_, rng_, events));
    paths_.back()->start(now, make_link_);
  }
}

// After a first failure at once; after several in a row a pause, which grows.
void PathKeeper::seek_later(TimePoint now) {
  if (state_ == State::Resting || state_ == State::Stopping) return;
  const bool pause = failures_ > 1;
  if (pause && state_ == State::Pausing && now < pause_until_) return;
  if (pause) pause_until_ = now + backoff_.next(rng_);
  state_ = pause ? State::Pausing : State::Seeking;
  seek_timer_.arm(pause ? pause_until_ : TimePoint{});
}

// Paths that are made together are asked for together, unless one of them takes its time.
void PathKeeper::ask_together(TimePoint now) {
  const bool more_to_come = std::any_of(paths_.begin(), paths_.end(), [](const auto& path) {
    return path->state() == PathState::Gathering && !path->left();
  });
  if (!more_to_come) return ask(now);
  if (!asking_soon_) ask_timer_.arm(now + kOffersTogether);
  asking_soon_ = true;
}

// One search for all that have an offer and no match.
void PathKeeper::ask(TimePoint now) {
  ask_timer_.arm(std::nullopt);
  asking_soon_ = false;
  asked_for_.clear();
  core::ClientSearch search;
  for (auto& path : paths_) {
    if (path->state() != PathState::Offered || path->left() || search.sdps.size() == wire::kMaxOfferSdps) continue;
    asked_for_.push_back(path.get());
    search.sdps.push_back(path->offer());
  }
  if (asked_for_.empty()) return finder_->cancel(now);
  if (session_)
    search.egress = session_->egress();
  else
    shard_ = static_cast<std::uint16_t>(rng_.next_u64());
  search.shard = session_ ? session_->shard() : shard_;
  search.avoid = to_avoid(now);
  patience_timer_.arm(avoided_.empty() ? std::nullopt : std::optional(now + kAvoidPatience));
  finder_->search(now, std::move(search));
}

// Nobody else has been found: whom we avoided will do.
void PathKeeper::ask_less(TimePoint now) {
  if (asked_for_.empty()) return;
  avoided_.clear();
  ask(now);
}

std::vector<MatchId> PathKeeper::to_avoid(TimePoint now) {
  std::vector<MatchId> out;
  std::erase_if(avoided_, [&](const Avoided& entry) { return entry.until <= now; });
  for (const auto& entry : avoided_) out.push_back(entry.match);
  for (const auto& path : paths_)  // distinct proxies for the paths of one session
    if (path->match() && path->state() != PathState::Over) out.push_back(*path->match());
  return out;
}

void PathKeeper::on_path_offer(TimePoint now, ClientPath&) { ask_together(now); }

void PathKeeper::on_matches(TimePoint now, std::vector<wire::Match> matches) {
  const auto asked = std::exchange(asked_for_, {});
  for (const auto& match : matches)
    if (match.sdp_index < asked.size() && asked[match.sdp_index]->state() == PathState::Offered)
      use(now, *asked[match.sdp_index], match);
  // Those that found nobody, and those for which the request had no room.
  const bool unasked = std::any_of(paths_.begin(), paths_.end(), [](const auto& path) {
    return path->state() == PathState::Offered && !path->left();
  });
  if (unasked) ask(now);
}

void PathKeeper::use(TimePoint now, ClientPath& path, const wire::Match& match) {
  if (const auto pin = choose_pin(config_.pins, match.egress)) return path.accept(now, match, *pin);
  tell(now, Trouble::UnknownEgress);
  ++failures_;
  path.leave(now, wire::ByeCode::PathOver);
}

void PathKeeper::on_still_looking(TimePoint now, Trouble why) {
  tell(now, why);
  for (auto& path : paths_)
    if (path->state() == PathState::Offered && now - path->offered_at() >= kOfferLifetime)
      path->leave(now, wire::ByeCode::PathOver);  // another one, with fresh candidates, follows
}

std::optional<core::SessionGrant> PathKeeper::session_to_join(const ClientPath& path) {
  // A broker whose egress is gone may lead to another one: there a session has to begin.
  if (!session_ || session_->egress() != path.egress()) return std::nullopt;
  return session_->grant();
}

void PathKeeper::on_path_granted(TimePoint now, ClientPath& path, const wire::Ok& ok) {
  if (!session_ || session_->grant().session != ok.session) {
    if (session_) retire_session();
    ClientSessionEvents& events = *this;
    session_ = std::make_unique<ClientSession>(executor_, ok, path.egress(), shard_, rng_, events);
  }
  path.attach(now, session_->host());
  for (auto& other : paths_)
    if (other->silent()) other->leave(now, wire::ByeCode::PathOver);  // replaced
  troubles_.well(now);
  seek_timer_.arm(TimePoint{});  // further ones, or none
  changed_();
}

void PathKeeper::on_path_silence(TimePoint now, ClientPath& path, bool silent) {
  if (state_ == State::Stopping || !session_ || path.host() != &session_->host()) return;
  if (silent) {
    tell(now, Trouble::PathSilent);
    avoid(now, path);
  } else {
    troubles_.well(now);
    for (auto& other : paths_)  // that were to replace it
      if (other->state() != PathState::Carrying && carrying() >= config_.target_paths)
        other->leave(now, wire::ByeCode::PathOver);
  }
  seek_timer_.arm(TimePoint{});
}

void PathKeeper::on_path_over(TimePoint now, ClientPath& path, const PathOutcome& outcome) {
  const bool was_asked_for = std::erase(asked_for_, &path) > 0;
  const bool of_this_session = session_ && (path.host() == nullptr || path.host() == &session_->host());
  sweep_timer_.arm(TimePoint{});
  if (state_ == State::Stopping) return;
  if (!path.left() && (path.host() == nullptr || of_this_session)) note_failure(now, path, outcome);
  if (outcome.session_is_gone && of_this_session) {
    retire_session();
    changed_();
  }
  // Whom the search that is under way avoids, and which egress it names, may be wrong now.
  if (was_asked_for || !asked_for_.empty()) ask(now);
  seek_later(now);
}

// Trouble is what a person feels: while another path carries, the loss of one is none. A wrong key always is.
void PathKeeper::tell(TimePoint now, Trouble trouble) {
  const bool betrayed = trouble == Trouble::WrongKey || trouble == Trouble::UnknownEgress;
  if (carrying() == 0 || betrayed) troubles_.tell(now, trouble);
}

void PathKeeper::note_failure(TimePoint now, const ClientPath& path, const PathOutcome& outcome) {
  tell(now, outcome.trouble);
  if (outcome.carried && now - path.carrying_since() >= kGoodPathAge) {
    failures_ = 0;
    backoff_.reset();
    return;
  }
  avoid(now, path);
  if (path.began() < last_failure_) return;  // what several suffer together is one failure
  last_failure_ = now;
  ++failures_;
}

void PathKeeper::avoid(TimePoint now, const ClientPath& path) {
  if (!path.match()) return;
  if (avoided_.size() == wire::kMaxAvoided) avoided_.pop_front();
  avoided_.push_back({*path.match(), now + kAvoidFor});
}

// Ends it unless it leaves in peace already; its conversations hear of it.
void PathKeeper::retire_session() {
  session_->end();
  old_.push_back(std::move(session_));
  sweep_timer_.arm(TimePoint{});
}

void PathKeeper::on_session_leaving(TimePoint now, ClientSession& session) {
  if (&session != session_.get()) return;
  troubles_.tell(now, Trouble::EgressLeaving);
  old_.push_back(std::move(session_));
  if (old_.size() > kMaxLeavingSessions) old_.front()->end();
  seek_later(now);
  changed_();
}

void PathKeeper::on_session_over(TimePoint now, ClientSession& session, core::EndReason reason) {
  sweep_timer_.arm(TimePoint{});
  if (&session != session_.get()) return;
  old_.push_back(std::move(session_));
  if (reason != core::EndReason::Local) troubles_.tell(now, Trouble::SessionLost);
  seek_later(now);
  changed_();
}

void PathKeeper::sweep(TimePoint) {
  std::erase_if(paths_, [](const auto& path) { return path->state() == PathState::Over; });
  for (auto& session : old_)  // an egress that has left does not come back for the rest
    if (session->state() == ClientSession::State::Leaving && session->host().path_count() == 0) session->end();
  std::erase_if(old_, [this](const auto& session) {
    const bool in_use =
        std::any_of(paths_.begin(), paths_.end(), [&](const auto& path) { return path->host() == &session->host(); });
    return session->state() == ClientSession::State::Over && !in_use;  // paths are told apart by their host
  });
  if (state_ != State::Stopping || !paths_.empty() || !old_.empty()) return;
  state_ = State::Resting;
  changed_();
}

}  // namespace footbridge::client
