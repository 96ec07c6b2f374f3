#include "core/rendezvous/leg_token_guard.hpp"

#include <gtest/gtest.h>

namespace footbridge::core {
namespace {

constexpr std::uint64_t kNow = 1'800'000'000;

struct LegTokenGuardTest : testing::Test {
  SeededRng rng{1};
  crypto::SecretKey key = crypto::SecretKey::random(rng);
  LegTokenGuard guard{{key}};

  // Both clocks go on together, unless the wall clock is set.
  Result<LegGrant, LegRefusal> admit(std::uint64_t unix_now, ByteView sealed) {
    return guard.admit_bytes(TimePoint{Seconds{static_cast<Seconds::rep>(unix_now - kNow + 1000)}},
                             UnixSeconds{unix_now}, sealed);
  }
  Result<LegGrant, LegRefusal> admit_with_wall_set(Seconds passed, std::int64_t wall, ByteView sealed) {
    return guard.admit_bytes(TimePoint{Seconds{1000} + passed},
                             UnixSeconds{static_cast<std::uint64_t>(static_cast<std::int64_t>(kNow) + wall)}, sealed);
  }

  Bytes token(std::uint64_t expiry, std::uint16_t shard = 7) {
    return crypto::seal_leg_token({MatchId::random(rng), shard, UnixSeconds{expiry}}, key, rng);
  }
};

TEST_F(LegTokenGuardTest, AdmitsATokenOnce) {
  const auto segment = crypto::leg_token_segment(token(kNow + 60));
  const auto grant = guard.admit(TimePoint{Seconds{1000}}, UnixSeconds{kNow}, segment);
  ASSERT_TRUE(grant);
  EXPECT_EQ(grant->shard, 7);
  EXPECT_EQ(guard.admit(TimePoint{Seconds{1000}}, UnixSeconds{kNow}, segment).error(), LegRefusal::Used);
  EXPECT_EQ(guard.admit(TimePoint{Seconds{1000 + 70}}, UnixSeconds{kNow + 70}, segment).error(), LegRefusal::Used);
  EXPECT_EQ(guard.admit(TimePoint{Seconds{1000 + 71}}, UnixSeconds{kNow + 71}, segment).error(), LegRefusal::Expired);
}

TEST_F(LegTokenGuardTest, RemembersNothingOfARefusedToken) {
  EXPECT_EQ(guard.admit(TimePoint{Seconds{1000}}, UnixSeconds{kNow}, "not a token").error(), LegRefusal::Forged);
  EXPECT_EQ(admit(kNow, token(kNow - 11)).error(), LegRefusal::Expired);
  EXPECT_EQ(admit(kNow, token(kNow + 71)).error(), LegRefusal::TooFarAhead);
  EXPECT_EQ(guard.remembered(), 0U);
}

TEST_F(LegTokenGuardTest, ForgetsATokenOnlyWhenItCouldNotBeOpenedAnyMore) {
  const auto early = token(kNow + 70);  // the broker's clock is ahead as far as it may be
  ASSERT_TRUE(admit(kNow, early));
  EXPECT_EQ(admit(kNow + 80, early).error(), LegRefusal::Used) << "and may be opened until here";
  ASSERT_TRUE(admit(kNow + 80, token(kNow + 140)));
  EXPECT_EQ(guard.remembered(), 2U);
  ASSERT_TRUE(admit(kNow + 81, token(kNow + 141)));
  EXPECT_EQ(guard.remembered(), 2U);
}

TEST_F(LegTokenGuardTest, RefusesWhenFullRatherThanForget) {
  for (std::size_t i = 0; i < LegTokenGuard::kMaxTokens; ++i) ASSERT_TRUE(admit(kNow, token(kNow + 60)));
  EXPECT_EQ(admit(kNow, token(kNow + 60)).error(), LegRefusal::Full);
  EXPECT_EQ(guard.remembered(), LegTokenGuard::kMaxTokens);
  EXPECT_TRUE(admit(kNow + 81, token(kNow + 141)));
  EXPECT_EQ(guard.remembered(), 1U);
}

// A wall clock that runs a day ahead and is set right: nothing used before may be used again, and the day ahead leaves
// nothing behind that would fill the table for a day.
TEST_F(LegTokenGuardTest, AWallClockThatIsSetOpensNoTokenTwiceAndBlocksNobody) {
  constexpr std::int64_t kDay = 86'400;
  const auto before = token(kNow + 60);
  ASSERT_TRUE(admit_with_wall_set(Seconds{0}, 0, before));
  const auto ahead = token(kNow + kDay + 60);
  ASSERT_TRUE(admit_with_wall_set(Seconds{1}, kDay, ahead)) << "broker and egress on one machine";
  EXPECT_EQ(admit_with_wall_set(Seconds{2}, 2, before).error(), LegRefusal::Used);
  EXPECT_EQ(admit_with_wall_set(Seconds{2}, 2, ahead).error(), LegRefusal::TooFarAhead);
  EXPECT_EQ(admit_with_wall_set(Seconds{2}, -kDay, before).error(), LegRefusal::TooFarAhead);
  ASSERT_TRUE(admit_with_wall_set(Seconds{100}, -kDay, token(kNow - kDay + 60)));
  EXPECT_EQ(guard.remembered(), 1U) << "what was used a while ago is forgotten, whatever the wall clock says";
}

}  // namespace
}  // namespace footbridge::core
