// Every vector of tests/vectors/socks_udp.json, and that a datagram cut short anywhere is refused or has less payload.
#include "wire/socks_udp.hpp"

#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/encoding.hpp"

namespace footbridge::wire {
namespace {

std::vector<nlohmann::json> vectors(const char* kind) {
  std::ifstream file(FB_SOURCE_DIR "/tests/vectors/socks_udp.json");
  const auto all = nlohmann::json::parse(file);
  return {all.at(kind).begin(), all.at(kind).end()};
}
Bytes hex(const nlohmann::json& value) { return parse_hex(value.get<std::string>()).value(); }

std::string text(const Destination& to) {
  const auto* name = std::get_if<std::string>(&to.host);
  return (name != nullptr ? *name : std::get<IpAddress>(to.host).to_text()) + " " + std::to_string(to.port);
}

TEST(SocksUdp, DatagramsReadAndWriteAsTheVectorsSay) {
  for (const auto& vector : vectors("valid")) {
    const auto in = hex(vector.at("hex"));
    const auto parsed = parse_socks_datagram(in);
    ASSERT_TRUE(parsed.ok()) << vector.at("name");
    EXPECT_EQ(text(parsed->to.reveal_to_socket()), vector.at("to").get<std::string>()) << vector.at("name");
    EXPECT_EQ(encode_hex(parsed->payload), vector.at("payload").get<std::string>()) << vector.at("name");
    if (!vector.value("lenient", false)) {
      EXPECT_EQ(encode_hex(encode_socks_datagram(*parsed).value()), encode_hex(in)) << vector.at("name");
    }
    const auto header = in.size() - parsed->payload.size();
    EXPECT_LE(header, kMaxSocksUdpHeaderBytes);
    for (std::size_t cut = 0; cut < header; ++cut)
      EXPECT_EQ(parse_socks_datagram(ByteView(in).first(cut)).error(), SocksUdpErrc::Truncated) << vector.at("name");
  }
}

TEST(SocksUdp, WhatIsDroppedHasItsReason) {
  for (const auto& vector : vectors("invalid")) {
    const auto parsed = parse_socks_datagram(hex(vector.at("hex")));
    ASSERT_FALSE(parsed.ok()) << vector.at("name");
    EXPECT_EQ(name(parsed.error()), vector.at("error").get<std::string>()) << vector.at("name");
  }
}

TEST(SocksUdp, NoDatagramIsWrittenThatCouldNotBeRead) {
  EXPECT_FALSE(encode_socks_datagram({Private(Destination{std::string("a b"), 53}), {}}));
  EXPECT_FALSE(encode_socks_datagram({Private(Destination{std::string("example.org"), 0}), {}}));
}

}  // namespace
}  // namespace footbridge::wire
