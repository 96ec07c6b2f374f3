#include "wire/pt_arguments.hpp"

#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "wire/pt_escape.hpp"

namespace footbridge::wire {
namespace {

nlohmann::json vectors() {
  std::ifstream file(FB_SOURCE_DIR "/tests/vectors/pt_arguments.json");
  return nlohmann::json::parse(file).at("vectors");
}

PtArguments arguments_of(const nlohmann::json& object) {
  PtArguments out;
  for (const auto& [key, value] : object.items()) out.emplace(key, Private(value.get<std::string>()));
  return out;
}

std::string text_of(const std::optional<Private<std::string>>& text) {
  return text ? text->reveal_to_socket() : "nothing";
}

TEST(PtArguments, MeanWhatTheVectorsSay) {
  for (const auto& vector : vectors()) {
    SCOPED_TRACE(vector.at("name").get<std::string>());
    const bool is_json = vector.contains("json");
    const auto text = vector.at(is_json ? "json" : "text").get<std::string>();
    const auto parsed = is_json ? parse_pt_json_arguments(text) : parse_pt_arguments(text);
    ASSERT_EQ(parsed.ok(), !vector.contains("error"));
    if (!parsed) {
      EXPECT_EQ(name(parsed.error()), vector.at("error").get<std::string>());
      continue;
    }
    EXPECT_EQ(*parsed, arguments_of(vector.at("arguments")));
    const auto encoded = encode_pt_arguments(*parsed).reveal_to_socket();
    EXPECT_EQ(encoded, vector.at("encoded").get<std::string>());
    EXPECT_EQ(parse_pt_arguments(encoded).value(), *parsed);
  }
}

TEST(PtArguments, MayBeOfAnyLengthThatFitsTheTwoFieldsOfCredentials) {
  for (std::size_t bytes = 2; bytes <= kMaxPtArgumentBytes; ++bytes) {
    const auto text = "k=" + std::string(bytes - 2, 'v');
    const auto parsed = parse_pt_arguments(text);
    ASSERT_TRUE(parsed.ok()) << bytes;
    ASSERT_EQ(encode_pt_arguments(*parsed).reveal_to_socket(), text);
  }
  const auto longer = parse_pt_arguments("k=" + std::string(kMaxPtArgumentBytes - 1, 'v'));
  ASSERT_FALSE(longer.ok());
  EXPECT_EQ(longer.error(), PtArgumentsErrc::TooLong);
}

TEST(PtArguments, OfJsonAreBoundedByWhatABridgeLineCouldSay) {
  const auto json = [](std::size_t value_bytes) { return R"({"k":")" + std::string(value_bytes, 'v') + R"("})"; };
  EXPECT_TRUE(parse_pt_json_arguments(json(kMaxPtArgumentBytes - 2)).ok());
  EXPECT_EQ(parse_pt_json_arguments(json(kMaxPtArgumentBytes - 1)).error(), PtArgumentsErrc::TooLong);
  EXPECT_EQ(parse_pt_json_arguments(R"({"k":")" + std::string(300, ';') + R"("})").error(), PtArgumentsErrc::TooLong)
      << "each semicolon is two bytes of a bridge line";
  EXPECT_TRUE(parse_pt_json_arguments("{" + std::string(kMaxPtJsonBytes - 2, ' ') + "}").ok());
  EXPECT_EQ(parse_pt_json_arguments("{" + std::string(kMaxPtJsonBytes - 1, ' ') + "}").error(),
            PtArgumentsErrc::TooLong);
}

TEST(PtArguments, AreAFewAndNotMany) {
  std::string text = "k0=";
  for (std::size_t i = 1; i < kMaxPtArguments; ++i) text += ";k" + std::to_string(i) + "=";
  EXPECT_EQ(parse_pt_arguments(text).value().size(), kMaxPtArguments);
  EXPECT_EQ(parse_pt_arguments(text + ";one=").error(), PtArgumentsErrc::TooMany);
}

TEST(PtArguments, WrittenIntoABridgeLineAreWhatTorTakesThere) {
  const auto line = [](std::string_view text) {
    return text_of(encode_bridge_line_arguments(parse_pt_arguments(text).value()));
  };
  EXPECT_EQ(line(""), "");
  EXPECT_EQ(line("pin=0f,1e;broker=http://127.0.0.1:8900/a\\;b=c"), "broker=http://127.0.0.1:8900/a;b=c pin=0f,1e");
  for (const auto* unsayable : {"k=a b", "k=a#b", "k=a\\\\b"}) EXPECT_EQ(line(unsayable), "nothing") << unsayable;
  PtArguments longest{{"k", Private(std::string(kMaxPtArgumentBytes - 2, 'v'))}};
  EXPECT_NE(text_of(encode_bridge_line_arguments(longest)), "nothing");
  longest.emplace("l", Private(std::string()));
  EXPECT_EQ(text_of(encode_bridge_line_arguments(longest)), "nothing");
}

TEST(PtArguments, WrittenIntoAnSmethodLineEscapeItsSeparators) {
  const auto line = [](std::string_view text) {
    return text_of(encode_smethod_arguments(parse_pt_arguments(text).value()));
  };
  EXPECT_EQ(line("pin=0f;id=one"), "id=one,pin=0f");
  EXPECT_EQ(line("k=a,b=c\\;d\\\\e"), R"(k=a\,b\=c;d\\e)");
  EXPECT_EQ(line("k=a b"), "nothing");
}

TEST(PtEscape, TakesOnePieceAndLeavesItsEnd) {
  std::string_view text = R"(a\:b:c)";
  EXPECT_EQ(take_pt_text(text, ":"), "a:b");
  EXPECT_EQ(text, ":c");
  text.remove_prefix(1);
  EXPECT_EQ(take_pt_text(text, ":"), "c");
  EXPECT_TRUE(text.empty());
  EXPECT_EQ(take_pt_text(text, ":"), "") << "nothing is the empty text";
}

TEST(PtEscape, AnUnfinishedEscapeIsNoTextAndTakesNothing) {
  std::string_view text = "ab\\";
  EXPECT_EQ(take_pt_text(text, ":"), std::nullopt);
  EXPECT_EQ(text, "ab\\");
}

TEST(PtEscape, IsUndoneByReading) {
  const std::string any = R"(a:b;c=d\e,f)";
  for (const auto* special : {"\\;", "\\=,", ":;\\"}) {
    const auto escaped = escape_pt(any, special);
    std::string_view rest = escaped;
    EXPECT_EQ(take_pt_text(rest, special), any);
    EXPECT_TRUE(rest.empty());
  }
}

}  // namespace
}  // namespace footbridge::wire
