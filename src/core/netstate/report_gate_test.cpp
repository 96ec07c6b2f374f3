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

TEST(ReportGateTest, BoundsWhatOneFileBringsAndAllPagesTogether) {
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
