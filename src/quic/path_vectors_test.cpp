// tests/vectors/path.json: what specification 04 calls packet, filler, stretchable, a key.
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/encoding.hpp"
#include "core/path/filler.hpp"
#include "quic/connection.hpp"
#include "quic/stretch.hpp"

namespace footbridge::quic {
namespace {

nlohmann::json vectors(const char* group) {
  std::ifstream file(FB_SOURCE_DIR "/tests/vectors/path.json");
  auto all = nlohmann::json::parse(file).at(group);
  EXPECT_FALSE(all.empty());
  return all;
}

Bytes bytes_of(const nlohmann::json& vector) { return parse_hex(vector.at("hex").get<std::string>()).value(); }

TEST(PathVectors, TellPacketsFromFillers) {
  for (const auto& vector : vectors("messages"))
    EXPECT_EQ(core::is_packet(bytes_of(vector)), vector.at("is") == "packet") << vector.at("name");
}

TEST(PathVectors, TellWhatMayBeStretched) {
  for (const auto& vector : vectors("stretch"))
    EXPECT_EQ(may_be_followed(bytes_of(vector)), vector.at("may_be_followed").get<bool>()) << vector.at("name");
}

TEST(PathVectors, TellKeysAndTheirPins) {
  for (const auto& vector : vectors("keys")) {
    const auto identity = Identity::parse_pem(as_bytes(vector.at("pem").get<std::string>()));
    EXPECT_EQ(identity.ok(), !vector.at("pin").is_null()) << vector.at("name");
    if (!identity) continue;
    EXPECT_EQ(identity->pin().to_hex(), vector.at("pin").get<std::string>()) << vector.at("name");
  }
}

TEST(PathVectors, TellHowMuchFitsIntoEachSize) {
  for (const auto& vector : vectors("sizes"))
    EXPECT_EQ(datagram_bytes(vector.at("packet").get<std::size_t>()), vector.at("datagram").get<std::size_t>());
}

TEST(Stretch, TailsHaveTheirLengthAndAReservedVersion) {
  SeededRng rng(1);
  for (std::size_t bytes = kMinTailBytes; bytes < 200; ++bytes) {
    const auto tail = make_tail(bytes, rng);
    ASSERT_EQ(tail.size(), bytes);
    EXPECT_EQ(tail[0] & std::byte{0xc0}, std::byte{0xc0});
    for (std::size_t i = 1; i <= 4; ++i) EXPECT_EQ(tail[i] & std::byte{0x0f}, std::byte{0x0a});
    EXPECT_FALSE(may_be_followed(tail));
  }
}

}  // namespace
}  // namespace footbridge::quic
