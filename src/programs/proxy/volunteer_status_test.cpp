// What a volunteer is told about himself.
#include "programs/proxy/volunteer_status.hpp"

#include <gtest/gtest.h>
#include <string>

namespace footbridge::proxy {
namespace {

std::string told(const VolunteerState& state, const core::HelpingRecord& record = {}) {
  StatusReport report;
  const core::NatReport nat;
  tell_status(
      report,
      {.state = state, .nat = nat, .record = record, .standby = 1, .slots = 2, .advice = "look at the firewall"});
  return report.json();
}

bool has(const std::string& text, std::string_view what) { return text.find(what) != text.npos; }

TEST(VolunteerStatus, CountsPeopleAndBytesOfNowTodayAndEver) {
  core::HelpingRecord record;
  record.helped_today = 5;
  record.helped = 120;
  record.day.bytes = 1000;
  record.month.bytes = 2000;
  const auto text = told({.helping = 2, .helped = 3, .up_bytes = 10, .down_bytes = 20, .limits = "slots=2"}, record);
  EXPECT_TRUE(has(text,
                  "\"helping\":2,\"standby\":1,\"slots\":2,\"helped\":3,\"helped_today\":5,\"helped_ever\":120,"
                  "\"up_bytes\":10,\"down_bytes\":20,\"today_bytes\":1000,\"month_bytes\":2000,"
                  "\"limits\":\"slots=2\"}"))
      << text;
}

TEST(VolunteerStatus, SaysWhyNobodyComesAndWhatToDo) {
  const auto text = told({.idle = "unreachable"});
  EXPECT_TRUE(has(text, "\"idle\":\"unreachable\",\"idle_advice\":\"look at the firewall\"")) << text;
  EXPECT_FALSE(has(told({.helping = 1}), "idle"));
}

TEST(VolunteerStatus, HasNoAdviceAgainstWhatOneAskedForOneself) {
  const auto text = told({.pause = core::Pause::DayUsed, .until = core::CivilTime{86'400}, .idle = "day-used"});
  EXPECT_TRUE(has(text, "\"paused_for\":\"day-used\",\"paused_until\":\"1970-01-02 00:00\"")) << text;
  EXPECT_FALSE(has(text, "idle_advice")) << text;
}

TEST(VolunteerStatus, ListsWhatTheLogWarnedOf) {
  StatusReport report;
  tell_status(report,
              {.state = {.helping = 1}, .nat = {}, .record = {}, .advice = "", .troubles = "tor-here, no-stun"});
  EXPECT_TRUE(has(report.json(), "\"troubles\":\"tor-here, no-stun\"")) << report.json();
  EXPECT_FALSE(has(told({.helping = 1}), "troubles"));
}

}  // namespace
}  // namespace footbridge::proxy
