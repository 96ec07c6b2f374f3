#include "core/netstate/graph.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"

namespace footbridge::core {
namespace {

// Bytes a second since the report before. Sums of what peers say stay within 64 bits.
std::uint64_t rate_of(std::uint64_t kib_before, std::uint64_t kib, Duration since) {
  const auto ms = std::chrono::duration_cast<Millis>(since).count();
  if (ms <= 0 || kib <= kib_before) return 0;
  constexpr std::uint64_t kMostKib = 1ULL << 40;
  const auto bytes = std::min(kib - kib_before, kMostKib) * 1'024;
  return std::min(bytes * 1'000 / static_cast<std::uint64_t>(ms), kMaxBytesPerSecond);
}

const GraphLeg* leg_to(const std::vector<GraphLeg>& legs, Vertex to) {
  const auto found = std::ranges::lower_bound(legs, to, {}, &GraphLeg::to);
  return found != legs.end() && found->to == to ? &*found : nullptr;
}

}  // namespace

std::uint64_t VertexFacts::people() const {
  std::uint64_t sum = 0;
  for (const auto& leg : legs) sum += leg.people;
  return sum;
}

bool Graph::apply(TimePoint now, Country country, const wire::StateReport& report) {
  steps_ += 1 + report.legs.size();
  if (report.state == wire::NodeState::Gone) {
    if (const auto found = by_node_.find(report.node); found != by_node_.end()) fall_silent(found->second);
    return true;
  }
  const auto vertex = vertex_of(country, report);
  if (!vertex) return false;
  auto& held = vertices_.at(*vertex);
  const auto before = held.facts;
  const auto kib = report.up_kib + report.down_kib;
  held.facts.bytes_per_second = held.heard ? rate_of(held.carried_kib, kib, now - *held.heard) : 0;
  held.carried_kib = kib;
  held.heard = now;
  held.facts.state = report.state;
  held.facts.tag = report.tag;
  held.facts.sessions = report.sessions;
  set_legs(held, resolve(held, report.legs));
  silent_at_.set(*vertex, now + kNodeTtl);
  if (!(before == held.facts)) changed_.insert(*vertex);
  return true;
}

// The vertex that this report is of, with the node as its voice.
std::optional<Vertex> Graph::vertex_of(Country country, const wire::StateReport& report) {
  const auto known = by_node_.find(report.node);
  if (known != by_node_.end()) return known->second;
  std::optional<Vertex> vertex;
  if (report.egress) {
    if (const auto found = by_egress_.find(*report.egress); found != by_egress_.end()) vertex = found->second;
  }
  if (!vertex) vertex = add({.facts = {.role = report.role}, .egress = report.egress});
  if (!vertex) return std::nullopt;
  auto& held = vertices_.at(*vertex);
  if (held.node)
    by_node_.erase(*held.node);  // the run before this one of the same egress
  else
    held.facts.country = country;
  held.node = report.node;
  held.heard.reset();
  by_node_[report.node] = *vertex;
  return vertex;
}

std::optional<Vertex> Graph::egress_named(const wire::EgressName& egress, bool may_be_new) {
  const auto found = by_egress_.find(egress);
  if (found != by_egress_.end()) return found->second;
  if (!may_be_new) return std::nullopt;
  return add({.facts = {.role = wire::NodeRole::Egress}, .egress = egress});
}

std::optional<Vertex> Graph::add(Held held) {
  if (vertices_.size() >= kMaxGraphNodes) return std::nullopt;
  const Vertex vertex{next_++};
  if (held.egress) by_egress_[*held.egress] = vertex;
  vertices_.emplace(vertex, std::move(held));
  changed_.insert(vertex);
  return vertex;
}

// Where legs lead, each egress once; placeholders are made. What there is no room for is left out, and of a page what
// nobody else has named: names cost nothing, and each would take a place of the graph.
std::vector<GraphLeg> Graph::resolve(const Held& held, const std::vector<wire::ReportedLeg>& legs) {
  std::vector<GraphLeg> out;
  const bool is_page = wire::is_public(held.facts.role);
  auto room = kMaxGraphEdges - edges_;
  if (is_page) room = std::min(room, kMaxPageEdges - page_edges_);
  for (const auto& leg : legs) {
    const auto known = by_egress_.find(leg.egress);
    const bool has_edge = known != by_egress_.end() && leg_to(held.facts.legs, known->second) != nullptr;
    const auto same = [&](const GraphLeg& one) { return known != by_egress_.end() && one.to == known->second; };
    if (const auto twice = std::ranges::find_if(out, same); twice != out.end()) {
      twice->people += leg.people;
      continue;
    }
    const bool may_be_new = !is_page || leg.egress == wire::EgressName{};
    const auto to = has_edge || room > 0 ? egress_named(leg.egress, may_be_new) : std::nullopt;
    if (!to) {
      ++legs_left_out_;
      continue;
    }
    room -= has_edge ? 0 : 1;
    out.push_back({*to, leg.people});
  }
  std::ranges::sort(out, {}, &GraphLeg::to);
  return out;
}

// New edges first: an egress that is left by one and reached by another stays.
void Graph::set_legs(Held& held, std::vector<GraphLeg> legs) {
  const auto before = std::exchange(held.facts.legs, std::move(legs));
  const auto& after = held.facts.legs;
  const std::size_t of_page = wire::is_public(held.facts.role) ? 1 : 0;
  for (const auto& leg : after) {
    if (leg_to(before, leg.to) != nullptr) continue;
    ++vertices_.at(leg.to).in_edges;
    ++edges_;
    page_edges_ += of_page;
  }
  steps_ += before.size() + after.size();
  for (const auto& leg : before) {
    if (leg_to(after, leg.to) != nullptr) continue;
    page_edges_ -= of_page;
    release(leg.to);
  }
}

void Graph::release(Vertex to) {
  auto& held = vertices_.at(to);
  FB_ASSERT(held.in_edges > 0 && edges_ > 0);
  --edges_;
  if (--held.in_edges == 0 && !held.node) remove(to);
}

void Graph::on_time(TimePoint now) {
  while (const auto due = silent_at_.pop_due(now)) fall_silent(*due);
}

void Graph::fall_silent(Vertex vertex) {
  ++steps_;
  auto& held = vertices_.at(vertex);
  if (held.in_edges == 0) return remove(vertex);
  FB_ASSERT(held.egress && held.facts.legs.empty());  // only egresses have edges that end there
  by_node_.erase(*held.node);
  silent_at_.erase(vertex);
  held.node.reset();
  held.heard.reset();
  held.facts = {.role = wire::NodeRole::Egress};
  changed_.insert(vertex);
}

void Graph::remove(Vertex vertex) {
  auto& held = vertices_.at(vertex);
  FB_ASSERT(held.in_edges == 0);
  set_legs(held, {});
  if (held.node) by_node_.erase(*held.node);
  if (held.egress) by_egress_.erase(*held.egress);
  silent_at_.erase(vertex);
  vertices_.erase(vertex);
  changed_.insert(vertex);
}

std::vector<GraphChange> Graph::take_changes() {
  std::vector<GraphChange> out;
  out.reserve(changed_.size());
  for (const auto vertex : changed_)
    if (const auto* facts = find(vertex)) out.push_back({vertex, *facts});
  for (const auto vertex : changed_)
    if (find(vertex) == nullptr) out.push_back({vertex, std::nullopt});
  changed_.clear();
  return out;
}

const VertexFacts* Graph::find(Vertex vertex) const {
  const auto found = vertices_.find(vertex);
  return found == vertices_.end() ? nullptr : &found->second.facts;
}

}  // namespace footbridge::core
