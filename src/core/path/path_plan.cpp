// PathPlan: what happens to paths, and what is remembered of it. What follows from it: path_plan_decisions.cpp.
#include "core/path/path_plan.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"

namespace footbridge::core {

void PathPlan::start(TimePoint now) {
  FB_ASSERT(!running_ && paths_.empty());
  running_ = active_ = true;  // who starts a client is about to use it
  last_traffic_ = now;
  settle(now);
}

void PathPlan::stop(TimePoint) {
  if (!std::exchange(running_, false)) return;
  stop_search();
  for (auto& entry : paths_)
    if (!entry.left) leave(entry);
  has_session_ = active_ = scarce_ = false;
  failures_.forgive();
  avoided_.clear();
  together_until_.reset();
  excess_since_.reset();
}

void PathPlan::on_offered(TimePoint now, PathKey path) {
  auto* entry = find(path);
  if (entry == nullptr || entry->stage != Stage::Gathering) return;
  entry->stage = Stage::Offered;
  entry->since = now;
  settle(now);
}

void PathPlan::on_matched(TimePoint now, PathKey path, const MatchId& match) {
  auto* entry = find(path);
  if (entry == nullptr || entry->stage != Stage::Offered) return;
  entry->stage = Stage::Connecting;
  entry->since = now;
  entry->match = match;
  entry->spare_since.reset();
  scarce_ = false;  // what the broker has now, the next search tells
}

void PathPlan::on_search_over(TimePoint now) {
  searched_.reset();
  patience_until_.reset();
  settle(now);
}

void PathPlan::on_nobody_found(TimePoint now) {
  scarce_ = true;
  settle(now);
}

void PathPlan::on_granted(TimePoint now, PathKey path) {
  auto* granted = find(path);
  if (granted == nullptr || granted->left) return;
  has_session_ = true;
  granted->stage = Stage::Carrying;
  granted->since = now;
  for (auto& entry : paths_)
    if (entry.may_meet && !entry.left && entry.key != path) leave(entry);
  settle(now);
}

void PathPlan::on_suspect(TimePoint now, PathKey path, bool suspect) {
  auto* entry = find(path);
  if (entry == nullptr || entry->stage != Stage::Carrying || entry->suspect == suspect) return;
  entry->suspect = suspect;
  if (suspect) {
    if (now - entry->alarmed_at >= kAlarmMemory) entry->false_alarms = 0;
    const auto doublings = std::min(entry->false_alarms, 8U);
    const auto grace =
        entry->false_alarms == 0 ? Millis{0} : std::min<Millis>(kFirstGrace * (1U << (doublings - 1)), kMostGrace);
    entry->lost_from = now + grace;
    entry->may_meet = network_changed_at_ && now - *network_changed_at_ < kNetworkSettles;
  } else {
    ++entry->false_alarms;
    entry->alarmed_at = now;
    entry->long_silent = entry->lost = entry->may_meet = false;
  }
  settle(now);
}

void PathPlan::on_long_silence(TimePoint now, PathKey path) {
  auto* entry = find(path);
  if (entry == nullptr || !entry->suspect) return;
  entry->long_silent = entry->lost = true;
  settle(now);
}

void PathPlan::on_leaving(TimePoint now, PathKey path) {
  auto* entry = find(path);
  if (entry == nullptr || entry->leaving) return;
  entry->leaving = true;
  settle(now);
}

void PathPlan::on_over(TimePoint now, PathKey path, Loss loss) {
  const auto found = std::ranges::find(paths_, path, &Entry::key);
  if (found == paths_.end()) return;
  const auto entry = *found;
  paths_.erase(found);
  if (!running_ || entry.left || entry.old) return settle(now);
  note_loss(now, entry, loss);
  if (loss == Loss::Session) end_session();
  settle(now);
}

// Whose fault it was: what that costs us, and whom we do not want to meet again.
void PathPlan::note_loss(TimePoint now, const Entry& entry, Loss loss) {
  const bool carried = entry.stage == Stage::Carrying;
  if (carried && now - entry.since >= kGoodPathAge) return failures_.forgive();
  // While others carry, our network and the egress are well, and the volunteer's end is its own affair. When nothing
  // carries any more it is as likely the egress's fault, or ours.
  const bool others_carry = tally().sound > 0;
  const bool learned = loss == Loss::Stale || (loss == Loss::Session && has_session_);  // that the session is gone
  if (!learned && !(carried && loss == Loss::Volunteer && others_carry))
    failures_.on_failure(now, entry.began, has_session_ && active_ ? kMostPauseInUse : kMostPause);
  if (loss == Loss::Volunteer && !entry.leaving && (!carried || others_carry)) avoid(now, entry);
}

void PathPlan::on_session_gone(TimePoint now) {
  end_session();
  settle(now);
}

void PathPlan::end_session() {
  has_session_ = false;
  for (auto& entry : paths_)
    if (entry.stage == Stage::Carrying) entry.old = true;
}

void PathPlan::on_traffic(TimePoint now) {
  last_traffic_ = now;
  if (active_ || !running_) return;
  active_ = true;
  settle(now);
}

void PathPlan::on_network_change(TimePoint now) {
  if (!running_) return;
  network_changed_at_ = now;
  failures_.forgive();
  avoided_.clear();
  scarce_ = false;
  for (auto& entry : paths_) {
    entry.false_alarms = 0;
    entry.may_meet = entry.suspect;
    entry.lost = entry.suspect;
    const bool stale = entry.stage == Stage::Gathering || entry.stage == Stage::Offered;
    if (stale && !entry.left) leave(entry);
  }
  settle(now);
}

void PathPlan::on_round_trip(PathKey path, Duration smoothed) {
  if (auto* entry = find(path)) entry->round_trip = smoothed;
}

std::optional<PathPlan::Command> PathPlan::poll() {
  if (out_.empty()) return std::nullopt;
  auto command = std::move(out_.front());
  out_.pop_front();
  return command;
}

void PathPlan::on_deadline(TimePoint now) { settle(now); }

PathPlan::Entry* PathPlan::find(PathKey path) {
  const auto found = std::ranges::find(paths_, path, &Entry::key);
  return found == paths_.end() ? nullptr : &*found;
}

void PathPlan::avoid(TimePoint now, const Entry& entry) {
  if (!entry.match) return;
  if (avoided_.size() == kMaxPlanAvoided) avoided_.pop_front();
  avoided_.push_back({*entry.match, now + kAvoidFor, entry.stage == Stage::Carrying});
}

}  // namespace footbridge::core
