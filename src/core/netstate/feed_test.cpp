#include "core/netstate/feed.hpp"

#include <gtest/gtest.h>
#include <map>
#include <nlohmann/json.hpp>

namespace footbridge::core {
namespace {

using nlohmann::json;

constexpr std::uint64_t kWall = 1'800'000'000'000;

// A picture as the page has it.
struct Picture {
  std::map<std::string, json> nodes;
  std::map<std::pair<std::string, std::string>, json> edges;

  void begin(const json& snapshot) {
    for (const auto& node : snapshot.at("nodes")) nodes[node.at("id")] = node;
    for (const auto& edge : snapshot.at("edges")) edges[{edge.at("from"), edge.at("to")}] = edge;
  }
  void hear(const json& delta) {
    begin(delta);
    for (const auto& edge : delta.at("cut")) edges.erase({edge.at(0), edge.at(1)});
    for (const auto& id : delta.at("gone")) nodes.erase(id.get<std::string>());
  }
  friend bool operator==(const Picture&, const Picture&) = default;
};

struct Source {
  SeededRng rng{9};
  TimePoint now{};
  Graph graph;
  Viewpoint view{kPrivateView, rng, now};
  Feed feed{now, UnixMillis{kWall}, true};
  std::vector<FeedEvent> events;
  std::uint64_t sequence = 0;

