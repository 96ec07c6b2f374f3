#include "crypto/x25519.hpp"

#include <gtest/gtest.h>

#include "base/encoding.hpp"

namespace footbridge::crypto {
namespace {

X25519Secret secret(std::string_view hex) { return *X25519Secret::from(parse_hex(hex).value()); }
X25519PublicKey key(std::string_view hex) { return *X25519PublicKey::from(parse_hex(hex).value()); }
std::string agreed(const X25519Secret& mine, const X25519PublicKey& theirs) {
  const auto shared = x25519(mine, theirs);
  return shared ? encode_hex(shared->reveal_to_primitive()) : "refused";
}

TEST(X25519, ComputesTheVectorsOfRfc7748) {
  EXPECT_EQ(agreed(secret("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4"),
                   key("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c")),
            "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552");
  // The top bit of this one is set, and means nothing.
  EXPECT_EQ(agreed(secret("4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d"),
                   key("e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493")),
            "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957");
}

// RFC 7748 §5.2: the output becomes the scalar, the scalar the point.
TEST(X25519, ComputesAThousandRoundsOfTheIteratedVector) {
  Bytes scalar(32), point(32);
  scalar[0] = point[0] = std::byte{9};
  for (int round = 1; round <= 1000; ++round) {
    const auto shared = x25519(*X25519Secret::from(scalar), *X25519PublicKey::from(point));
    ASSERT_TRUE(shared);
    point = scalar;
    scalar = to_bytes(shared->reveal_to_primitive());
    if (round == 1) {
      EXPECT_EQ(encode_hex(scalar), "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079");
    }
  }
  EXPECT_EQ(encode_hex(scalar), "684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51");
}

// RFC 7748 §6.1.
TEST(X25519, AgreesOnTheSecretOfAliceAndBob) {
  const auto alice = X25519KeyPair::from(secret("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a"));
  const auto bob = X25519KeyPair::from(secret("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"));
  EXPECT_EQ(encode_hex(alice.public_key.view()), "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
  EXPECT_EQ(encode_hex(bob.public_key.view()), "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
  const auto expected = "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742";
  EXPECT_EQ(agreed(alice.secret, bob.public_key), expected);
  EXPECT_EQ(agreed(bob.secret, alice.public_key), expected);
}

TEST(X25519, RefusesEveryKeyOfSmallOrder) {
  SeededRng rng(1);
  const auto mine = X25519Secret::random(rng);
  // 0, 1, two points of order 8, p - 1, p, p + 1; then some of them with the top bit set.
  for (const auto* point : {"0000000000000000000000000000000000000000000000000000000000000000",
                            "0100000000000000000000000000000000000000000000000000000000000000",
                            "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
                            "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
                            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                            "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                            "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                            "0000000000000000000000000000000000000000000000000000000000000080",
                            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
                            "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"}) {
    EXPECT_EQ(agreed(mine, key(point)), "refused") << point;
  }
}

}  // namespace
}  // namespace footbridge::crypto
