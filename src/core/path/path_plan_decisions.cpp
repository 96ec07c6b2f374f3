// PathPlan: what follows from what happened. settle() ends every event: it judges the paths, lets go of those that
// nobody needs, makes new ones and says what is searched for. Doing it twice changes nothing.
#include <algorithm>
#include <utility>

#include "core/path/path_plan.hpp"

namespace footbridge::core {

std::size_t PathPlan::wanted() const {
  if (!running_) return 0;
  return has_session_ && active_ ? config_.target : 1;
}

PathPlan::Tally PathPlan::tally() const {
  Tally out;
  for (const auto& entry : paths_) {
    if (entry.left || entry.old) continue;
    switch (entry.stage) {
      case Stage::Gathering:
      case Stage::Offered: ++out.offers; break;
      case Stage::Connecting: ++out.connecting; break;
      case Stage::Carrying:
        if (entry.lost && !entry.long_silent && !entry.leaving) ++out.lost;
        if (!entry.lost && !entry.leaving) ++out.sound;
        break;
    }
  }
  return out;
}

std::size_t PathPlan::sound() const { return tally().sound; }

std::size_t PathPlan::standby() const {
  const auto carry = sound();
  if (!active_) return carry;
  return carry > wanted() ? carry - wanted() : 0;
}

std::optional<TimePoint> PathPlan::deadline() const {
  if (!running_) return std::nullopt;
  auto next = earlier(earlier(failures_.until(), together_until_), patience_until_);
  if (excess_since_) next = earlier(next, *excess_since_ + kSpareFor);
  if (active_) next = earlier(next, last_traffic_ + config_.idle_after);
  for (const auto& entry : paths_) {
    if (entry.left) continue;
    if (entry.suspect && !entry.lost) next = earlier(next, entry.lost_from);
    if (entry.stage == Stage::Offered) next = earlier(next, entry.since + kOfferLifetime);
    if (entry.spare_since) next = earlier(next, *entry.spare_since + kSpareFor);
  }
  return next;
}

void PathPlan::settle(TimePoint now) {
  if (!running_) return;
  failures_.on_deadline(now);
  judge(now);
  let_go(now);
  let_go_of_spares(now);
  make(now);
  search(now);
}

void PathPlan::judge(TimePoint now) {
  if (now - last_traffic_ >= config_.idle_after) active_ = false;
  for (auto& entry : paths_)
    if (entry.suspect && now >= entry.lost_from) entry.lost = true;
  if (!patience_until_ || now < *patience_until_) return;
  patience_until_.reset();  // nobody else has been found: whom we avoided will do
  avoided_.clear();
  for (auto& entry : paths_)
    if (entry.long_silent) entry.may_meet = true;
}

// Those that are of no use to anybody, at once.
void PathPlan::let_go(TimePoint now) {
  const auto enough = tally().sound >= wanted();
  for (auto& entry : paths_) {
    if (entry.left) continue;
    const bool stale = entry.stage == Stage::Offered && now - entry.since >= kOfferLifetime;
    const bool replaced = enough && (entry.long_silent || entry.leaving) && !entry.old;
    if (stale || replaced) leave(entry);
  }
  if (active_ || !has_session_) return;
  while (tally().sound > wanted()) leave(*worst());  // nothing is under way: make-before-break is for busy paths
}

// One path or offer more than wanted is kept for a while, and then given up.
void PathPlan::let_go_of_spares(TimePoint now) {
  const auto counted = tally();
  const bool offers_needed = counted.sound + counted.connecting < wanted();
  for (auto& entry : paths_) {
    const bool offer = entry.stage == Stage::Gathering || entry.stage == Stage::Offered;
    if (entry.left || !offer || offers_needed) {
      entry.spare_since.reset();
      continue;
    }
    if (!entry.spare_since) entry.spare_since = now;
    if (now - *entry.spare_since >= kSpareFor) leave(entry);
  }
  if (counted.sound <= wanted()) return excess_since_.reset();
  if (!excess_since_) excess_since_ = now;
  if (now - *excess_since_ < kSpareFor) return;
  leave(*worst());
  excess_since_.reset();
  if (counted.sound - 1 > wanted()) excess_since_ = now;
}

void PathPlan::make(TimePoint now) {
  if (pausing()) return;
  const auto have = tally();
  const auto coming = have.connecting + have.offers;
  const auto with_lost = have.sound + have.lost + coming;
  auto missing = wanted() > with_lost ? wanted() - with_lost : 0;
  // What is only suspected is replaced, too, but one at a time: most alarms are false, and all paths at once fall
  // silent when our own network does.
  if (missing == 0 && have.lost > 0 && coming == 0 && have.sound < wanted()) missing = 1;
  if (scarce_) missing = coming == 0 ? std::min<std::size_t>(missing, 1) : 0;
  for (; missing > 0; --missing) {
    Entry entry;
    entry.key = PathKey{++last_key_};
    entry.began = entry.since = now;
    out_.push_back(Make{entry.key});
    paths_.push_back(std::move(entry));
  }
}

// One search for all that have an offer, as far as they are needed.
void PathPlan::search(TimePoint now) {
  const auto have = tally();
  const auto wants = wanted();
  auto needed = std::min(wants - std::min(wants, have.sound + have.connecting), kMaxSearched);
  if (pausing()) needed = 0;
  Search next;
  bool more_to_come = false;
  TimePoint first_offer = TimePoint::max();
  for (const auto& entry : paths_) {
    if (entry.left || next.offers.size() == needed) continue;
    if (entry.stage == Stage::Gathering) more_to_come = true;
    if (entry.stage != Stage::Offered) continue;
    next.offers.push_back(entry.key);
    first_offer = std::min(first_offer, entry.since);
  }
  together_until_.reset();
  if (next.offers.empty()) return stop_search();
  if (more_to_come && next.offers.size() < needed && now < first_offer + kOffersTogether) {
    together_until_ = first_offer + kOffersTogether;
    return;
  }
  next.avoid = to_avoid(now);
  next.failed = failed();
  next.has_path = have.sound > 0;
  if (!avoids_anybody())
    patience_until_.reset();
  else if (!patience_until_)
    patience_until_ = now + kAvoidPatience;
  // Whoever has lost the last of his paths says so; a path found meanwhile is no reason to ask anew.
  const bool worse = searched_ && searched_->has_path && !next.has_path;
  if (searched_ && searched_->offers == next.offers && searched_->avoid == next.avoid && !worse) return;
  out_.push_back(next);
  searched_ = std::move(next);
}

void PathPlan::stop_search() {
  patience_until_.reset();
  if (!searched_) return;
  searched_.reset();
  out_.push_back(StopSearch{});
}

void PathPlan::leave(Entry& entry) {
  entry.left = true;
  entry.spare_since.reset();
  out_.push_back(Leave{entry.key});
}

// Of the paths that carry and are sound: one that cried wolf lately, then the slowest, then the newest.
PathPlan::Entry* PathPlan::worst() {
  Entry* worst = nullptr;
  for (auto& entry : paths_) {
    if (entry.stage != Stage::Carrying || entry.left || entry.old || entry.lost || entry.leaving) continue;
    const auto rank = [](const Entry& e) { return std::pair(e.suspect || e.false_alarms > 0, e.round_trip); };
    if (worst == nullptr || rank(entry) >= rank(*worst)) worst = &entry;
  }
  return worst;
}

std::vector<MatchId> PathPlan::to_avoid(TimePoint now) {
  std::erase_if(avoided_, [&](const Avoided& one) { return one.until <= now; });
  std::vector<MatchId> out;
  for (const auto& one : avoided_) out.push_back(one.match);
  for (const auto& entry : paths_)
    if (entry.match && !entry.may_meet) out.push_back(*entry.match);
  if (out.size() > kMaxPlanAvoided) out.erase(out.begin(), out.end() - static_cast<std::ptrdiff_t>(kMaxPlanAvoided));
  return out;
}

std::vector<MatchId> PathPlan::failed() const {
  std::vector<MatchId> out;
  for (const auto& one : avoided_)
    if (!one.carried) out.push_back(one.match);
  return out;
}

// Somebody who may be met after all, when nobody else is found.
bool PathPlan::avoids_anybody() const {
  return !avoided_.empty() || std::ranges::any_of(paths_, [](const Entry& entry) {
    return entry.long_silent && !entry.may_meet && !entry.left;
  });
}

}  // namespace footbridge::core
