#include "wire/dcep.hpp"

#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/encoding.hpp"

namespace footbridge::wire {
namespace {

nlohmann::json vectors() {
  std::ifstream in(FB_SOURCE_DIR "/tests/vectors/dcep.json");
  return nlohmann::json::parse(in);
}

DcepError error_named(const std::string& text) {
  if (text == "truncated") return DcepError::Truncated;
  return text == "too_large" ? DcepError::TooLarge : DcepError::Unknown;
}

TEST(Dcep, ReadsEveryValidVectorAndWritesItBack) {
  const auto file = vectors();
  for (const auto& vector : file.at("valid")) {
    SCOPED_TRACE(vector.at("name").get<std::string>());
    const auto parsed = parse_dcep_open(*parse_hex(vector.at("hex").get<std::string>()));
    ASSERT_TRUE(parsed.ok());
    EXPECT_EQ(parsed->ordered, vector.at("ordered").get<bool>());
    EXPECT_EQ(static_cast<int>(parsed->reliability), vector.at("reliability").get<int>());
    EXPECT_EQ(parsed->parameter, vector.at("parameter").get<std::uint32_t>());
    EXPECT_EQ(parsed->label, vector.at("label").get<std::string>());
    EXPECT_EQ(parsed->protocol, vector.at("protocol").get<std::string>());
    const auto again = parse_dcep_open(encode_dcep_open(*parsed));
    ASSERT_TRUE(again.ok());
    EXPECT_TRUE(*again == *parsed);
  }
}

TEST(Dcep, RejectsEveryInvalidVectorForItsReason) {
  const auto file = vectors();
  for (const auto& vector : file.at("invalid")) {
    SCOPED_TRACE(vector.at("name").get<std::string>());
    const auto parsed = parse_dcep_open(*parse_hex(vector.at("hex").get<std::string>()));
    ASSERT_FALSE(parsed.ok());
    EXPECT_EQ(parsed.error(), error_named(vector.at("error").get<std::string>()));
  }
}

TEST(Dcep, KnowsAnAcknowledgementPaddedOrNot) {
  for (const auto* text : {"02", "02000000"}) EXPECT_TRUE(is_dcep_ack(*parse_hex(text))) << text;
  for (const auto* text : {"", "03", "0200000000", "0002"}) EXPECT_FALSE(is_dcep_ack(*parse_hex(text))) << text;
}

}  // namespace
}  // namespace footbridge::wire
