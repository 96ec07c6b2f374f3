#include <algorithm>
#include <gtest/gtest.h>
#include <set>
#include <string>
#include <vector>

#include "core/netstate/viewpoint_fixture.hpp"

namespace footbridge::core {
namespace {

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
    for (auto i = next; i < next + kAtOnce; ++i) changes.push_back({Vertex{i}, VertexFacts{.role = NodeRole::Egress}});
    for (auto i = next - std::min(next - 2, kAtOnce); i < next; ++i) changes.push_back({Vertex{i}, std::nullopt});
    next += kAtOnce;
    v.viewpoint.add(v.now, std::move(changes));
    most = std::max(most, v.viewpoint.delayed_changes());
    v.now += Millis{500};
    v.viewpoint.on_time(v.now, v.wall());
    return v.viewpoint.take_delta().totals.nodes[0] == 1;
  };
  while (v.viewpoint.delayed_changes() < kMaxDelayedChanges) flood();
  v.viewpoint.add(v.now, {{Vertex{1}, VertexFacts{.state = NodeState::Ready, .country = kGermany}}});
  const auto said = v.now;
  bool is_shown = false;
  while (!is_shown && v.now < said + 4 * kPublicDelay) is_shown = flood();
  EXPECT_TRUE(is_shown);
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
