#include "crypto/leg_token.hpp"

#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/encoding.hpp"

namespace footbridge::crypto {
namespace {

constexpr UnixSeconds kNow{1'800'000'000};

UnixSeconds after(std::int64_t seconds) {
  return UnixSeconds{static_cast<std::uint64_t>(static_cast<std::int64_t>(count(kNow)) + seconds)};
}

struct LegTokenTest : testing::Test {
  SeededRng rng{1};
  SecretKey key = SecretKey::random(rng);
  LegToken token{MatchId::random(rng), 513, after(60)};
  std::vector<SecretKey> keys{key};
};

TEST_F(LegTokenTest, ComesBackAsItWasSealed) {
  const auto sealed = seal_leg_token(token, key, rng);
  EXPECT_EQ(sealed.size(), kLegTokenBytes);
  const auto opened = open_leg_token(sealed, keys, kNow);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->match, token.match);
  EXPECT_EQ(opened->shard, 513);
  EXPECT_EQ(opened->expiry, token.expiry);
}

TEST_F(LegTokenTest, NeverLooksTheSameTwice) {
  EXPECT_NE(seal_leg_token(token, key, rng), seal_leg_token(token, key, rng));
}

TEST_F(LegTokenTest, IsForgedWhenAnyBitIsTouched) {
  const auto sealed = seal_leg_token(token, key, rng);
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    auto touched = sealed;
    touched[i] ^= std::byte{0x80};
    EXPECT_EQ(open_leg_token(touched, keys, kNow).error(), LegTokenErrc::Forged) << i;
  }
  EXPECT_EQ(open_leg_token(ByteView(sealed).first(71), keys, kNow).error(), LegTokenErrc::Forged);
  EXPECT_EQ(open_leg_token({}, keys, kNow).error(), LegTokenErrc::Forged);
}

TEST_F(LegTokenTest, OpensUnderThePredecessorOfTheKey) {
  const auto sealed = seal_leg_token(token, key, rng);
  const std::vector<SecretKey> rotated{SecretKey::random(rng), key};
  EXPECT_TRUE(open_leg_token(sealed, rotated, kNow));
  EXPECT_EQ(open_leg_token(sealed, std::span(rotated).first(1), kNow).error(), LegTokenErrc::Forged);
}

TEST_F(LegTokenTest, LivesAsLongAsItsSpecificationSays) {
  const auto sealed = seal_leg_token(token, key, rng);
  EXPECT_TRUE(open_leg_token(sealed, keys, after(70)));
  EXPECT_EQ(open_leg_token(sealed, keys, after(71)).error(), LegTokenErrc::Expired);
  EXPECT_TRUE(open_leg_token(sealed, keys, after(-10)));
  EXPECT_EQ(open_leg_token(sealed, keys, after(-11)).error(), LegTokenErrc::TooFarAhead);
}

TEST_F(LegTokenTest, DoesNotWrapAroundTheEndOfTime) {
  token.expiry = UnixSeconds{UINT64_MAX};
  EXPECT_EQ(open_leg_token(seal_leg_token(token, key, rng), keys, kNow).error(), LegTokenErrc::TooFarAhead);
  token.expiry = UnixSeconds{0};
  EXPECT_EQ(open_leg_token(seal_leg_token(token, key, rng), keys, kNow).error(), LegTokenErrc::Expired);
}

TEST_F(LegTokenTest, HasOneSpellingAsAPathSegment) {
  const auto sealed = seal_leg_token(token, key, rng);
  const auto segment = leg_token_segment(sealed);
  EXPECT_EQ(segment.size(), kLegTokenSegmentChars);
  EXPECT_EQ(*parse_leg_token_segment(segment), sealed);
  EXPECT_FALSE(parse_leg_token_segment(segment + "="));
  EXPECT_FALSE(parse_leg_token_segment(segment.substr(1)));
  EXPECT_FALSE(parse_leg_token_segment('+' + segment.substr(1)));
}

TEST(LegTokenVectors, OpenAsTheirFileSays) {
  std::ifstream file(FB_SOURCE_DIR "/tests/vectors/rendezvous-leg-token.json");
  const auto json = nlohmann::json::parse(file);
  const std::vector<SecretKey> keys{*SecretKey::from(parse_hex(json.at("key").get<std::string>()).value())};
  for (const auto& v : json.at("vectors")) {
    const auto sealed = parse_leg_token_segment(v.at("segment").get<std::string>());
    const auto opened = sealed ? open_leg_token(*sealed, keys, UnixSeconds{v.at("now").get<std::uint64_t>()})
                               : Result<LegToken, LegTokenErrc>(sealed.error());
    const auto expected = v.at("result").get<std::string>();
    ASSERT_EQ(opened.ok(), expected == "open") << v.at("name");
    if (opened) {
      EXPECT_EQ(encode_hex(opened->match.view()), v.at("match").get<std::string>());
      EXPECT_EQ(opened->shard, v.at("shard").get<int>());
      EXPECT_EQ(count(opened->expiry), v.at("expiry").get<std::uint64_t>());
    } else {
      const auto error = opened.error();
      EXPECT_EQ(expected, error == LegTokenErrc::Forged    ? "forged"
                          : error == LegTokenErrc::Version ? "version"
                          : error == LegTokenErrc::Expired ? "expired"
                                                           : "too far ahead")
          << v.at("name");
    }
  }
}

}  // namespace
}  // namespace footbridge::crypto
