#include "core/netstate/report_gate.hpp"

#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/encoding.hpp"
#include "core/netstate/reporter_fixture.hpp"

namespace footbridge::core {
namespace {

using wire::NodeRole;

struct Gate : ReportingNetwork {
  ReportGate gate{root_key(root)};
  TimePoint now{};

  std::optional<ReportRefusal> admit(const Reporter& by, const wire::StateReport& report, UnixMillis at = kWall,
                                     std::optional<std::uint64_t> source = std::nullopt) {
    const auto result = gate.admit(now, kWall, source, by.sign(report, at));
    if (!result) return result.error();
    gate.keep(now, *result);
    return std::nullopt;
  }
};

TEST(ReportGateTest, JudgesSignedReportsAsItsVectorsSay) {
  std::ifstream file(FB_SOURCE_DIR "/tests/vectors/netstate.json");
  const auto all = nlohmann::json::parse(file);
  const auto root = wire::RootKey::from(parse_hex(all.at("root_key").get<std::string>()).value()).value();
  for (const auto& v : all.at("signed")) {
    ReportGate gate(root);
    gate.on_directory_serial(all.at("directory_serial").get<std::uint64_t>());
    const auto in = parse_hex(v.at("hex").get<std::string>()).value();
    const auto result = gate.admit({}, UnixMillis{v.at("now").get<std::uint64_t>()}, std::nullopt, in);
    EXPECT_EQ(result ? "accepted" : std::string(name(result.error())), v.at("becomes").get<std::string>())
        << v.at("name");
  }
}

TEST(ReportGateTest, TakesEachReportOnceAndNoneThatIsOlder) {
  Gate g;
  const auto by = g.reporter(NodeRole::Volunteer);
  auto report = g.report(NodeRole::Volunteer);
  report.sequence = 5;
  EXPECT_FALSE(g.admit(by, report));
  EXPECT_EQ(g.admit(by, report), ReportRefusal::Stale);
  report.sequence = 4;
  EXPECT_EQ(g.admit(by, report), ReportRefusal::Stale);
  report.sequence = 6;
  EXPECT_FALSE(g.admit(by, report));
}

TEST(ReportGateTest, KnowsOfNothingThatWasNotTaken) {
  Gate g;
  const auto one = g.reporter(NodeRole::Egress), two = g.reporter(NodeRole::Egress);
  auto report = g.report(NodeRole::Egress);
  EXPECT_TRUE(g.gate.admit(g.now, Gate::kWall, std::nullopt, one.sign(report)));
  EXPECT_EQ(g.gate.known_nodes(), 0U) << "the graph was full";
  EXPECT_FALSE(g.admit(two, report)) << "neither the node nor the name is the first one's";
}

TEST(ReportGateTest, RemembersANodeForLongerThanItsReportCanBeSaidAgain) {
  Gate g;
  const auto by = g.reporter(NodeRole::Volunteer);
  const auto report = g.report(NodeRole::Volunteer);
  EXPECT_FALSE(g.admit(by, report, UnixMillis{count(Gate::kWall) + 120'000})) << "from as far ahead as any may be";
  g.now += kNodeRemembered - Millis{1};
  EXPECT_EQ(g.admit(by, report), ReportRefusal::Stale);
  const auto other = g.report(NodeRole::Volunteer);
  g.now += Millis{1};
  EXPECT_FALSE(g.admit(by, other));
  EXPECT_EQ(g.gate.known_nodes(), 1U);
}

TEST(ReportGateTest, LetsNobodySpeakForAnotherNodeOrEgress) {
  Gate g;
  auto node = g.report(NodeRole::Volunteer);
  EXPECT_FALSE(g.admit(g.reporter(NodeRole::Volunteer), node));
  node.sequence = 2;
  EXPECT_EQ(g.admit(g.reporter(NodeRole::Volunteer), node), ReportRefusal::Taken);
  const auto one = g.reporter(NodeRole::Egress), two = g.reporter(NodeRole::Egress);
  auto report = g.report(NodeRole::Egress);
  EXPECT_FALSE(g.admit(one, report));
  report.sequence = 2;
  EXPECT_EQ(g.admit(two, report), ReportRefusal::Taken);
  auto same_name = g.report(NodeRole::Egress);
  same_name.egress = report.egress;
  EXPECT_EQ(g.admit(two, same_name), ReportRefusal::Taken);
  EXPECT_FALSE(g.admit(one, same_name)) << "a new run of the same egress";
  report.egress = wire::EgressName::random(g.rng);
  report.sequence = 3;
  EXPECT_EQ(g.admit(one, report), ReportRefusal::Taken) << "a node has one name";
}

TEST(ReportGateTest, LeavesRoomForOthersWhenAPublicFileIsUsedByWhoeverLikes) {
  Gate g;
  const auto page = g.reporter(NodeRole::Page);
  constexpr std::uint64_t kForger = 7;
  for (std::size_t i = 0; i < kMaxPageNodesOfSource; ++i) {
    g.now += kSourceInterval;
    ASSERT_FALSE(g.admit(page, g.report(NodeRole::Page), Gate::kWall, kForger)) << i;
  }
  EXPECT_EQ(g.admit(page, g.report(NodeRole::Page), Gate::kWall, kForger), ReportRefusal::Full);
  EXPECT_FALSE(g.admit(page, g.report(NodeRole::Page), Gate::kWall, 8)) << "another network";
  EXPECT_FALSE(g.admit(g.reporter(NodeRole::Volunteer), g.report(NodeRole::Volunteer), Gate::kWall, kForger));
}

TEST(ReportGateTest, LetsNobodySilenceAllPagesWithTheirKey) {
  Gate g;
  const auto page = g.reporter(NodeRole::Page);
  const auto body = page.sign(g.report(NodeRole::Page));
  for (std::uint32_t i = 0; i < kKeyBurst; ++i)
    ASSERT_TRUE(g.gate.admit(g.now, Gate::kWall, i / kSourceBurst, body)) << i;
  EXPECT_FALSE(g.admit(page, g.report(NodeRole::Page), Gate::kWall, 100));
  const auto from_here = g.report(NodeRole::Page);
  for (std::uint32_t i = 0; i < kKeyBurst; ++i) ASSERT_TRUE(g.gate.admit_unsigned(g.now, from_here)) << i;
  EXPECT_FALSE(g.gate.admit_unsigned(g.now, from_here)) << "whose source nobody knows";
}

TEST(ReportGateTest, BoundsWhatOneFileBrings) {
  ReportGate gate({});
  SeededRng rng{1};
  TimePoint now{};
  const auto bring = [&](NodeRole role) -> std::optional<ReportRefusal> {
    wire::StateReport report{.node = wire::NodeName::random(rng), .role = role, .sequence = 1};
    now += kKeyInterval;
    const auto result = gate.admit_unsigned(now, report);
    if (!result) return result.error();
    gate.keep(now, *result);
    return std::nullopt;
  };
  for (std::size_t i = 0; i < kMaxNodesOfKey; ++i) ASSERT_FALSE(bring(NodeRole::Volunteer)) << i;
  EXPECT_EQ(bring(NodeRole::Volunteer), ReportRefusal::Full);
  now += kNodeRemembered;
  EXPECT_FALSE(bring(NodeRole::Volunteer)) << "forgotten";
}

// A gate that has taken as many nodes of one role as it is told, each by a file of its own; whoever comes then has
// another one.
struct Crowded {
  ReportGate gate{{}};
  SeededRng rng{1};

  wire::StateReport report(NodeRole role) { return {.node = wire::NodeName::random(rng), .role = role, .sequence = 1}; }
  void fill(NodeRole role, std::size_t nodes) {
    while (gate.known_nodes() < nodes) gate.keep({}, {report(role), wire::ReporterKey::random(rng), std::nullopt});
  }
  std::optional<ReportRefusal> bring(TimePoint now, NodeRole role) {
    const auto result = gate.admit_unsigned(now, report(role));
    return result ? std::nullopt : std::optional(result.error());
  }
};

TEST(ReportGateTest, BoundsAllPagesAndExtensionsTogetherAndLeavesTheRestToOthers) {
  Crowded c;
  c.fill(NodeRole::Page, kMaxPageNodes - 1);
  EXPECT_FALSE(c.bring({}, NodeRole::Extension)) << "the last place";
  c.fill(NodeRole::Extension, kMaxPageNodes);
  EXPECT_EQ(c.bring({}, NodeRole::Page), ReportRefusal::Full);
  EXPECT_EQ(c.bring({}, NodeRole::Extension), ReportRefusal::Full);
  EXPECT_FALSE(c.bring({}, NodeRole::Volunteer));
  EXPECT_FALSE(c.bring(TimePoint{} + kNodeRemembered, NodeRole::Page)) << "they are forgotten";
  EXPECT_EQ(c.gate.known_nodes(), 0U);
}

TEST(ReportGateTest, BoundsAllNodesWhoseverTheyAre) {
  Crowded c;
  c.fill(NodeRole::Volunteer, kMaxKnownNodes - 1);
  EXPECT_FALSE(c.bring({}, NodeRole::Volunteer)) << "the last place";
  c.fill(NodeRole::Broker, kMaxKnownNodes);
  EXPECT_EQ(c.bring({}, NodeRole::Volunteer), ReportRefusal::Full);
  EXPECT_FALSE(c.bring(TimePoint{} + kNodeRemembered, NodeRole::Volunteer)) << "they are forgotten";
}

TEST(ReportGateTest, RemembersOnlySoManyChainsAndChecksTheOldestAnew) {
  Gate g;
  const auto by = g.reporter(NodeRole::Volunteer);
  EXPECT_FALSE(g.admit(by, g.report(NodeRole::Volunteer)));
  // As many files as a thief of the directory key likes. What is in them is late, so that nothing else is looked at.
  const auto end = count(seconds_of(Gate::kWall)) + 20 * Gate::kDay;
  for (std::size_t i = 1; i <= kMaxKnownChains; ++i) {
    const auto chain = make_reporter_chain(g.directory_key, g.certificate,
                                           {{by.key.public_key().raw}, NodeRole::Volunteer, UnixSeconds{end - i}});
    const wire::SignedStateReport late{.report = Bytes(1), .time = {}, .signature = {}, .chain = chain};
    ASSERT_EQ(g.gate.admit({}, Gate::kWall, std::nullopt, wire::encode_signed_report(late)).error(),
              ReportRefusal::OutOfTime);
    ASSERT_EQ(g.gate.known_chains(), std::min(i + 1, kMaxKnownChains));
  }
  EXPECT_FALSE(g.admit(by, g.report(NodeRole::Volunteer))) << "forgotten, and as good as before";
  EXPECT_EQ(g.gate.known_chains(), kMaxKnownChains);
}

TEST(ReportGateTest, HearsOneSourceOnlySoOften) {
  Gate g;
  const auto by = g.reporter(NodeRole::Volunteer);
  auto report = g.report(NodeRole::Volunteer);
  for (std::uint32_t i = 0; i < kSourceBurst; ++i) {
    report.sequence = i + 1;
    ASSERT_NE(g.admit(by, report, Gate::kWall, 1), ReportRefusal::TooOften);
  }
  ++report.sequence;
  EXPECT_EQ(g.admit(by, report, Gate::kWall, 1), ReportRefusal::TooOften);
  EXPECT_FALSE(g.admit(by, report, Gate::kWall, 2));
}

}  // namespace
}  // namespace footbridge::core
