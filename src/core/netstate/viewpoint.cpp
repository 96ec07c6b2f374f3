#include "core/netstate/viewpoint.hpp"

#include <algorithm>
#include <utility>

namespace footbridge::core {
namespace {

// Changes of so long are delayed as one: each report by itself would cost a set of its own.
constexpr Millis kDelayedTogether{500};
constexpr std::uint64_t kPublicByteStep = 65'536;

}  // namespace

Viewpoint::Viewpoint(const ViewRules& rules, Rng& rng, TimePoint now)
    : rules_(rules), rng_(rng), now_(now), people_at_(now + rules.people_every) {}

void Viewpoint::add(TimePoint now, std::vector<GraphChange> changes) {
  if (changes.empty()) return;
  const bool is_full = delayed_changes_ >= kMaxDelayedChanges;
  const auto together = is_full ? std::max<Duration>(rules_.delay, kDelayedTogether) : kDelayedTogether;
  // A batch closes for good, however many come after it: else a flood would be put off without end.
  if (delayed_.empty() || now - delayed_.back().began >= together) delayed_.push_back({now, {}, newest_, {}});
  auto& last = delayed_.back();
  last.at = now + rules_.delay;  // nothing is shown early
  for (auto& change : changes) {
    newest_ = std::max(newest_, change.vertex);
    if (!change.facts && change.vertex > last.newest_before)
      delayed_changes_ -= last.changes.erase(change.vertex);  // came and went within this batch
    else if (last.changes.insert_or_assign(change.vertex, std::move(change.facts)).second)
      ++delayed_changes_;
  }
}

void Viewpoint::on_time(TimePoint now, UnixMillis wall) {
  now_ = now;
  wall_ = wall;
  while (!delayed_.empty() && delayed_.front().at <= now) {
    const auto due = std::move(delayed_.front());
    delayed_.pop_front();
    delayed_changes_ -= due.changes.size();
    apply(due);
  }
  while (const auto back = return_at_.pop_due(now)) show(*back, seen_.at(*back));
  for (const auto& key : std::set<GroupKey>(large_again_)) look_at_group(key, groups_[key]);
  if (now < people_at_ && rules_.people_every > Duration{}) return;
  take_people();
  while (rules_.people_every > Duration{} && people_at_ <= now) people_at_ += rules_.people_every;
}

std::optional<TimePoint> Viewpoint::deadline() const {
  auto at = return_at_.earliest();
  if (!delayed_.empty()) at = earlier(at, delayed_.front().at);
  if (rules_.people_every > Duration{}) at = earlier(at, people_at_);
  for (const auto& key : large_again_) at = earlier(at, *groups_.at(key).closed + kReopenAfter);
  return at;
}

// Those that are gone come last, so that nothing ends at a vertex that was not there yet.
void Viewpoint::apply(const Delayed& delayed) {
  for (const auto& [vertex, facts] : delayed.changes)
    if (facts) update(vertex, *facts);
  for (const auto& [vertex, facts] : delayed.changes) {
    const auto found = facts ? seen_.end() : seen_.find(vertex);
    if (found == seen_.end()) continue;
    ++steps_;
    auto& seen = found->second;
    people_changed_.erase(vertex);
    return_at_.erase(vertex);
    seen.exists = false;
    if (seen.shown && seen.in_edges > 0) {
      count(seen.facts, false);
      seen.facts = {.role = seen.facts.role};
      leave_group(vertex, seen);
      describe(vertex, seen);
    } else {
      if (seen.shown) hide(vertex, seen);
      seen_.erase(vertex);
    }
  }
}

void Viewpoint::update(Vertex vertex, const VertexFacts& facts) {
  ++steps_;
  auto& seen = seen_[vertex];
  const bool was_silent = seen.silent();
  if (seen.shown) count(seen.facts, false);
  seen.facts = facts;
  if (seen.shown) count(seen.facts, true);
  people_changed_.insert(vertex);
  if (!seen.shown && !seen.silent() && !return_at_.contains(vertex)) return show(vertex, seen);
  if (!seen.shown) return;
  if (seen.silent() && seen.in_edges == 0) return hide(vertex, seen);
  if (seen.silent() && !was_silent) leave_group(vertex, seen);
  if (!seen.silent() && was_silent) join_group(vertex, seen);
  describe(vertex, seen);
}

// Of who is shown only: else the sums would tell how many of a crowd that vanished are still there. And not of those
// whom a viewer can invent: he would bring what is missing to the next eight, and so find what the others have.
void Viewpoint::count(const VertexFacts& facts, bool in) {
  const auto add = [&](std::uint64_t& sum, std::uint64_t one) { sum = in ? sum + one : sum - one; };
  if (facts.role == wire::NodeRole::Egress) add(sessions_, facts.sessions);
  if (!wire::carries(facts.role) || (rules_.crowd > 1 && wire::is_public(facts.role))) return;
  add(people_, facts.people());
  add(bytes_per_second_, facts.bytes_per_second);
}

// Below a crowd nothing, and above it whole crowds: the same number for many who come and go.
ShownNumber Viewpoint::shown_number(std::uint64_t number) const {
  if (rules_.crowd > 1 && number < rules_.crowd) return std::nullopt;
  return number - number % rules_.crowd;
}

void Viewpoint::take_people() {
  for (const auto vertex : std::exchange(people_changed_, {})) {
    auto& seen = seen_.at(vertex);
    if (!seen.shown) {
      if (!seen.silent()) people_changed_.insert(vertex);  // when it is back
      continue;
    }
    const bool is_egress = seen.facts.role == wire::NodeRole::Egress;
    seen.people = shown_number(is_egress ? seen.facts.sessions : seen.facts.people());
    seen.helping = seen.facts.state == wire::NodeState::Helping && seen.people;
    set_arms(seen);
    describe(vertex, seen);
  }
  const auto before = totals_;
  totals_.people = shown_number(people_);
  totals_.sessions = shown_number(sessions_);
  const auto step = rules_.crowd > 1 ? kPublicByteStep : 1;
  totals_.bytes_per_second = totals_.people ? ShownNumber(bytes_per_second_ - bytes_per_second_ % step) : std::nullopt;
  has_news_ = has_news_ || !(before == totals_);
}

// An edge with a number that is hidden is none: it would come and go with one person.
void Viewpoint::set_arms(Seen& seen) {
  const auto& legs = seen.facts.legs;
  steps_ += legs.size() + seen.arms.size();
  std::vector<Arm> after;
  for (const auto& leg : legs) {
    const Arm arm{leg.to, shown_number(leg.people)};
    if (!arm.people) continue;
    auto& end = seen_.at(leg.to);
    const auto old = std::ranges::find(seen.arms, leg.to, &Arm::to);
    after.push_back(arm);
    if (old != seen.arms.end() && old->people == arm.people) continue;
    if (old == seen.arms.end()) {
      if (!end.shown) show(leg.to, end);
      ++end.in_edges;
    }
    const std::pair edge(seen.node.id, end.node.id);
    news_edges_[edge] = arm.people;
    news_cut_.erase(edge);
    has_news_ = true;
  }
  std::swap(seen.arms, after);
  auto& before = after;
  const auto& stay = seen.arms;
  std::erase_if(before, [&](const Arm& arm) { return std::ranges::find(stay, arm.to, &Arm::to) != stay.end(); });
  cut(seen.node.id, before);
}

}  // namespace footbridge::core