  UnixMillis wall() const {
    return UnixMillis{kWall +
                      static_cast<std::uint64_t>(std::chrono::duration_cast<Millis>(now.time_since_epoch()).count())};
  }
  void happen() {
    wire::StateReport one;
    one.sequence = ++sequence;
    one.node.raw[0] = static_cast<std::byte>(rng.between(1, 30));
    one.state = static_cast<wire::NodeState>(rng.between(1, 5));
    for (auto legs = rng.between(0, 2); legs > 0; --legs) {
      wire::EgressName to;
      to.raw[0] = static_cast<std::byte>(rng.between(1, 4));
      one.legs.push_back({to, 1});
    }
    ASSERT_TRUE(graph.apply(now, Country{}, one));
  }
  void pass(Duration span) {
    now += span;
    graph.on_time(now);
    view.add(now, graph.take_changes());
    view.on_time(now, wall());
    feed.on_time(now, wall(), view);
    while (auto event = feed.poll()) events.push_back(std::move(*event));
  }
};

TEST(FeedTest, GathersWhatHappensWithinHalfASecondIntoOneDelta) {
  Source s;
  s.happen();
  s.pass(Millis{1});
  EXPECT_EQ(s.events.size(), 1U) << "the first at once";
  for (int i = 0; i < 49; ++i) {
    s.happen();
    s.pass(Millis{10});
  }
  EXPECT_EQ(s.events.size(), 1U);
  EXPECT_EQ(s.feed.deadline(s.view), TimePoint{} + Millis{1} + kGather);
  s.pass(Millis{10});
  ASSERT_EQ(s.events.size(), 2U);
  EXPECT_EQ(s.events[1].version, s.events[0].version + 1);
}

TEST(FeedTest, ResumesWhereAViewerWasOrBeginsAnew) {
  Source s;
  for (int i = 0; i < 40; ++i) {
    s.happen();
    s.pass(Seconds{1});
  }
  const auto& middle = s.events[s.events.size() / 2];
  const auto rest = s.feed.since(middle.version).value();
  ASSERT_EQ(rest.size(), s.events.back().version - middle.version);
  for (std::size_t i = 0; i < rest.size(); ++i) {
    EXPECT_EQ(rest[i].version, middle.version + i + 1);
    EXPECT_EQ(rest[i].json, s.events[rest[i].version - s.events[0].version].json);
  }
  EXPECT_TRUE(s.feed.since(s.events.back().version)->empty());
  EXPECT_FALSE(s.feed.since(s.events.back().version + 1)) << "of another run";
  EXPECT_FALSE(s.feed.since(0));
  const auto span = kReplaySpan;
  s.pass(span);
  EXPECT_FALSE(s.feed.since(middle.version)) << "not kept any more";
}

TEST(FeedTest, LeadsToTheSamePictureFromEverySide) {
  Source s;
  Picture listener;
  std::size_t heard = 0;
  for (int i = 0; i < 4'500; ++i) {
    s.happen();
    s.pass(Seconds{1});
    for (; heard < s.events.size(); ++heard) listener.hear(json::parse(s.events[heard].json));
    if (i % 500 != 499) continue;
    Picture newcomer, replayed;
    newcomer.begin(json::parse(s.feed.snapshot(s.wall(), s.view).json));
    EXPECT_TRUE(newcomer == listener) << i;
    const auto replay = json::parse(s.feed.replay_json());
    replayed.begin(replay.at("keyframe"));
    for (const auto& delta : replay.at("deltas")) replayed.hear(delta);
    EXPECT_TRUE(replayed == listener) << i;
    EXPECT_LE(replay.at("to").get<std::uint64_t>() - replay.at("from").get<std::uint64_t>(), 3'602'000U);
  }
}

// What comes and goes between two deltas is in the snapshot of who came in that moment.
TEST(FeedTest, LeavesNoGhostsToWhoCameBetweenTwoDeltas) {
  Source s;
  wire::StateReport first{.sequence = 1}, ghost{.sequence = 2};
  ghost.node.raw[0] = std::byte{40};
  ghost.legs = {{wire::EgressName::random(s.rng), 1}};
  ASSERT_TRUE(s.graph.apply(s.now, Country{}, first));
  s.pass(Millis{1});
  ASSERT_TRUE(s.graph.apply(s.now, Country{}, ghost));
  s.pass(Millis{10});
  Picture newcomer, listener;
  newcomer.begin(json::parse(s.feed.snapshot(s.wall(), s.view).json));
  ASSERT_EQ(newcomer.nodes.size(), 3U);
  ASSERT_EQ(newcomer.edges.size(), 1U);
  ghost.state = wire::NodeState::Gone;
  ASSERT_TRUE(s.graph.apply(s.now, Country{}, ghost));
  s.pass(Millis{10});
  s.pass(kGather);
  ASSERT_EQ(s.events.size(), 2U);
  for (const auto& event : s.events) listener.hear(json::parse(event.json));
  newcomer.hear(json::parse(s.events[1].json));
  EXPECT_EQ(newcomer.nodes.size(), 1U);
  EXPECT_TRUE(newcomer == listener);
  s.pass(kFineStep);
  const auto series = json::parse(s.feed.series_json(1));
  EXPECT_EQ(series.at("came").at(0), 1) << "who was in no delta neither came nor left";
  EXPECT_EQ(series.at("left").at(0), 0);
}

TEST(ReplayTest, KeepsToItsBytesAndStillLeadsToNow) {
  Replay replay(10, UnixMillis{kWall});
  std::uint64_t version = 10;
  constexpr std::size_t kLarge = 1'024 * 1'024;
  for (int i = 0; i < 30; ++i) {
    ViewDelta delta;
    delta.nodes.push_back({.id = ShownId{static_cast<std::uint32_t>(i + 1)}, .country = Country{}});
    if (i > 0) delta.gone.push_back(ShownId{static_cast<std::uint32_t>(i)});
    replay.add(TimePoint{}, {++version, UnixMillis{kWall}, delta}, kLarge);
    ASSERT_LE(replay.bytes(), kMaxReplayBytes - kMaxKeyframeBytes);
  }
  EXPECT_EQ(replay.deltas(), (kMaxReplayBytes - kMaxKeyframeBytes) / kLarge);
  EXPECT_EQ(replay.since(version - 1)->size(), 1U);
  EXPECT_FALSE(replay.since(version - 2)) << "two of them are more than a snapshot should be";
  const auto text = json::parse(replay.json(true));
  Picture picture;
  picture.begin(text.at("keyframe"));
  for (const auto& delta : text.at("deltas")) picture.hear(delta);
  ASSERT_EQ(picture.nodes.size(), 1U);
  EXPECT_TRUE(picture.nodes.contains("0000001e"));
}

// The keyframe has its part of the bytes by the bounds of the graph: the longest node and edge that there are.
TEST(ReplayTest, HasRoomForTheLargestKeyframe) {
  ViewSnapshot one;
  ShownNode node{.id = ShownId{UINT32_MAX}, .role = wire::NodeRole::Extension, .state = ShownState::Draining};
  node.people = std::uint64_t{wire::kMaxReportLegs} * wire::kMaxReportedCount;
  node.since = UnixMillis{9'999'999'999'999};
  node.tag = std::string(wire::kMaxTagChars, 'a');
  const auto empty = snapshot_json(1, UnixMillis{}, true, one).size();
  one.nodes = {node};
  const auto with_node = snapshot_json(1, UnixMillis{}, true, one).size() + 1;
  one.edges = {{node.id, node.id, wire::kMaxReportedCount}};
  const auto with_edge = snapshot_json(1, UnixMillis{}, true, one).size() + 2;
  EXPECT_LE((with_node - empty) * kMaxGraphNodes + (with_edge - with_node) * kMaxGraphEdges, kMaxKeyframeBytes - 1'024);
}

}  // namespace
}  // namespace footbridge::core
