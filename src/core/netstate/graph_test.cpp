#include "core/netstate/graph.hpp"

#include <algorithm>
#include <gtest/gtest.h>

namespace footbridge::core {
namespace {

using wire::NodeRole;
using wire::NodeState;

wire::EgressName egress_of(std::uint64_t number) {
  wire::EgressName out;
  out.raw[0] = static_cast<std::byte>(number);
  return out;
}
wire::NodeName node_of(std::uint64_t number) {
  wire::NodeName out;
  for (std::size_t i = 0; i < 8; ++i) out.raw[i] = static_cast<std::byte>(number >> (8 * i));
  return out;
}

// The simplest thing that is right: everybody's last report, and when it came.
struct Model {
  struct Last {
    wire::StateReport report;
    TimePoint at;
  };
  std::map<wire::NodeName, Last> nodes;
  std::map<wire::EgressName, wire::NodeName> egresses;

  void apply(TimePoint now, const wire::StateReport& report) {
    if (report.egress && report.state != NodeState::Gone) {
      const auto before = egresses.find(*report.egress);
      if (before != egresses.end() && before->second != report.node) nodes.erase(before->second);
      egresses[*report.egress] = report.node;
    }
    if (report.state == NodeState::Gone)
      nodes.erase(report.node);
    else
      nodes[report.node] = {report, now};
  }
  void on_time(TimePoint now) {
    std::erase_if(nodes, [&](const auto& one) { return one.second.at + kNodeTtl <= now; });
  }
  // Names of egresses that are there, and edges with their people.
  std::multiset<std::uint32_t> edges() const {
    std::multiset<std::uint32_t> out;
    for (const auto& [node, last] : nodes) {
      std::map<wire::EgressName, std::uint32_t> legs;
      for (const auto& leg : last.report.legs) legs[leg.egress] += leg.people;
      for (const auto& [to, people] : legs) out.insert(people);
    }
    return out;
  }
  std::size_t vertices() const {
    std::set<wire::EgressName> of_egress;
    std::size_t others = 0;
    for (const auto& [node, last] : nodes) {
      if (last.report.egress)
        of_egress.insert(*last.report.egress);
      else
        ++others;
      for (const auto& leg : last.report.legs) of_egress.insert(leg.egress);
    }
    return others + of_egress.size();
  }
};

// What a listener makes of the changes; every edge has to end at something, at every moment.
struct Mirror {
  std::map<Vertex, VertexFacts> vertices;

  void take(Graph& graph) {
    for (auto& change : graph.take_changes()) {
      if (change.facts)
        vertices[change.vertex] = *change.facts;
      else
        vertices.erase(change.vertex);
    }
    for (const auto& [vertex, facts] : vertices)
      for (const auto& leg : facts.legs) {
        const auto end = vertices.find(leg.to);
        ASSERT_NE(end, vertices.end()) << "an edge that ends at nothing";
        ASSERT_EQ(end->second.role, NodeRole::Egress);
      }
  }
  std::multiset<std::uint32_t> edges() const {
    std::multiset<std::uint32_t> out;
    for (const auto& [vertex, facts] : vertices)
      for (const auto& leg : facts.legs) out.insert(leg.people);
    return out;
  }
};

wire::StateReport draw_report(Rng& rng, std::uint64_t& sequence) {
  wire::StateReport out;
  const auto kind = rng.between(0, 9);
  out.role = kind == 0 ? NodeRole::Egress : kind == 1 ? NodeRole::Broker : NodeRole::Volunteer;
  out.node = node_of(rng.between(1, 12) + 100 * static_cast<std::uint64_t>(out.role));
  out.sequence = ++sequence;
  out.state = static_cast<NodeState>(rng.between(1, 5));
  if (out.role == NodeRole::Egress) out.egress = egress_of(std::to_integer<std::uint64_t>(out.node.raw[0]) % 3);
  if (out.role == NodeRole::Volunteer)
    for (auto legs = rng.between(0, 4); legs > 0; --legs)
      out.legs.push_back({egress_of(rng.between(0, 5)), static_cast<std::uint32_t>(rng.between(0, 9))});
  return out;
}

TEST(GraphModel, IsWhatTheSimplestThingSaysWhateverIsReportedAndWhoeverFallsSilent) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    SeededRng rng{seed};
    Graph graph;
    Model model;
    Mirror mirror;
    TimePoint now{};
    std::uint64_t sequence = 0;
    for (int step = 0; step < 400; ++step) {
      now += Millis(rng.between(0, rng.between(0, 30) == 0 ? 120'000 : 3'000));
      graph.on_time(now);
      model.on_time(now);
      const auto report = draw_report(rng, sequence);
      ASSERT_TRUE(graph.apply(now, Country{}, report));
      model.apply(now, report);
      mirror.take(graph);
      if (HasFatalFailure()) return;
      ASSERT_EQ(graph.nodes(), model.vertices()) << "step " << step;
      ASSERT_EQ(mirror.vertices.size(), model.vertices()) << "step " << step;
      ASSERT_EQ(mirror.edges(), model.edges()) << "step " << step;
      ASSERT_EQ(graph.edges(), model.edges().size());
    }
    graph.on_time(now + kNodeTtl);
    mirror.take(graph);
    EXPECT_EQ(graph.nodes(), 0U);
    EXPECT_EQ(graph.edges(), 0U);
    EXPECT_TRUE(mirror.vertices.empty());
    EXPECT_FALSE(graph.deadline());
  }
}

