#include "core/rendezvous/leg_token_guard.hpp"

#include <gtest/gtest.h>

namespace footbridge::core {
namespace {

constexpr std::uint64_t kNow = 1'800'000'000;

struct LegTokenGuardTest : testing::Test {
  SeededRng rng{1};
  crypto::SecretKey key = crypto::SecretKey::random(rng);
  LegTokenGuard guard{{key}};

  Bytes token(std::uint64_t expiry, std::uint16_t shard = 7) {
    return crypto::seal_leg_token({MatchId::random(rng), shard, UnixSeconds{expiry}}, key, rng);
  }
};

TEST_F(LegTokenGuardTest, AdmitsATokenOnce) {
  const auto segment = crypto::leg_token_segment(token(kNow + 60));
  const auto grant = guard.admit(UnixSeconds{kNow}, segment);
  ASSERT_TRUE(grant);
  EXPECT_EQ(grant->shard, 7);
  EXPECT_EQ(guard.admit(UnixSeconds{kNow}, segment).error(), LegRefusal::Used);
  EXPECT_EQ(guard.admit(UnixSeconds{kNow + 70}, segment).error(), LegRefusal::Used);
  EXPECT_EQ(guard.admit(UnixSeconds{kNow + 71}, segment).error(), LegRefusal::Expired);
}

TEST_F(LegTokenGuardTest, RemembersNothingOfARefusedToken) {
  EXPECT_EQ(guard.admit(UnixSeconds{kNow}, "not a token").error(), LegRefusal::Forged);
  EXPECT_EQ(guard.admit_bytes(UnixSeconds{kNow}, token(kNow - 11)).error(), LegRefusal::Expired);
  EXPECT_EQ(guard.admit_bytes(UnixSeconds{kNow}, token(kNow + 71)).error(), LegRefusal::TooFarAhead);
  EXPECT_EQ(guard.remembered(), 0U);
}

TEST_F(LegTokenGuardTest, ForgetsATokenOnlyWhenItCouldNotBeOpenedAnyMore) {
  ASSERT_TRUE(guard.admit_bytes(UnixSeconds{kNow}, token(kNow + 60)));
  ASSERT_TRUE(guard.admit_bytes(UnixSeconds{kNow + 70}, token(kNow + 130)));
  EXPECT_EQ(guard.remembered(), 2U);
  ASSERT_TRUE(guard.admit_bytes(UnixSeconds{kNow + 71}, token(kNow + 131)));
  EXPECT_EQ(guard.remembered(), 2U);
}

TEST_F(LegTokenGuardTest, RefusesWhenFullRatherThanForget) {
  for (std::size_t i = 0; i < LegTokenGuard::kMaxTokens; ++i)
    ASSERT_TRUE(guard.admit_bytes(UnixSeconds{kNow}, token(kNow + 60)));
  EXPECT_EQ(guard.admit_bytes(UnixSeconds{kNow}, token(kNow + 60)).error(), LegRefusal::Full);
  EXPECT_EQ(guard.remembered(), LegTokenGuard::kMaxTokens);
  EXPECT_TRUE(guard.admit_bytes(UnixSeconds{kNow + 71}, token(kNow + 131)));
  EXPECT_EQ(guard.remembered(), 1U);
}

}  // namespace
}  // namespace footbridge::core
