#include <utility>

#include "base/assert.hpp"
#include "core/netstate/viewpoint.hpp"

namespace footbridge::core {

void Viewpoint::show(Vertex vertex, Seen& seen) {
  FB_ASSERT(!seen.shown);
  do {
    seen.node.id = ShownId{static_cast<std::uint32_t>(rng_.next_u64())};
  } while (news_gone_.contains(seen.node.id) || !ids_.insert(seen.node.id).second);
  seen.shown = true;
  count(seen.facts, true);
  seen.helping = false;
  seen.node.role = seen.facts.role;
  seen.people = shown_number(0);
  seen.node.since = UnixMillis{footbridge::count(wall_) - footbridge::count(wall_) % kSinceStepMillis};
  ++totals_.nodes[static_cast<std::size_t>(seen.facts.role) - 1];
  news_nodes_.insert(vertex);
  has_news_ = true;
  if (!seen.silent()) join_group(vertex, seen);
  describe(vertex, seen);
}

// Its group is not looked at: see leave_group() and close_group().
void Viewpoint::hide(Vertex vertex, Seen& seen) {
  FB_ASSERT(seen.shown);
  cut(seen.node.id, std::exchange(seen.arms, {}));
  leave_group(vertex, seen);
  seen.shown = false;
  count(seen.facts, false);
  --totals_.nodes[static_cast<std::size_t>(seen.facts.role) - 1];
  news_nodes_.erase(vertex);
  ids_.erase(seen.node.id);
  left_ += static_cast<std::uint32_t>(told_nodes_.erase(seen.node.id));
  news_gone_.insert(seen.node.id);  // told or not: a snapshot may have had it
  has_news_ = true;
}

// What is said of a node, from what is true and what was taken; news only if that is something else than before.
void Viewpoint::describe(Vertex vertex, Seen& seen) {
  auto node = seen.node;
  node.state = state_of(seen);
  node.country = country_of(seen);
  node.tag = rules_.tags && seen.exists ? seen.facts.tag : std::string();
  node.people = seen.people;
  if (node == seen.node) return;
  seen.node = std::move(node);
  news_nodes_.insert(vertex);
  has_news_ = true;
}

ShownState Viewpoint::state_of(const Seen& seen) {
  if (seen.silent()) return ShownState::Silent;
  switch (*seen.facts.state) {
    case wire::NodeState::Ready:
    case wire::NodeState::Helping: return seen.helping ? ShownState::Helping : ShownState::Ready;
    case wire::NodeState::Paused: return ShownState::Paused;
    case wire::NodeState::Draining: return ShownState::Draining;
    case wire::NodeState::Gone: break;  // is not in the graph
  }
  FB_ASSERT(false);
}

void Viewpoint::cut(ShownId from, const std::vector<Arm>& arms) {
  for (const auto& arm : arms) {
    const std::pair edge(from, seen_.at(arm.to).node.id);
    news_edges_.erase(edge);
    news_cut_.insert(edge);
    has_news_ = true;
    let_go(arm.to);
  }
}

void Viewpoint::let_go(Vertex to) {
  ++steps_;
  auto& end = seen_.at(to);
  FB_ASSERT(end.in_edges > 0);
  if (--end.in_edges > 0 || !end.silent()) return;
  hide(to, end);
  if (!end.exists) seen_.erase(to);
}

std::optional<Country> Viewpoint::country_of(const Seen& seen) const {
  const auto country = seen.silent() ? Country{} : seen.facts.country;
  if (rules_.crowd <= 1 || !country.known()) return country;
  const auto group = groups_.find({seen.facts.role, country});
  return seen.grouped && group->second.open ? std::optional(country) : std::nullopt;
}

void Viewpoint::join_group(Vertex vertex, Seen& seen) {
  if (rules_.crowd <= 1 || !seen.facts.country.known()) return;
  const GroupKey key{seen.facts.role, seen.facts.country};
  auto& group = groups_[key];
  group.members.insert(vertex);
  seen.grouped = key.second;
  look_at_group(key, group);
}

void Viewpoint::leave_group(Vertex vertex, Seen& seen) {
  const auto country = std::exchange(seen.grouped, std::nullopt);
  if (!country) return;
  const GroupKey key{seen.facts.role, *country};
  auto& group = groups_.at(key);
  group.members.erase(vertex);
  look_at_group(key, group);
}

void Viewpoint::look_at_group(const GroupKey& key, Group& group) {
  large_again_.erase(key);
  const bool large = group.members.size() >= rules_.crowd;
  if (group.open && !large) return close_group(key, group);
  if (group.open || !large) return;
  if (group.closed && now_ < *group.closed + kReopenAfter) {
    large_again_.insert(key);
    return;
  }
  group.open = true;
  for (const auto member : group.members) {
    ++steps_;
    describe(member, seen_.at(member));
  }
}

// Carriers vanish, all at once, and come back one by one as somebody else. Of servers the directory says more.
void Viewpoint::close_group(const GroupKey& key, Group& group) {
  group.open = false;
  group.closed = now_;
  const auto members = group.members;
  for (const auto member : members) {
    ++steps_;
    auto& seen = seen_.at(member);
    if (!wire::carries(key.first)) {
      describe(member, seen);
      continue;
    }
    hide(member, seen);
    const auto wait = rng_.between(static_cast<std::uint64_t>(Millis(kReturnFrom).count()),
                                   static_cast<std::uint64_t>(Millis(kReturnTo).count()));
    return_at_.set(member, now_ + Millis(wait));
  }
}

ViewDelta Viewpoint::take_delta() {
  ViewDelta out;
  for (const auto vertex : std::exchange(news_nodes_, {})) {
    const auto& node = seen_.at(vertex).node;
    out.came += told_nodes_.insert(node.id).second ? 1 : 0;
    out.nodes.push_back(node);
  }
  for (const auto& [edge, people] : std::exchange(news_edges_, {}))
    out.edges.push_back({edge.first, edge.second, people});
  for (const auto& edge : std::exchange(news_cut_, {})) out.cut.push_back(edge);
  for (const auto id : std::exchange(news_gone_, {})) out.gone.push_back(id);
  out.left = std::exchange(left_, 0);
  out.totals = totals_;
  has_news_ = false;
  return out;
}

ViewSnapshot Viewpoint::snapshot() const {
  ViewSnapshot out;
  for (const auto& [vertex, seen] : seen_) {
    if (!seen.shown) continue;
    out.nodes.push_back(seen.node);
    for (const auto& arm : seen.arms) out.edges.push_back({seen.node.id, seen_.at(arm.to).node.id, arm.people});
  }
  out.totals = totals_;
  return out;
}

}  // namespace footbridge::core
