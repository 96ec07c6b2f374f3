#include <gtest/gtest.h>
#include <set>
#include <vector>

#include "core/netstate/viewpoint_fixture.hpp"

namespace footbridge::core {
namespace {

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

}  // namespace
}  // namespace footbridge::core
