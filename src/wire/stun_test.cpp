#include "wire/stun.hpp"

#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/encoding.hpp"

namespace footbridge::wire {
namespace {

nlohmann::json vectors() {
  std::ifstream in(FB_SOURCE_DIR "/tests/vectors/stun.json");
  return nlohmann::json::parse(in);
}

StunError error_named(const std::string& text) {
  if (text == "not_stun") return StunError::NotStun;
  return text == "malformed" ? StunError::Malformed : StunError::Unknown;
}

constexpr StunTransaction kTransaction{std::byte{0xb7}, std::byte{0xe7}, std::byte{0xa7}, std::byte{0x01},
                                       std::byte{0xbc}, std::byte{0x34}, std::byte{0xd6}, std::byte{0x86},
                                       std::byte{0xfa}, std::byte{0x87}, std::byte{0xdf}, std::byte{0xae}};

TEST(Stun, ReadsEveryValidVector) {
  const auto file = vectors();
  for (const auto& vector : file.at("valid")) {
    SCOPED_TRACE(vector.at("name").get<std::string>());
    const auto bytes = *parse_hex(vector.at("hex").get<std::string>());
    const auto parsed = parse_stun(bytes);
    ASSERT_TRUE(parsed.ok());
    EXPECT_EQ(static_cast<int>(parsed->kind), vector.at("kind").get<int>());
    EXPECT_EQ(parsed->username, vector.at("username").get<std::string>());
    const auto mac = *parse_hex(vector.at("mac").get<std::string>());
    EXPECT_EQ(parsed->mac.has_value(), !mac.empty());
    if (parsed->mac) EXPECT_EQ(to_bytes(ByteView(*parsed->mac)), mac);
    EXPECT_TRUE(looks_like_stun(bytes));
  }
}

TEST(Stun, RejectsEveryInvalidVectorForItsReason) {
  const auto file = vectors();
  for (const auto& vector : file.at("invalid")) {
    SCOPED_TRACE(vector.at("name").get<std::string>());
    const auto parsed = parse_stun(*parse_hex(vector.at("hex").get<std::string>()));
    ASSERT_FALSE(parsed.ok());
    EXPECT_EQ(parsed.error(), error_named(vector.at("error").get<std::string>()));
  }
}

TEST(Stun, HidesTheAddressAsRfc5769Does) {
  const auto four = encode_stun_success(kTransaction, *Endpoint::parse("192.0.2.1:32853"));
  EXPECT_EQ(encode_hex(ByteView(four).subspan(20)), "002000080001a147e112a643");
  const auto six = encode_stun_success(kTransaction, *Endpoint::parse("[2001:db8:1234:5678:11:2233:4455:6677]:32853"));
  EXPECT_EQ(encode_hex(ByteView(six).subspan(20)), "002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d9");
}

TEST(Stun, CoversTheBytesBeforeTheIntegrityWithTheLengthThatIncludesIt) {
  const auto request = encode_stun_request({kTransaction, "them:us", 1, true, 2});
  auto sealed = request;
  seal_stun(sealed, {});
  const auto parsed = parse_stun(sealed);
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed->username, "them:us");
  EXPECT_EQ(parsed->mac_at, request.size());
  const auto covered = stun_integrity_input(request, request.size());
  EXPECT_EQ(covered, stun_integrity_input(sealed, parsed->mac_at)) << "the asker and the asked cover the same";
  constexpr std::size_t kIntegrityBytes = 24;
  constexpr std::size_t kHeaderBytes = 20;
  EXPECT_EQ(std::to_integer<std::size_t>(covered[3]), request.size() - kHeaderBytes + kIntegrityBytes);
}

}  // namespace
}  // namespace footbridge::wire
