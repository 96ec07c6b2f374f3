// Conversations out of tests/vectors/ext_or_port.json, whose hashes another tool has computed.
#include "core/egress/ext_or_port.hpp"

#include <algorithm>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/encoding.hpp"

namespace footbridge::core {
namespace {

using nlohmann::json;

const json& table() {
  static const auto read = [] {
    std::ifstream in(FB_SOURCE_DIR "/tests/vectors/ext_or_port.json");
    return json::parse(in);
  }();
  return read;
}

std::string text(const json& value) { return value.get<std::string>(); }

Bytes hex(const json& text) { return parse_hex(text.get<std::string>()).value(); }

// Says the nonce of the vectors.
class NonceOfTheVectors final : public Rng {
 public:
  void fill(ByteSpan out) override {
    const auto nonce = hex(table().at("client_nonce"));
    ASSERT_EQ(out.size(), nonce.size());
    std::copy(nonce.begin(), nonce.end(), out.begin());
  }
};

ExtOrPort start(const json& conversation) {
  ExtOrIntroduction who{table().at("transport"), std::nullopt};
  if (const std::string user = conversation.at("user"); !user.empty())
    who.user = Private(Endpoint::parse(user).value());
  NonceOfTheVectors rng;
  return {rng, crypto::SecretKey::from(hex(table().at("cookie"))).value(), who};
}

std::string end_of(ExtOrPort& port, const Status<ExtOrErrc>& last) {
  if (!last) return std::string(name(last.error()));
  return port.state() == ExtOrPort::State::Accepted ? "accepted" : "waits";
}

TEST(ExtOrPort, SaysWhatTheVectorsSay) {
  for (const auto& conversation : table().at("conversations")) {
    SCOPED_TRACE(text(conversation.at("name")));
    auto port = start(conversation);
    EXPECT_TRUE(port.take_output().empty()) << "tor speaks first";
    Status<ExtOrErrc> last;
    for (const auto& step : conversation.at("steps")) {
      last = port.on_bytes(hex(step.at("hear")));
      EXPECT_EQ(encode_hex(port.take_output()), text(step.at("say")));
    }
    EXPECT_EQ(end_of(port, last), text(conversation.at("end")));
    if (port.state() == ExtOrPort::State::Accepted)
      EXPECT_EQ(encode_hex(port.take_rest()), text(conversation.at("rest")));
  }
}

TEST(ExtOrPort, SaysTheSameHoweverTheBytesAreCut) {
  for (const auto& conversation : table().at("conversations")) {
    SCOPED_TRACE(text(conversation.at("name")));
    auto port = start(conversation);
    Bytes expected, said;
    Status<ExtOrErrc> last;
    for (const auto& step : conversation.at("steps")) {
      append(expected, hex(step.at("say")));
      for (const auto byte : hex(step.at("hear"))) {
        last = port.on_bytes(ByteView(&byte, 1));
        append(said, port.take_output());
      }
    }
    EXPECT_EQ(encode_hex(said), encode_hex(expected));
    EXPECT_EQ(end_of(port, last), text(conversation.at("end")));
    if (port.state() == ExtOrPort::State::Accepted)
      EXPECT_EQ(encode_hex(port.take_rest()), text(conversation.at("rest")));
  }
}

TEST(ExtOrPort, ProvesNothingAfterAWrongHashWhateverFollows) {
  auto port = start(table().at("conversations").at(0));
  ASSERT_TRUE(port.on_bytes(as_bytes(std::string_view("\x01\x00", 2))));
  EXPECT_EQ(port.take_output().size(), 33U);
  EXPECT_EQ(port.on_bytes(Bytes(64)).error(), ExtOrErrc::WrongCookie);
  EXPECT_EQ(port.on_bytes(Bytes(200, std::byte{1})).error(), ExtOrErrc::WrongCookie);
  EXPECT_TRUE(port.take_output().empty());
  EXPECT_EQ(port.state(), ExtOrPort::State::Failed);
}

TEST(AuthCookie, IsReadOutOfAFileOfTorsAndOfNoOther) {
  const auto file = hex(table().at("cookie_file"));
  const auto cookie = parse_auth_cookie(file);
  ASSERT_TRUE(cookie);
  EXPECT_EQ(encode_hex(cookie->reveal_to_primitive()), text(table().at("cookie")));
  EXPECT_FALSE(parse_auth_cookie({}));
  EXPECT_FALSE(parse_auth_cookie(ByteView(file).first(63)));
  auto longer = file;
  longer.push_back(std::byte{0});
  EXPECT_FALSE(parse_auth_cookie(longer));
  auto other = file;
  other[0] = std::byte{'#'};
  EXPECT_FALSE(parse_auth_cookie(other));
}

}  // namespace
}  // namespace footbridge::core
