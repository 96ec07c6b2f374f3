// A graph, what is shown of it, and a viewer who keeps everything that he was shown, for tests.
#pragma once

#include <cstdint>
#include <gtest/gtest.h>
#include <map>
#include <utility>

#include "core/netstate/viewpoint.hpp"

namespace footbridge::core {

using wire::NodeRole;
using wire::NodeState;

inline const Country kGermany = *Country::parse("DE");

// What somebody knows who has kept everything that he was shown.
struct Viewer {
  std::map<ShownId, ShownNode> nodes;
  std::map<std::pair<ShownId, ShownId>, ShownNumber> edges;

  void hear(const ViewDelta& delta) {
    for (const auto& node : delta.nodes) nodes[node.id] = node;
    for (const auto& edge : delta.edges) edges[{edge.from, edge.to}] = edge.people;
    for (const auto& edge : delta.cut) edges.erase(edge);
    for (const auto id : delta.gone) nodes.erase(id);
    for (const auto& [edge, people] : edges) {
      ASSERT_TRUE(nodes.contains(edge.first) && nodes.contains(edge.second)) << "an edge that ends at nothing";
    }
  }
  std::size_t shown_in(Country country) const {
    std::size_t some = 0;
    for (const auto& [id, node] : nodes) some += node.country == country ? 1 : 0;
    return some;
  }
  std::size_t shown_as_other() const {
    std::size_t some = 0;
    for (const auto& [id, node] : nodes) some += node.country ? 0 : 1;
    return some;
  }
};

struct View {
  explicit View(const ViewRules& rules) : viewpoint(rules, rng, TimePoint{}) {}

  SeededRng rng{3};
  TimePoint now{};
  Graph graph;
  Viewpoint viewpoint;
  Viewer viewer;
  std::uint64_t sequence = 0;
  wire::EgressName egress = wire::EgressName::random(rng);

  wire::StateReport volunteer(std::uint32_t people) {
    wire::StateReport out{.node = wire::NodeName::random(rng), .sequence = 1};
    if (people > 0) {
      out.state = NodeState::Helping;
      out.legs = {{egress, people}};
    }
    return out;
  }
  void report(wire::StateReport& one, Country country = kGermany) {
    one.sequence = ++sequence;
    ASSERT_TRUE(graph.apply(now, country, one));
    viewpoint.add(now, graph.take_changes());
  }
  UnixMillis wall() const {
    return UnixMillis{1'800'000'000'000 +
                      static_cast<std::uint64_t>(std::chrono::duration_cast<Millis>(now.time_since_epoch()).count())};
  }
  ViewDelta look() {
    viewpoint.on_time(now, wall());
    auto delta = viewpoint.take_delta();
    viewer.hear(delta);
    return delta;
  }
  // Time goes on in steps of a second, and whoever looks sees each.
  void wait(Seconds span) {
    for (const auto end = now + span; now < end;) {
      now += Seconds{1};
      look();
    }
  }
};

}  // namespace footbridge::core
