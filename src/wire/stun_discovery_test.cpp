#include "wire/stun_discovery.hpp"

#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/encoding.hpp"

namespace footbridge::wire {
namespace {

nlohmann::json vectors() {
  std::ifstream in(FB_SOURCE_DIR "/tests/vectors/stun_discovery.json");
  return nlohmann::json::parse(in);
}

StunError error_named(const std::string& text) {
  if (text == "not_stun") return StunError::NotStun;
  return text == "malformed" ? StunError::Malformed : StunError::Unknown;
}

std::string text(const std::optional<Endpoint>& endpoint) { return endpoint ? endpoint->to_text() : ""; }

TEST(StunDiscovery, ReadsEveryValidVector) {
  const auto file = vectors();
  for (const auto& vector : file.at("valid")) {
    SCOPED_TRACE(vector.at("name").get<std::string>());
    const auto answer = parse_stun_answer(*parse_hex(vector.at("hex").get<std::string>()));
    ASSERT_TRUE(answer.ok());
    EXPECT_EQ(answer->refused, vector.value("refused", false));
    EXPECT_EQ(text(answer->mapped), vector.value("mapped", ""));
    EXPECT_EQ(text(answer->origin), vector.value("origin", ""));
    EXPECT_EQ(text(answer->other), vector.value("other", ""));
    const auto again = parse_stun_answer(encode_stun_answer(*answer));
    ASSERT_TRUE(again.ok());
    EXPECT_EQ(again->mapped, answer->mapped);
    EXPECT_EQ(again->origin, answer->origin);
    EXPECT_EQ(again->other, answer->other);
  }
}

TEST(StunDiscovery, RejectsEveryInvalidVectorForItsReason) {
  const auto file = vectors();
  for (const auto& vector : file.at("invalid")) {
    SCOPED_TRACE(vector.at("name").get<std::string>());
    const auto answer = parse_stun_answer(*parse_hex(vector.at("hex").get<std::string>()));
    ASSERT_FALSE(answer.ok());
    EXPECT_EQ(answer.error(), error_named(vector.at("error").get<std::string>()));
  }
}

TEST(StunDiscovery, AsksLikeEverybodyUnlessAChangeIsWanted) {
  const StunTransaction transaction{};
  EXPECT_EQ(encode_stun_question(transaction, StunChange::None), encode_stun_question(transaction));
  const auto bytes = encode_stun_question(transaction, StunChange::AddressAndPort);
  EXPECT_EQ(encode_hex(ByteView(bytes).subspan(20)), "0003000400000006");
  EXPECT_EQ(encode_hex(ByteView(encode_stun_question(transaction, StunChange::Port)).subspan(20)), "0003000400000002");
}

}  // namespace
}  // namespace footbridge::wire