TEST(GraphModel, LooksAtWhatHasChangedAndAtNothingElse) {
  Graph graph;
  TimePoint now{};
  const auto volunteer = [](std::uint64_t number) {
    wire::StateReport out{.node = node_of(number), .sequence = 1};
    out.legs = {{egress_of(number % 20), 1}, {egress_of((number + 1) % 20), 1}};
    return out;
  };
  for (std::uint64_t i = 0; i < 10'000; ++i) ASSERT_TRUE(graph.apply(now, Country{}, volunteer(i)));
  graph.take_changes();
  const auto before = graph.steps();
  now += Seconds{1};
  graph.on_time(now);
  EXPECT_EQ(graph.steps(), before) << "nobody is due";
  ASSERT_TRUE(graph.apply(now, Country{}, volunteer(5)));
  EXPECT_LE(graph.steps() - before, 8U);
  EXPECT_TRUE(graph.take_changes().empty()) << "what is the same is no change";
  graph.on_time(now + kNodeTtl - Seconds{1});
  EXPECT_EQ(graph.nodes(), 3U) << "the one that was heard again, and its egresses";
}

TEST(GraphTest, ExpiresAtItsTimeAndNotBefore) {
  Graph graph;
  ASSERT_TRUE(graph.apply({}, Country{}, {.node = node_of(1), .sequence = 1}));
  EXPECT_EQ(graph.deadline(), TimePoint{} + kNodeTtl);
  graph.on_time(TimePoint{} + kNodeTtl - Duration{1});
  EXPECT_EQ(graph.nodes(), 1U);
  graph.on_time(TimePoint{} + kNodeTtl);
  EXPECT_EQ(graph.nodes(), 0U);
}

TEST(GraphTest, KnowsSmallRatesAndBoundsLargeOnes) {
  Graph graph;
  wire::StateReport report{.node = node_of(1)};
  const auto rate_after = [&](Seconds span, std::uint64_t more_kib) {
    ++report.sequence;
    report.up_kib += more_kib;
    EXPECT_TRUE(graph.apply(TimePoint{} + span * static_cast<int>(report.sequence), Country{}, report));
    return graph.find(Vertex{1})->bytes_per_second;
  };
  EXPECT_EQ(rate_after(Seconds{30}, 64), 0U) << "nothing to compare it with";
  EXPECT_EQ(rate_after(Seconds{30}, 64), 65'536U / 30);
  EXPECT_EQ(rate_after(Seconds{80}, 64), 65'536U / 180) << "less than a byte in a millisecond";
  EXPECT_EQ(rate_after(Seconds{80}, wire::kMaxReportedKib / 2), kMaxBytesPerSecond);
}

TEST(GraphTest, KeepsAnEgressThatFellSilentAsLongAsSomebodyCarriesThere) {
  Graph graph;
  TimePoint now{};
  wire::StateReport egress{.node = node_of(1), .role = NodeRole::Egress, .sequence = 1, .egress = egress_of(1)};
  wire::StateReport volunteer{.node = node_of(2), .sequence = 1, .legs = {{egress_of(1), 3}}};
  ASSERT_TRUE(graph.apply(now, Country{}, egress));
  now += Seconds{60};
  ASSERT_TRUE(graph.apply(now, Country{}, volunteer));
  graph.on_time(TimePoint{} + kNodeTtl);
  EXPECT_EQ(graph.nodes(), 2U);
  volunteer.state = NodeState::Gone;
  ASSERT_TRUE(graph.apply(now, Country{}, volunteer));
  EXPECT_EQ(graph.nodes(), 0U);
}

TEST(GraphTest, TakesNoMoreThanItsBounds) {
  Graph graph;
  for (std::uint64_t i = 0; i < kMaxGraphNodes - 16; ++i)
    ASSERT_TRUE(graph.apply({}, Country{}, {.node = node_of(i), .sequence = 1}));
  wire::StateReport carrier{.node = node_of(0), .sequence = 2};
  for (std::uint64_t i = 0; i < 16; ++i) carrier.legs.push_back({egress_of(i), 1});
  ASSERT_TRUE(graph.apply({}, Country{}, carrier));
  EXPECT_EQ(graph.nodes(), kMaxGraphNodes);
  EXPECT_FALSE(graph.apply({}, Country{}, {.node = node_of(1'000'000), .sequence = 1})) << "the 20,001st";
  for (std::uint64_t i = 1; i <= kMaxGraphEdges / 16; ++i) {
    carrier.node = node_of(i);
    ASSERT_TRUE(graph.apply({}, Country{}, carrier));
  }
  EXPECT_EQ(graph.edges(), kMaxGraphEdges);
  EXPECT_EQ(graph.legs_left_out(), 16U) << "those of the last one had no room";
  carrier.node = node_of(1);
  ASSERT_TRUE(graph.apply({}, Country{}, carrier));
  EXPECT_EQ(graph.edges(), kMaxGraphEdges) << "who has edges keeps them";
}

// Their file is public: whoever likes brings as many as the gate lets in.
TEST(GraphTest, LetsPagesCarryWhereOthersSaidOnlyAndToHalfOfAllEdges) {
  Graph graph;
  std::uint64_t next = 1;
  const auto bring = [&](NodeRole role) {
    wire::StateReport out{.node = node_of(next++), .role = role, .sequence = 1};
    for (std::uint64_t i = 0; i < wire::kMaxReportLegs; ++i) out.legs.push_back({egress_of(i + 1), 1});
    ASSERT_TRUE(graph.apply({}, Country{}, out));
  };
  bring(NodeRole::Page);
  bring(NodeRole::Extension);
  EXPECT_EQ(graph.nodes(), 2U);
  EXPECT_EQ(graph.edges(), 0U);
  ASSERT_TRUE(graph.apply({}, Country{},
                          {.node = node_of(1), .role = NodeRole::Page, .sequence = 2, .legs = {{egress_of(0), 1}}}));
  EXPECT_EQ(graph.edges(), 1U) << "the one without a name";
  bring(NodeRole::Volunteer);
  for (std::size_t i = 0; i < kMaxPageEdges / wire::kMaxReportLegs + 5; ++i) bring(NodeRole::Page);
  EXPECT_EQ(graph.edges(), kMaxPageEdges + wire::kMaxReportLegs) << "and those of the volunteer";
  bring(NodeRole::Volunteer);
  EXPECT_EQ(graph.edges(), kMaxPageEdges + 2 * wire::kMaxReportLegs);
  graph.on_time(TimePoint{} + kNodeTtl);
  EXPECT_EQ(graph.edges(), 0U);
  bring(NodeRole::Volunteer);
  bring(NodeRole::Page);
  EXPECT_EQ(graph.edges(), 2 * wire::kMaxReportLegs) << "places that were left are free";
}

TEST(GraphTest, TakesEmptyReportsAndLegsToOneEgressTwice) {
  Graph graph;
  ASSERT_TRUE(
      graph.apply({}, Country{}, {.node = node_of(1), .sequence = 1, .legs = {{egress_of(1), 2}, {egress_of(1), 3}}}));
  EXPECT_EQ(graph.edges(), 1U);
  const auto changes = graph.take_changes();
  const auto carrier = std::ranges::find_if(changes, [](const auto& c) { return !c.facts->legs.empty(); });
  EXPECT_EQ(carrier->facts->people(), 5U);
  ASSERT_TRUE(graph.apply({}, Country{}, {.node = node_of(1), .sequence = 2}));
  EXPECT_EQ(graph.edges(), 0U);
  EXPECT_EQ(graph.nodes(), 1U);
  ASSERT_TRUE(graph.apply({}, Country{}, {.node = node_of(9), .sequence = 1, .state = NodeState::Gone}))
      << "was never there";
}

}  // namespace
}  // namespace footbridge::core
