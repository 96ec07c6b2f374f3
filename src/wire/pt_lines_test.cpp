#include "wire/pt_lines.hpp"

#include <array>
#include <gtest/gtest.h>
#include <vector>

namespace footbridge::wire {
namespace {

const auto kLoopback = *Endpoint::parse("127.0.0.1:4711");

TEST(PtLines, AreWhatTorReads) {
  EXPECT_EQ(pt_version_line(PtVersion::V1), "VERSION 1\n");
  EXPECT_EQ(pt_proxy_done_line(), "PROXY DONE\n");
  EXPECT_EQ(pt_proxy_error_line("no UDP"), "PROXY-ERROR no UDP\n");
  EXPECT_EQ(pt_cmethod_line(kLoopback), "CMETHOD footbridge socks5 127.0.0.1:4711\n");
  EXPECT_EQ(pt_cmethod_line(*Endpoint::parse("[::1]:1")), "CMETHOD footbridge socks5 [::1]:1\n");
  EXPECT_EQ(pt_cmethod_error_line("why"), "CMETHOD-ERROR footbridge why\n");
  EXPECT_EQ(pt_cmethods_done_line(), "CMETHODS DONE\n");
  EXPECT_EQ(pt_smethod_error_line("why"), "SMETHOD-ERROR footbridge why\n");
  EXPECT_EQ(pt_smethods_done_line(), "SMETHODS DONE\n");
}

TEST(PtLines, SmethodEscapesItsArguments) {
  EXPECT_EQ(pt_smethod_line(kLoopback, {}), "SMETHOD footbridge 127.0.0.1:4711\n");
  const PtArguments arguments = {{"pin", Private<std::string>("00ff")}, {"x", Private<std::string>("a=b,c\\d")}};
  EXPECT_EQ(pt_smethod_line(kLoopback, arguments), R"(SMETHOD footbridge 127.0.0.1:4711 ARGS:pin=00ff,x=a\=b\,c\\d)"
                                                   "\n");
}

TEST(PtLines, LogMessagesAreCStrings) {
  EXPECT_EQ(pt_log_line(PtVersion::V1, PtSeverity::Notice, R"(a "b" \c)"),
            R"(LOG SEVERITY=notice MESSAGE="a \"b\" \\c")"
            "\n");
  EXPECT_EQ(pt_log_line(PtVersion::V1, PtSeverity::Warning, "w"), "LOG SEVERITY=warning MESSAGE=\"w\"\n");
  EXPECT_EQ(pt_log_line(PtVersion::V3, PtSeverity::Notice, "a \"b\""), "LOG INFO a \"b\"\n");
}

TEST(PtLines, StatusQuotesWhatIsNoWord) {
  const std::array fields = {PtField{"CONNECT", "Success"}, PtField{"WHY", "two words"}, PtField{"NONE", ""}};
  EXPECT_EQ(pt_status_line(fields), "STATUS TRANSPORT=footbridge CONNECT=Success WHY=\"two words\" NONE=\"\"\n");
  EXPECT_EQ(pt_status_version_line("0.1.0"), "STATUS TYPE=version IMPLEMENTATION=footbridge VERSION=0.1.0\n");
}

TEST(PtLines, NothingMakesASecondLineOrLeavesAscii) {
  using namespace std::string_literals;
  const auto hostile = "a\nCMETHODS DONE\r\t\0\x1b\x7f\xc3\xa9z"s;
  const std::vector<std::string> lines = {pt_cmethod_error_line(hostile),
                                          pt_proxy_error_line(hostile),
                                          pt_refusal_line({PtRefusal::Line::EnvError, hostile}),
                                          pt_log_line(PtVersion::V1, PtSeverity::Error, hostile),
                                          pt_log_line(PtVersion::V3, PtSeverity::Error, hostile),
                                          pt_status_version_line(hostile)};
  for (const auto& line : lines) {
    EXPECT_NE(line.find("a CMETHODS DONE  ?????z"), std::string::npos) << line;
    EXPECT_EQ(line.find('\n'), line.size() - 1) << line;
  }
}

TEST(PtLines, LongTextsAreCut) {
  const auto line = pt_cmethod_error_line(std::string(5000, 'x'));
  EXPECT_EQ(line.size(), std::string_view("CMETHOD-ERROR footbridge \n").size() + kMaxPtTextBytes);
  EXPECT_TRUE(line.ends_with("x...\n"));
}

}  // namespace
}  // namespace footbridge::wire
