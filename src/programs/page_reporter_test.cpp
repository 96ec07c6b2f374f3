// What a broker takes of `footbridge network reporter`, and tells its pages.
#include "programs/page_reporter.hpp"

#include <gtest/gtest.h>

#include "base/encoding.hpp"
#include "core/netstate/reporter_chain.hpp"
#include "ops/errors.hpp"
#include "ops/scratch_dir.hpp"
#include "programs/made_network.hpp"
#include "programs/page_network.hpp"

namespace footbridge {
namespace {

struct PageReporterTest : testing::Test {
  ops::ScratchDir folder;
  SeededRng rng{5};
  MadeNetwork network{7, UnixSeconds{0}, 1'000};
  std::string names = R"({"wss://egress.example/leg":"00112233445566778899aabbccddeeff"})";

  std::string text(wire::NodeRole role, const std::string& url = "https://netstate.example/report") {
    const auto seed = crypto::Ed25519Seed::random(rng);
    const wire::ReporterCertificate reporter{
        .key = {crypto::Ed25519KeyPair::from(seed).public_key().raw}, .role = role, .until = UnixSeconds{900}};
    return R"({"netstate":{"url":")" + url + R"(","key":")" + encode_hex(seed.reveal_to_primitive()) +
           R"(","chain":")" + encode_hex(core::make_reporter_chain(network.key, network.certificate(), reporter)) +
           R"(","names":)" + names + "}}";
  }
  PageReporter read(const std::string& contents, bool on_one_machine = false) {
    return read_page_reporter("--web-reporter", ops::FilePath{folder.write("reporter.json", contents)}, on_one_machine);
  }
  std::string refusal(const std::string& contents, bool on_one_machine = false) {
    try {
      read(contents, on_one_machine);
    } catch (const ops::UsageError& error) {
      return error.what();
    }
    return "accepted";
  }
};

TEST_F(PageReporterTest, IsToldToPagesAndItsServerIsAddedToWhereTheyMayConnect) {
  PageNetwork shown;
  EXPECT_EQ(page_sources(shown), "");
  EXPECT_EQ(page_config_json(shown).find("netstate"), std::string::npos);
  const auto contents = text(wire::NodeRole::Page);
  shown.reporter = read(contents);
  EXPECT_NE(page_config_json(shown).find(contents.substr(1)), std::string::npos) << page_config_json(shown);
  EXPECT_EQ(page_sources(shown), " https://netstate.example");
}

TEST_F(PageReporterTest, IsWrittenAsPagesReadIt) {
  names = R"({"wss://egress.example/leg":"00112233445566778899AABBCCDDEEFF"})";
  EXPECT_NE(read(text(wire::NodeRole::Page)).config.reveal_to_socket().find("8899aabb"), std::string::npos);
}

TEST_F(PageReporterTest, IsRefusedWhereAPageWouldHelpNobodyBecauseOfIt) {
  EXPECT_EQ(refusal(text(wire::NodeRole::Page)), "accepted");
  const auto other = "is not what this prints: footbridge network reporter --role page";
  EXPECT_NE(refusal(text(wire::NodeRole::Volunteer)).find(other), std::string::npos);
  EXPECT_NE(refusal("{}").find(other), std::string::npos);
  EXPECT_NE(refusal("").find(other), std::string::npos);
  names = R"({"wss://egress.example/leg":"0011"})";
  EXPECT_NE(refusal(text(wire::NodeRole::Page)).find(other), std::string::npos);
}

TEST_F(PageReporterTest, IsReachedInTheClearOnOneMachineAlone) {
  const auto contents = text(wire::NodeRole::Page, "http://127.0.0.1:8904/report");
  EXPECT_NE(refusal(contents).find("its url has to begin with https://"), std::string::npos);
  EXPECT_EQ(refusal(contents, true), "accepted");
  EXPECT_NE(refusal(text(wire::NodeRole::Page, "wss://netstate.example/"), true).find("https://"), std::string::npos);
}

}  // namespace
}  // namespace footbridge
