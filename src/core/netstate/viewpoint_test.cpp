#include "core/netstate/viewpoint.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <map>
#include <set>
#include <string>

namespace footbridge::core {
namespace {

using wire::NodeRole;
using wire::NodeState;

const Country kGermany = *Country::parse("DE");

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

TEST(ViewpointDelay, ShowsNothingBeforeItsTime) {
  View v(kPublicView);
  auto one = v.volunteer(0);
  v.report(one);
  v.now += kPublicDelay - Millis{1};
  v.look();
  EXPECT_TRUE(v.viewer.nodes.empty());
  EXPECT_EQ(v.viewpoint.deadline(), TimePoint{} + kPublicDelay);
  v.now += Millis{1};
  v.look();
  ASSERT_EQ(v.viewer.nodes.size(), 1U);
  const auto& node = v.viewer.nodes.begin()->second;
  EXPECT_EQ(count(node.since) % kSinceStepMillis, 0U);
  EXPECT_TRUE(node.tag.empty());
}

// Whoever makes more changes than are kept puts nobody off for longer than twice the delay.
TEST(ViewpointDelay, IsBoundedHoweverMuchChanges) {
  View v(kPublicView);
  constexpr std::uint64_t kAtOnce = 2'000;
  std::uint64_t next = 2;
  std::size_t most = 0;
  const auto flood = [&] {
    std::vector<GraphChange> changes;
    for (auto i = next; i < next + kAtOnce; ++i) changes.push_back({Vertex{i}, VertexFacts{.role = NodeRole::Broker}});
    for (auto i = next - std::min(next - 2, kAtOnce); i < next; ++i) changes.push_back({Vertex{i}, std::nullopt});
    next += kAtOnce;
    v.viewpoint.add(v.now, std::move(changes));
    most = std::max(most, v.viewpoint.delayed_changes());
    v.now += Millis{500};
    v.viewpoint.on_time(v.now, v.wall());
    v.viewpoint.take_delta();
  };
  while (v.viewpoint.delayed_changes() < kMaxDelayedChanges) flood();
  v.viewpoint.add(v.now, {{Vertex{1}, VertexFacts{.state = NodeState::Ready, .country = kGermany}}});
  const auto said = v.now;
  const auto is_shown = [&] { return v.viewpoint.snapshot().totals.nodes[0] == 1; };
  while (!is_shown() && v.now < said + 4 * kPublicDelay) flood();
  EXPECT_TRUE(is_shown());
  EXPECT_GE(v.now, said + kPublicDelay);
  EXPECT_LE(v.now, said + 2 * kPublicDelay + Millis{500});
  EXPECT_LE(most, kMaxDelayedChanges + 4 * kAtOnce) << "what came and went while it was full is not kept";
}

TEST(ViewpointDelay, OfAPrivateNetworkIsNoneAndNothingIsHidden) {
  View v(kPrivateView);
  auto one = v.volunteer(3);
  one.tag = "berlin";
  v.report(one);
  v.look();
  ASSERT_EQ(v.viewer.nodes.size(), 2U) << "with its placeholder";
  ASSERT_EQ(v.viewer.edges.size(), 1U);
  EXPECT_EQ(v.viewer.edges.begin()->second, ShownNumber{3});
  EXPECT_EQ(v.viewer.shown_in(kGermany), 1U);
  for (const auto& [id, node] : v.viewer.nodes) {
    if (node.role != NodeRole::Volunteer) {
      EXPECT_EQ(node.state, ShownState::Silent);
      continue;
    }
    EXPECT_EQ(node.people, ShownNumber{3});
    EXPECT_EQ(node.tag, "berlin");
    EXPECT_EQ(node.state, ShownState::Helping);
  }
}

TEST(ViewpointCrowd, NamesACountryFromEightOn) {
  View v(kPublicView);
  std::vector<wire::StateReport> all;
  for (int i = 0; i < 7; ++i) v.report(all.emplace_back(v.volunteer(0)));
  v.now += kPublicDelay;
  v.look();
  EXPECT_EQ(v.viewer.shown_as_other(), 7U);
  EXPECT_EQ(v.viewer.shown_in(kGermany), 0U);
  v.report(all.emplace_back(v.volunteer(0)));
  v.now += kPublicDelay;
  v.look();
  EXPECT_EQ(v.viewer.shown_in(kGermany), 8U);
}

TEST(ViewpointCrowd, CountsEachRoleByItself) {
  View v(kPublicView);
  for (int i = 0; i < 8; ++i) {
    auto one = v.volunteer(0);
    if (i == 0) one.role = NodeRole::Page;
    v.report(one);
  }
  v.now += kPublicDelay;
  v.look();
  EXPECT_EQ(v.viewer.shown_in(kGermany), 0U) << "the only page of a country would be known by that";
}

// Passing eight down and up again, seen by somebody who keeps everything.
TEST(ViewpointCrowd, TellsNothingOfThoseWhoAreLeft) {
  View v(kPublicView);
  std::vector<wire::StateReport> all;
  for (int i = 0; i < 8; ++i) v.report(all.emplace_back(v.volunteer(0)));
  v.now += kPublicDelay;
  v.look();
  std::set<ShownId> known;
  for (const auto& [id, node] : v.viewer.nodes) known.insert(id);
  all[0].state = NodeState::Gone;
  v.report(all[0]);
  v.now += kPublicDelay;
  const auto delta = v.look();
  EXPECT_EQ(delta.gone.size(), 8U) << "as if they all had left";
  EXPECT_TRUE(v.viewer.nodes.empty());
  // One by one, as whoever comes: never two at a time, under other ids, and as "other".
  std::size_t returned = 0;
  for (int second = 0; second <= kReturnTo.count(); ++second) {
    if (second % 30 == 0)
      for (std::size_t i = 1; i < all.size(); ++i) v.report(all[i]);
    v.now += Seconds{1};
    const auto news = v.look();
    returned += news.came;
    for (const auto& node : news.nodes) {
      EXPECT_FALSE(known.contains(node.id));
      EXPECT_FALSE(node.country);
    }
    EXPECT_TRUE(second >= kReturnFrom.count() - 1 || v.viewer.nodes.empty()) << second;
  }
  EXPECT_EQ(returned, 7U);
  EXPECT_EQ(v.viewer.shown_as_other(), 7U);
}

TEST(ViewpointCrowd, DoesNotFlickerAtTheLimit) {
  View v(kPublicView);
  std::vector<wire::StateReport> all;
  for (int i = 0; i < 8; ++i) v.report(all.emplace_back(v.volunteer(0)));
  v.now += kPublicDelay;
  v.look();
  all[0].state = NodeState::Gone;
  v.report(all[0]);
  v.now += kPublicDelay;
  v.look();
  const auto closed = v.now;
  auto back = v.volunteer(0);
  std::optional<TimePoint> named;
  for (int second = 0; second < 1'300; ++second) {
    if (second % 30 == 0) {
      v.report(back);
      for (std::size_t i = 1; i < all.size(); ++i) v.report(all[i]);
    }
    v.now += Seconds{1};
    v.look();
    const auto shown = v.viewer.shown_in(kGermany);
    EXPECT_TRUE(shown == 0 || shown == 8) << shown;
    if (shown > 0 && !named) named = v.now;
  }
  ASSERT_TRUE(named);
  EXPECT_GE(*named, closed + kReopenAfter);
}

// A person comes and goes where seven are helped: the pictures of every second say nothing of it.
TEST(ViewpointPeople, ComeAndGoUnseen) {
  View still(kPublicView), moved(kPublicView);
  auto one = still.volunteer(7), other = moved.volunteer(7);
  still.report(one);
  moved.report(other);
  still.wait(Seconds{300 + 60});
  moved.wait(Seconds{300 + 60});
  for (int second = 0; second < 250; ++second) {
    if (second % 20 == 0) {
      still.report(one);
      other.legs[0].people = second < 160 && other.legs[0].people == 7 ? 8 : 7;
      moved.report(other);
    }
    still.now += Seconds{1};
    moved.now += Seconds{1};
    const auto a = still.look(), b = moved.look();
    EXPECT_TRUE(a.nodes.empty() && a.edges.empty() && a.cut.empty() && a.gone.empty()) << second;
    EXPECT_TRUE(b.nodes.empty() && b.edges.empty() && b.cut.empty() && b.gone.empty()) << second;
  }
}

TEST(ViewpointPeople, AreTakenForAllAtOnceAndInWholeCrowds) {
  View v(kPublicView);
  auto many = v.volunteer(23), few = v.volunteer(7), none = v.volunteer(0);
  for (auto* one : {&many, &few, &none}) v.report(*one);
  v.now += kPublicDelay;
  v.look();
  for (const auto& [id, node] : v.viewer.nodes) {
    EXPECT_FALSE(node.people);
    EXPECT_EQ(node.state, ShownState::Ready) << "that somebody is helped is not seen when it begins";
  }
  EXPECT_TRUE(v.viewer.edges.empty());
  v.now = TimePoint{} + kPeopleEvery;
  for (auto* one : {&many, &few, &none}) v.report(*one);
  const auto delta = v.look();
  std::multiset<ShownNumber> numbers;
  for (const auto& edge : delta.edges) numbers.insert(edge.people);
  EXPECT_EQ(numbers, std::multiset<ShownNumber>{16}) << "an edge for seven would tell of the first";
  for (const auto& node : delta.nodes) EXPECT_EQ(node.state == ShownState::Helping, node.people.has_value());
  EXPECT_EQ(delta.totals.people, ShownNumber{24}) << "30, in whole crowds";
}

// From nobody to seven and back: neither a word nor an edge says so.
TEST(ViewpointPeople, AreNotSeenWhileTheyAreFewerThanACrowd) {
  View v(kPublicView);
  auto one = v.volunteer(0);
  v.report(one);
  v.wait(kPeopleEvery);
  const auto before = v.viewer.nodes;
  ASSERT_EQ(before.size(), 1U);
  for (const std::uint32_t people : {1U, 7U, 0U}) {
    one.state = people > 0 ? NodeState::Helping : NodeState::Ready;
    one.legs = {{v.egress, people}};
    v.report(one);
    v.wait(kPeopleEvery);
    EXPECT_EQ(v.viewer.nodes, before) << people;
    EXPECT_TRUE(v.viewer.edges.empty()) << people;
  }
  one.state = NodeState::Helping;
  one.legs = {{v.egress, 8}};
  v.report(one);
  v.wait(kPeopleEvery + kPublicDelay);
  EXPECT_EQ(v.viewer.edges.size(), 1U);
  one.legs = {{v.egress, 7}};
  v.report(one);
  v.wait(kPeopleEvery + kPublicDelay);
  EXPECT_TRUE(v.viewer.edges.empty());
  EXPECT_EQ(v.viewer.nodes.begin()->second.state, ShownState::Ready);
}

TEST(ViewpointPeople, OfAnInventedPageOpenNoTotals) {
  for (const auto& rules : {kPublicView, kPrivateView}) {
    View v(rules);
    auto one = v.volunteer(3), page = v.volunteer(8);
    page.role = NodeRole::Page;
    for (int i = 0; i < 2; ++i) {
      for (auto* reporter : {&one, &page}) {
        reporter->down_kib += 1'024'000;
        v.report(*reporter);
      }
      v.now += Seconds{10};
    }
    v.wait(kPeopleEvery);
    const auto totals = v.look().totals;
    EXPECT_EQ(totals.people, rules.tags ? ShownNumber{11} : std::nullopt);
    EXPECT_EQ(totals.bytes_per_second.has_value(), rules.tags);
  }
}

// One of eight leaves, all eight vanish: what the rest carries goes with them.
TEST(ViewpointPeople, VanishFromTheTotalsWithTheirCrowd) {
  View v(kPublicView);
  std::vector<wire::StateReport> all;
  for (int i = 0; i < 8; ++i) v.report(all.emplace_back(v.volunteer(8)));
  v.wait(kPeopleEvery);
  EXPECT_EQ(v.look().totals.people, ShownNumber{64});
  v.wait(Seconds{235});
  all[0].state = NodeState::Gone;
  v.report(all[0]);
  v.wait(kPublicDelay);
  ASSERT_EQ(v.viewer.shown_in(kGermany), 0U);
  v.now = TimePoint{} + 2 * kPeopleEvery;
  const auto totals = v.look().totals;
  EXPECT_FALSE(totals.people) << "56 would say that seven are left";
  EXPECT_FALSE(totals.bytes_per_second);
  v.wait(kReturnTo + kPeopleEvery);
  EXPECT_EQ(v.look().totals.people, ShownNumber{56});
}

TEST(ViewpointWork, IsWhatHasChanged) {
  View v(kPrivateView);
  std::vector<wire::StateReport> all;
  for (int i = 0; i < 5'000; ++i) v.report(all.emplace_back(v.volunteer(1)));
  v.look();
  const auto before = v.viewpoint.steps();
  all[7].state = NodeState::Paused;
  v.report(all[7]);
  const auto delta = v.look();
  EXPECT_EQ(delta.nodes.size(), 1U);
  EXPECT_TRUE(delta.edges.empty());
  EXPECT_LE(v.viewpoint.steps() - before, 8U);
}

// Whatever happens, in both kinds of view: no edge dangles for who listens, and the snapshot is what he has.
TEST(ViewpointModel, IsTheSameForWhoListenedAndForWhoComesNow) {
  for (const auto& rules : {kPublicView, kPrivateView}) {
    for (std::uint64_t seed = 1; seed <= 12; ++seed) {
      SCOPED_TRACE("seed " + std::to_string(seed) + (rules.tags ? " private" : " public"));
      View v(rules);
      SeededRng chance{seed};
      std::vector<wire::StateReport> all;
      for (int i = 0; i < 14; ++i) all.push_back(v.volunteer(0));
      for (int i = 0; i < 3; ++i) {
        all.push_back({.node = wire::NodeName::random(v.rng),
                       .role = NodeRole::Egress,
                       .egress = wire::EgressName::random(v.rng)});
      }
      for (int step = 0; step < 600; ++step) {
        auto& one = all[chance.between(0, all.size() - 1)];
        one.state = static_cast<NodeState>(chance.between(1, 5));
        one.legs.clear();
        if (one.role == NodeRole::Volunteer)
          for (auto legs = chance.between(0, 3); legs > 0; --legs)
            one.legs.push_back(
                {*all[14 + chance.between(0, 2)].egress, static_cast<std::uint32_t>(chance.between(0, 20))});
        v.report(one, chance.between(0, 4) == 0 ? Country{} : kGermany);
        v.now += Millis(chance.between(0, 20'000));
        v.graph.on_time(v.now);
        v.viewpoint.add(v.now, v.graph.take_changes());
        v.look();
        if (testing::Test::HasFatalFailure()) return;
        const auto snapshot = v.viewpoint.snapshot();
        ASSERT_EQ(snapshot.nodes.size(), v.viewer.nodes.size()) << "step " << step;
        for (const auto& node : snapshot.nodes) ASSERT_EQ(v.viewer.nodes.at(node.id), node);
        ASSERT_EQ(snapshot.edges.size(), v.viewer.edges.size()) << "step " << step;
        for (const auto& edge : snapshot.edges) ASSERT_EQ(v.viewer.edges.at({edge.from, edge.to}), edge.people);
        const auto in_germany = v.viewer.shown_in(kGermany);
        ASSERT_TRUE(rules.tags || in_germany == 0 || in_germany >= kCrowd);
        ASSERT_EQ(snapshot.totals.all_nodes(), snapshot.nodes.size());
      }
    }
  }
}

}  // namespace
}  // namespace footbridge::core
