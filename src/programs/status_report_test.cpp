// What a program says of itself, as people and as tools read it.
#include "programs/status_report.hpp"

#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <set>
#include <string>

namespace footbridge {
namespace {

StatusReport volunteer() {
  StatusReport out;
  out.say(StatusKey::Program, "volunteer").say(StatusKey::Version, "0.1.0").say(StatusKey::State, "ready");
  out.count(StatusKey::Since, 1'000'000).count(StatusKey::Helping, 2).count(StatusKey::TodayBytes, 3 << 20);
  out.say(StatusKey::Limits, "slots=2 hours=\"fri 18:00-23:30\"");
  return out;
}

TEST(StatusReport, IsAFlatObjectForTools) {
  EXPECT_EQ(volunteer().json(),
            "{\"program\":\"volunteer\",\"version\":\"0.1.0\",\"state\":\"ready\",\"since\":1000000,\"helping\":2,"
            "\"today_bytes\":3145728,\"limits\":\"slots=2 hours=\\\"fri 18:00-23:30\\\"\"}\n");
}

TEST(StatusReport, IsALineForEachThingForPeople) {
  EXPECT_EQ(volunteer().text(UnixSeconds{1'000'000 + 2 * 3600 + 5 * 60}),
            "footbridge volunteer 0.1.0: ready, runs for 2 h 5 min\n"
            "  people connected now:           2\n"
            "  carried today:                  3.0 MiB\n"
            "  limits in force:                slots=2 hours=\"fri 18:00-23:30\"\n");
}

TEST(StatusReport, SaysWhatAddressTranslationMeansAndWhatWouldHelp) {
  core::NatReport nat;
  nat.asked = true;
  StatusReport report;
  report.nat(nat);
  const auto text = report.text(UnixSeconds{0});
  EXPECT_NE(text.find("no-udp"), text.npos);
  EXPECT_NE(text.find(meaning(nat)), text.npos);
  EXPECT_NE(text.find(advice(nat)), text.npos);
}

TEST(StatusReport, HasTheKeysOfTheManualAndNoCountry) {
  std::ifstream in(FB_SOURCE_DIR "/docs/ops/monitoring.md");
  const std::string manual(std::istreambuf_iterator<char>(in), {});
  std::set<std::string_view> names;
  std::size_t rows = 0;
  for (const auto& field : kStatusFields) {
    EXPECT_TRUE(names.insert(field.name).second) << field.name;
    EXPECT_EQ(field.name.find("countr"), field.name.npos);
    const auto row = "\n| `" + std::string(field.name) + "` | " + std::string(name(field.unit)) + " | ";
    EXPECT_NE(manual.find(row), manual.npos) << "docs/ops/monitoring.md has no row" << row;
  }
  for (auto at = manual.find("\n| `"); at != manual.npos; at = manual.find("\n| `", at + 1)) ++rows;
  EXPECT_EQ(rows, kStatusKeys) << "a row of docs/ops/monitoring.md is of no key";
}

}  // namespace
}  // namespace footbridge
