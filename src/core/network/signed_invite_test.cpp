#include "core/network/signed_invite.hpp"

#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/encoding.hpp"

namespace footbridge::core {
namespace {

nlohmann::json file() {
  std::ifstream in(FB_SOURCE_DIR "/tests/vectors/network.json");
  return nlohmann::json::parse(in);
}

Bytes bytes_of(const nlohmann::json& v) { return parse_hex(v.at("hex").get<std::string>()).value(); }

std::string becomes(const wire::Invite& invite, std::uint64_t now, std::uint64_t known_serial) {
  const auto wrong = judge_invite(invite, UnixSeconds{now}, known_serial);
  return wrong ? std::string(name(*wrong)) : "accepted";
}

TEST(SignedInvite, SaysOfEachVectorWhatBecomesOfIt) {
  const auto tree = file();
  for (const auto& v : tree.at("invites"))
    EXPECT_EQ(becomes(wire::parse_invite(bytes_of(v)).value(), v.at("now").get<std::uint64_t>(),
                      v.at("known_serial").get<std::uint64_t>()),
              v.at("becomes").get<std::string>())
        << v.at("name");
}

TEST(SignedInvite, SignsAsAnIndependentImplementationDoes) {
  const auto tree = file();
  const auto seed = parse_hex(tree.at("directory_seed").get<std::string>()).value();
  const auto key = crypto::Ed25519KeyPair::from(crypto::Ed25519Seed::from(seed).value());
  const auto bytes = bytes_of(tree.at("invites").at(0));
  EXPECT_EQ(wire::encode_invite(sign_invite(key, wire::parse_invite(bytes).value())), bytes);
}

// Name, brokers, secret, end, uses, certificate: the words of the root prove them all.
TEST(SignedInvite, IsNotBelievedWithAnyBitChanged) {
  const auto v = file().at("invites").at(0);
  const auto whole = bytes_of(v);
  const auto now = v.at("now").get<std::uint64_t>();
  ASSERT_EQ(becomes(wire::parse_invite(whole).value(), now, 0), "accepted");
  for (std::size_t i = 0; i < whole.size() * 8; i += 3) {  // each byte is hit twice at least
    auto changed = whole;
    changed[i / 8] ^= std::byte{1} << (i % 8);
    const auto read = wire::parse_invite(changed);
    if (read) EXPECT_NE(becomes(*read, now, 0), "accepted") << i;
  }
}

}  // namespace
}  // namespace footbridge::core
