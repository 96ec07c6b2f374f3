#include "core/sealing/broker_keys.hpp"

#include <gtest/gtest.h>

namespace footbridge::core {
namespace {

struct BrokerKeysTest : testing::Test {
  static constexpr std::uint64_t kDay = 86'400;
  SeededRng rng{1};
  BrokerKeys keys;

  crypto::X25519PublicKey add(std::uint64_t made) {
    const auto key = crypto::X25519KeyPair::random(rng);
    keys.add(key, UnixSeconds{made});
    return key.public_key;
  }
};

TEST_F(BrokerKeysTest, KeepsTheNewestThree) {
  add(0);
  const auto second = add(kDay), third = add(2 * kDay), fourth = add(3 * kDay);
  ASSERT_EQ(keys.usable().size(), BrokerKeys::kMostKeys);
  EXPECT_EQ(keys.usable()[0].public_key, fourth);
  EXPECT_EQ(keys.usable()[1].public_key, third);
  EXPECT_EQ(keys.usable()[2].public_key, second);
}

TEST_F(BrokerKeysTest, ForgetsEachAfterTwoDays) {
  add(1000);
  const auto second = add(1000 + kDay);
  keys.forget_old(UnixSeconds{1000 + 2 * kDay - 1});
  EXPECT_EQ(keys.usable().size(), 2U);
  keys.forget_old(UnixSeconds{1000 + 2 * kDay});
  ASSERT_EQ(keys.usable().size(), 1U);
  EXPECT_EQ(keys.usable()[0].public_key, second);
  keys.forget_old(UnixSeconds{1000 + 4 * kDay});
  EXPECT_TRUE(keys.usable().empty()) << "nobody made a new one: nothing opens";
}

TEST_F(BrokerKeysTest, ForgetsNothingWhenTheClockIsBehind) {
  add(1000);
  keys.forget_old(UnixSeconds{0});
  EXPECT_EQ(keys.usable().size(), 1U);
}

}  // namespace
}  // namespace footbridge::core
