// docs/spec/09-managed-transport.md names every variable, flag and line that the code knows, and no other variable.
#include <algorithm>
#include <array>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <set>
#include <string>

#include "wire/pt_environment.hpp"
#include "wire/pt_lines.hpp"

namespace footbridge::wire {
namespace {

std::string page() {
  std::ifstream file(FB_SOURCE_DIR "/docs/spec/09-managed-transport.md");
  return {std::istreambuf_iterator<char>(file), {}};
}

// "`text`" in the page, as a line of the table has it.
bool names(const std::string& text) { return page().find("`" + text + "`") != std::string::npos; }

TEST(PtPage, HasARowForEveryVariableAndItsFlag) {
  for (const auto& name : kPtNames) {
    const auto row = "| " + (name.variable.empty() ? "—" : "`" + std::string(name.variable) + "`") + " | " +
                     (name.flag.empty() ? "—" : "`-" + std::string(name.flag) + "`") + " |";
    EXPECT_NE(page().find(row), std::string::npos) << row;
  }
}

TEST(PtPage, NamesNoVariableThatTheCodeDoesNotKnow) {
  const auto text = page();
  constexpr std::string_view kPrefix = "TOR_PT_";
  for (auto at = text.find(kPrefix); at != std::string::npos; at = text.find(kPrefix, at + 1)) {
    const auto end = text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789", at);
    const auto name = text.substr(at, end - at);
    if (name != kPrefix) EXPECT_NE(std::ranges::find(kPtNames, name, &PtName::variable), kPtNames.end()) << name;
  }
}

TEST(PtPage, ShowsEveryLineAsItIsWritten) {
  const auto v1 = PtVersion::V1, v3 = PtVersion::V3;
  const std::array moment = {PtField{"NETWORK", "1"}, PtField{"EVENT", "connected"}, PtField{"VOLUNTEERS", "1"}};
  for (auto line :
       {pt_version_line(v1), pt_version_line(v3), pt_refusal_line({PtRefusal::Line::VersionError, "no-version"}),
        pt_refusal_line({PtRefusal::Line::EnvError, "TOR_PT_ORPORT is not ADDRESS:PORT"}),
        pt_status_version_line("0.1.0"), pt_proxy_done_line(), pt_proxy_error_line("why"),
        pt_cmethod_line(*Endpoint::parse("127.0.0.1:4711")), pt_cmethod_error_line("why"), pt_cmethods_done_line(),
        pt_smethod_line(*Endpoint::parse("192.0.2.1:443"), {{"pin", Private<std::string>("00ff")}}),
        pt_smethod_error_line("why"), pt_smethods_done_line(),
        pt_log_line(v1, PtSeverity::Notice, R"(a "quoted" word)"), pt_log_line(v3, PtSeverity::Info, "why"),
        pt_status_line(moment)}) {
    line.pop_back();
    EXPECT_TRUE(names(line)) << line;
  }
}

}  // namespace
}  // namespace footbridge::wire
