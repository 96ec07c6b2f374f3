#include "crypto/ed25519.hpp"

#include <gtest/gtest.h>

#include "base/encoding.hpp"

namespace footbridge::crypto {
namespace {

Bytes hex(std::string_view text) { return parse_hex(text).value(); }
Ed25519PublicKey key(std::string_view text) { return *Ed25519PublicKey::from(hex(text)); }
Ed25519Signature signature(std::string_view text) { return *Ed25519Signature::from(hex(text)); }

struct Vector {
  const char* seed;
  const char* key;
  const char* message;
  const char* signature;
};

// RFC 8032 §7.1: TEST 1, 2, 3 and SHA(abc).
constexpr Vector kVectors[] = {
    {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
     "d25bf5f0595bbe24655141438e7a100b"},
    {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
     "387b2eaeb4302aeeb00d291612bb0c00"},
    {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
     "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659"
     "4a7c15e9716ed28dc027beceea1ec40a"},
    {"833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
     "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
     "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd"
     "454d4423643ce80e2a9ac94fa54ca49f",
     "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e030"
     "3dca179c138ac17ad9bef1177331a704"},
};

TEST(Ed25519, SignsAndVerifiesTheVectorsOfRfc8032) {
  for (const auto& v : kVectors) {
    const auto pair = Ed25519KeyPair::from(*Ed25519Seed::from(hex(v.seed)));
    EXPECT_EQ(encode_hex(pair.public_key().view()), v.key);
    EXPECT_EQ(encode_hex(pair.sign(hex(v.message)).view()), v.signature);
    EXPECT_TRUE(ed25519_verify(key(v.key), hex(v.message), signature(v.signature)));
  }
}

TEST(Ed25519, VerifiesNothingThatWasTouched) {
  const auto& v = kVectors[2];
  const auto message = hex(v.message);
  for (std::size_t i = 0; i < Ed25519Signature::kBytes; ++i) {
    auto touched = signature(v.signature);
    touched.raw[i] ^= std::byte{1};
    EXPECT_FALSE(ed25519_verify(key(v.key), message, touched)) << i;
  }
  for (std::size_t i = 0; i < Ed25519PublicKey::kBytes; ++i) {
    auto touched = key(v.key);
    touched.raw[i] ^= std::byte{1};
    EXPECT_FALSE(ed25519_verify(touched, message, signature(v.signature))) << i;
  }
  EXPECT_FALSE(ed25519_verify(key(v.key), {}, signature(v.signature)));
}

// S + L satisfies the same equation: who has one signature must not have two.
TEST(Ed25519, RefusesASecondSpellingOfASignature) {
  const auto order = hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
  auto other = signature(kVectors[2].signature);
  unsigned carry = 0;
  for (std::size_t i = 0; i < 32; ++i) {
    carry += std::to_integer<unsigned>(other.raw[32 + i]) + std::to_integer<unsigned>(order[i]);
    other.raw[32 + i] = static_cast<std::byte>(carry);
    carry >>= 8;
  }
  ASSERT_EQ(carry, 0U);
  EXPECT_FALSE(ed25519_verify(key(kVectors[2].key), hex(kVectors[2].message), other));
}

// With A the neutral point, R = A and S = 0 the equation holds for every message.
TEST(Ed25519, RefusesAKeyUnderWhichEverythingIsSigned) {
  const std::string neutral = "01" + std::string(62, '0');
  const std::string zero(64, '0');
  EXPECT_FALSE(ed25519_verify(key(neutral), as_bytes("anything"), signature(neutral + zero)));
  // The same point, with p added to its coordinate.
  const auto other_spelling = "ee" + std::string(60, 'f') + "7f";
  EXPECT_FALSE(ed25519_verify(key(other_spelling), as_bytes("anything"), signature(other_spelling + zero)));
}

}  // namespace
}  // namespace footbridge::crypto
