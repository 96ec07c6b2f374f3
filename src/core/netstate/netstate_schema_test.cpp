// No text that a viewer is given can hold an address: every key and every string of it is of a closed set.
#include <gtest/gtest.h>
#include <map>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>

#include "core/netstate/netstate.hpp"
#include "core/netstate/reporter_fixture.hpp"

namespace footbridge::core {
namespace {

using nlohmann::json;
using wire::NodeRole;

const std::set<std::string> kKeys{
    "at",    "bytes_per_second", "came", "country", "cut",    "deltas",  "edges",     "extension", "from",     "gone",
    "id",    "keyframe",         "left", "nodes",   "page",   "people",  "private",   "role",      "sessions", "since",
    "state", "step_s",           "tag",  "to",      "totals", "version", "volunteer", "broker",    "egress"};
const std::set<std::string> kWords{"volunteer", "page",   "extension", "broker", "egress", "ready",
                                   "helping",   "paused", "draining",  "silent", "other",  "??"};

void check(const json& value, const std::string& key, bool is_private) {
  static const std::regex id("[0-9a-f]{8}"), country("[A-Z]{2}"), tag("[a-z0-9-]{0,16}");
  if (value.is_object()) {
    for (const auto& [name, inner] : value.items()) {
      EXPECT_TRUE(kKeys.contains(name)) << name;
      EXPECT_TRUE(is_private || name != "tag");
      check(inner, name, is_private);
    }
  } else if (value.is_array()) {
    for (const auto& inner : value) check(inner, key, is_private);
  } else if (value.is_string()) {
    const auto text = value.get<std::string>();
    const bool is_id = key == "id" || key == "gone" || key == "cut" || key == "from" || key == "to";
    const bool is_word = kWords.contains(text) || (key == "country" && std::regex_match(text, country));
    const bool fits = key == "tag" ? std::regex_match(text, tag) : is_id ? std::regex_match(text, id) : is_word;
    EXPECT_TRUE(fits) << key << ": " << text;
  } else {
    EXPECT_TRUE(value.is_number_unsigned() || value.is_boolean() || value.is_null()) << key;
  }
}

struct Running : ReportingNetwork {
  explicit Running(const ViewRules& rules) : netstate(root_key(root), rules, rng, TimePoint{}, kWall) {}
  TimePoint now{};
  UnixMillis wall = kWall;
  Netstate netstate;
  std::vector<json> deltas;

