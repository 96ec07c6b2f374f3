#include "core/network/network_self.hpp"

#include <gtest/gtest.h>

#include "base/encoding.hpp"
#include "base/rng.hpp"

namespace footbridge::core {
namespace {

struct NetworkSelf : testing::Test {
  SeededRng rng{7};
  wire::RootKey here = wire::RootKey::random(rng), elsewhere = wire::RootKey::random(rng);
};

TEST_F(NetworkSelf, IsTheSameInOneNetworkAndAnotherElsewhere) {
  const auto tag = SelfTag::random(rng);
  EXPECT_EQ(self_tag_in(here, tag), self_tag_in(here, tag));
  EXPECT_NE(self_tag_in(here, tag), self_tag_in(elsewhere, tag));
  const auto key = crypto::X25519Secret::random(rng);
  EXPECT_EQ(proxy_key_in(here, key).public_key, proxy_key_in(here, key).public_key);
  EXPECT_NE(proxy_key_in(here, key).public_key, proxy_key_in(elsewhere, key).public_key);
}

TEST_F(NetworkSelf, ShowsNothingThatIsKept) {
  const auto tag = SelfTag::random(rng);
  EXPECT_NE(self_tag_in(here, tag), tag);
  const auto key = crypto::X25519Secret::random(rng);
  EXPECT_NE(proxy_key_in(here, key).public_key, crypto::x25519_public(key));
  EXPECT_NE(self_tag_in(here, tag), self_tag_in(here, SelfTag::random(rng)));
}

// Both by Python's hashlib: BLAKE2b of context, zero and root, keyed with what is kept.
TEST_F(NetworkSelf, IsDerivedAsTheSpecificationSays) {
  const wire::RootKey root = wire::RootKey::from(Bytes(32, std::byte{1})).value();
  const auto tag = SelfTag::from(Bytes(16, std::byte{2})).value();
  const auto key = crypto::X25519Secret::from(Bytes(32, std::byte{3})).value();
  EXPECT_EQ(encode_hex(self_tag_in(root, tag).view()), "8116e0877a465e51dde1e3d9a792549b");
  EXPECT_EQ(encode_hex(proxy_key_in(root, key).secret.reveal_to_primitive()),
            "728de86ae4cf97dbb92600ba807f124186b560ff63a9283ae66f8552a1b3e7e1");
}

}  // namespace
}  // namespace footbridge::core