  void pass(Seconds span) {
    now += span;
    wall = UnixMillis{count(wall) + static_cast<std::uint64_t>(Millis(span).count())};
    netstate.on_time(now, wall);
    while (const auto event = netstate.poll()) deltas.push_back(json::parse(event->json));
  }
};

TEST(NetstateSchema, HasNoPlaceForAnAddress) {
  for (const auto& rules : {kPublicView, kPrivateView}) {
    Running r(rules);
    const auto volunteer = r.reporter(NodeRole::Volunteer), egress = r.reporter(NodeRole::Egress),
               page = r.reporter(NodeRole::Page);
    const auto exit = r.report(NodeRole::Egress);
    std::vector<Bytes> batch{egress.sign(exit), page.sign(r.report(NodeRole::Page))};
    for (int i = 0; i < 12; ++i) {
      auto one = r.report(NodeRole::Volunteer,
                          {{*exit.egress, static_cast<std::uint32_t>(i)}, {wire::EgressName::random(r.rng), 9}});
      one.tag = "tag-of-one";
      one.down_kib = 6400;
      batch.push_back(volunteer.sign(one));
    }
    const auto body = wire::encode_report_batch(batch);
    EXPECT_EQ(r.netstate.on_batch(r.now, r.wall, 1, *Country::parse("DE"), body).verdict, BatchVerdict::Taken);
    for (int i = 0; i < 4; ++i) {
      r.pass(Seconds{61});
      for (const auto& text : {r.netstate.snapshot(r.wall).json, r.netstate.series_json(1), r.netstate.series_json(24),
                               r.netstate.replay_json()})
        check(json::parse(text), "", rules.tags);
      const auto dot = r.netstate.snapshot_dot();
      EXPECT_TRUE(std::regex_match(dot, std::regex("[a-zA-Z0-9?\" \\n;{}=\\[\\]>-]*"))) << dot;
    }
    EXPECT_FALSE(r.deltas.empty());
    for (const auto& delta : r.deltas) check(delta, "", rules.tags);
  }
}

TEST(NetstateTexts, HaveTheKeysThatTheSpecificationLists) {
  Running r(kPrivateView);
  const auto volunteer = r.reporter(NodeRole::Volunteer);
  const auto one = r.report(NodeRole::Volunteer, {{wire::EgressName::random(r.rng), 3}});
  r.netstate.on_batch(r.now, r.wall, std::nullopt, *Country::parse("DE"),
                      wire::encode_report_batch({volunteer.sign(one)}));
  r.pass(Seconds{1});
  const auto snapshot = json::parse(r.netstate.snapshot(r.wall).json);
  const auto keys = [](const json& object) {
    std::set<std::string> out;
    for (const auto& [key, value] : object.items()) out.insert(key);
    return out;
  };
  EXPECT_EQ(keys(snapshot), (std::set<std::string>{"version", "at", "private", "nodes", "edges", "totals"}));
  EXPECT_EQ(keys(snapshot.at("nodes").at(0)),
            (std::set<std::string>{"id", "role", "state", "country", "people", "since", "tag"}));
  EXPECT_EQ(keys(snapshot.at("edges").at(0)), (std::set<std::string>{"from", "to", "people"}));
  EXPECT_EQ(keys(r.deltas.at(0)), (std::set<std::string>{"version", "at", "nodes", "edges", "cut", "gone", "totals"}));
  EXPECT_EQ(snapshot.at("totals").at("people"), 3);
  EXPECT_EQ(snapshot.at("totals").at("nodes").at("volunteer"), 1);
}

TEST(NetstateBatches, AreAnsweredWithTheWorstAndTheRightOnesAreTaken) {
  Running r(kPrivateView);
  const auto by = r.reporter(NodeRole::Volunteer);
  const auto good = by.sign(r.report(NodeRole::Volunteer));
  auto forged = by.sign(r.report(NodeRole::Volunteer));
  forged[20] ^= std::byte{1};
  const auto answer = [&](const std::vector<Bytes>& batch) {
    return r.netstate.on_batch(r.now, r.wall, std::nullopt, Country{}, wire::encode_report_batch(batch)).verdict;
  };
  EXPECT_EQ(answer({forged, good}), BatchVerdict::Refused);
  EXPECT_EQ(r.netstate.nodes(), 1U);
  EXPECT_EQ(r.netstate.refused(ReportRefusal::Forged), 1U);
  EXPECT_EQ(answer({good}), BatchVerdict::Taken) << "heard before, and nothing to do about it";
  EXPECT_EQ(r.netstate.on_batch(r.now, r.wall, {}, {}, Bytes(wire::kMaxReportBatchBytes + 1)).verdict,
            BatchVerdict::TooLarge);
  EXPECT_EQ(r.netstate.on_batch(r.now, r.wall, {}, {}, {}).verdict, BatchVerdict::Malformed) << "no arguments";
}

TEST(NetstateBatches, OfNoSenseAreChargedToTheirSource) {
  Running r(kPrivateView);
  const auto send = [&](std::uint64_t source, ByteView body) {
    return r.netstate.on_batch(r.now, r.wall, source, Country{}, body).verdict;
  };
  const auto nonsense = to_bytes("nonsense");
  for (std::uint32_t i = 0; i < kSourceBurst; ++i) ASSERT_EQ(send(1, nonsense), BatchVerdict::Malformed) << i;
  EXPECT_EQ(send(1, nonsense), BatchVerdict::Later);
  EXPECT_EQ(send(2, nonsense), BatchVerdict::Malformed);
}

TEST(NetstateBatches, ThatFindNoRoomLeaveNothingBehind) {
  Running r(kPrivateView);
  const auto by = r.reporter(NodeRole::Volunteer);
  wire::StateReport filler{.node = {}, .role = NodeRole::Volunteer, .sequence = 1};
  const auto send = [&](const wire::StateReport& report) {
    r.now += kKeyInterval;
    return r.netstate.on_batch(r.now, r.wall, std::nullopt, Country{}, wire::encode_report_batch({by.sign(report)}))
        .verdict;
  };
  // Each names sixteen egresses that nobody else has named.
  while (r.netstate.nodes() < kMaxGraphNodes) {
    filler.node = wire::NodeName::random(r.rng);
    filler.legs.clear();
    for (std::size_t i = 0; i < wire::kMaxReportLegs; ++i) filler.legs.push_back({wire::EgressName::random(r.rng), 0});
    ASSERT_EQ(send(filler), BatchVerdict::Taken);
  }
  const auto late = r.report(NodeRole::Volunteer);
  EXPECT_EQ(send(late), BatchVerdict::Later);
  r.pass(kNodeTtl);
  EXPECT_EQ(r.netstate.nodes(), 0U);
  const auto taken = r.netstate.taken();
  EXPECT_EQ(send(late), BatchVerdict::Taken);
  EXPECT_EQ(r.netstate.taken(), taken + 1) << "its sequence was not heard before";
}

struct Unsigned : Running {
  Unsigned() : Running(kPrivateView) {}
  BatchVerdict say(const wire::StateReport& report, std::optional<std::uint64_t> source = std::nullopt) {
    return netstate.on_unsigned(now, source, Country{}, report).verdict;
  }
  std::map<std::string, std::set<std::string>> tags_of_roles() {
    pass(Seconds{1});
    std::map<std::string, std::set<std::string>> out;
    const auto shown = json::parse(netstate.snapshot(wall).json);
    for (const auto& node : shown.at("nodes")) out[node.at("role")].insert(node.at("tag"));
    return out;
  }
};

TEST(NetstateUnsigned, CountsAsAPageWhateverItSaysAndNamesNoEgress) {
  Unsigned u;
  for (int i = 0; i < 3; ++i) {
    auto report = u.report(NodeRole::Volunteer, {{wire::EgressName::random(u.rng), 2}, {{}, 1}});
    report.tag = "trustworthy";
    EXPECT_EQ(u.say(report), BatchVerdict::Taken);
  }
  EXPECT_EQ(u.netstate.nodes(), 4U) << "three, and the egress that nobody names";
  EXPECT_EQ(u.tags_of_roles(),
            (std::map<std::string, std::set<std::string>>{{"page", {"unsigned"}}, {"egress", {""}}}));
}

TEST(NetstateUnsigned, IsHeardFromThisMachineAndOfCarriersOnly) {
  Unsigned u;
  EXPECT_EQ(u.say(u.report(NodeRole::Volunteer), 1), BatchVerdict::Refused);
  EXPECT_EQ(u.say(u.report(NodeRole::Broker)), BatchVerdict::Refused);
  EXPECT_EQ(u.say(u.report(NodeRole::Egress)), BatchVerdict::Refused);
  EXPECT_EQ(u.netstate.nodes(), 0U);
}

TEST(NetstateUnsigned, KeepsTheBoundsOfAReport) {
  Unsigned u;
  const wire::ReportedLeg leg{wire::EgressName::random(u.rng), 1};
  const auto good = u.report(NodeRole::Volunteer, {leg});
  auto with_name = good, never = good, crowded = good, long_one = good;
  with_name.egress = leg.egress;  // and somebody carries there, and to whoever says so
  never.sequence = 0;
  crowded.legs[0].people = wire::kMaxReportedCount + 1;
  long_one.legs.assign(wire::kMaxReportLegs + 1, leg);
  for (const auto& wrong : {with_name, never, crowded, long_one}) EXPECT_EQ(u.say(wrong), BatchVerdict::Malformed);
  EXPECT_EQ(u.netstate.nodes(), 0U);
  EXPECT_EQ(u.say(good), BatchVerdict::Taken);
  u.pass(kNodeTtl);
  EXPECT_EQ(u.netstate.nodes(), 0U);
}

}  // namespace
}  // namespace footbridge::core
