#include "core/rendezvous/leg_token_guard.hpp"

#include <gtest/gtest.h>

#include "crypto/shared_keys.hpp"

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

// Of a client that came on a leg: what it shows, and what becomes of it.
struct TicketTest : testing::Test {
  static constexpr UnixSeconds kUnix{kNow};
  SeededRng rng{2};
  crypto::SecretKey key = crypto::SecretKey::random(rng);
  wire::BootEpoch boot = wire::BootEpoch::random(rng);
  LegTokenGuard guard{{key}, boot};
  TimePoint now{Seconds{1000}};

  MatchId leg() {
    const auto match = MatchId::random(rng);
    EXPECT_TRUE(guard.admit_bytes(now, kUnix, crypto::seal_leg_token({match, 7, UnixSeconds{kNow + 60}}, key, rng)));
    return match;
  }
  crypto::Ticket of(const MatchId& match) {
    return {match, crypto::proxy_mark(ProxyId::random(rng)),          {}, crypto::PrefixClass::V4,
            boot,  UnixSeconds{kNow + crypto::kTicketLifetimeSeconds}};
  }
  Bytes sealed(const crypto::Ticket& ticket) {
    auto out = crypto::seal_ticket(ticket, crypto::ticket_key(key), rng);
    append(out, rng.bytes(96));  // what else an admission holds
    return out;
  }
  Result<crypto::Ticket, TicketRefusal> show(const MatchId& match, ByteView admission) {
    return guard.redeem(now, kUnix, match, admission);
  }
};

TEST_F(TicketTest, LetsTheClientOfTheLegsMatchInOnce) {
  const auto match = leg();
  const auto ticket = of(match);
  const auto redeemed = show(match, sealed(ticket));
  ASSERT_TRUE(redeemed);
  EXPECT_EQ(redeemed->proxy, ticket.proxy);
  EXPECT_EQ(show(match, sealed(ticket)).error(), TicketRefusal::Used);
}

TEST_F(TicketTest, IsOfNoUseOnAnotherLeg) {
  const auto mine = leg();
  const auto others = leg();
  EXPECT_EQ(show(others, sealed(of(mine))).error(), TicketRefusal::OtherMatch) << "a proxy has swapped its clients";
  EXPECT_TRUE(show(mine, sealed(of(mine)))) << "and what was shown in vain is not used up";
}

TEST_F(TicketTest, IsOfNoUseWhereNoLegOfItsMatchIs) {
  const auto never = MatchId::random(rng);
  EXPECT_EQ(show(never, sealed(of(never))).error(), TicketRefusal::Used);
  const auto match = leg();
  now += LegTokenGuard::kRememberFor + Seconds{1};
  EXPECT_EQ(show(match, sealed(of(match))).error(), TicketRefusal::Used);
}

TEST_F(TicketTest, IsForgedWhenDroppedCutOrTouched) {
  const auto match = leg();
  const auto good = sealed(of(match));
  EXPECT_EQ(show(match, {}).error(), TicketRefusal::Forged);
  EXPECT_EQ(show(match, rng.bytes(256)).error(), TicketRefusal::Forged);
  EXPECT_EQ(show(match, ByteView(good).first(crypto::kTicketBytes - 1)).error(), TicketRefusal::Forged);
  for (std::size_t i = 0; i < crypto::kTicketBytes; ++i) {
    auto touched = good;
    touched[i] ^= std::byte{1};
    ASSERT_EQ(show(match, touched).error(), TicketRefusal::Forged) << i;
  }
  const auto token = crypto::seal_ticket(of(match), key, rng);
  EXPECT_EQ(show(match, token).error(), TicketRefusal::Forged) << "the key of leg tokens is not that of tickets";
  EXPECT_TRUE(show(match, good));
}

TEST_F(TicketTest, IsTooOldOrTooEarly) {
  const auto match = leg();
  auto ticket = of(match);
  ticket.expiry = UnixSeconds{kNow - 11};
  EXPECT_EQ(show(match, sealed(ticket)).error(), TicketRefusal::Expired);
  ticket.expiry = UnixSeconds{kNow + 131};
  EXPECT_EQ(show(match, sealed(ticket)).error(), TicketRefusal::TooFarAhead);
}

TEST_F(TicketTest, IsOfThisRunUnlessTheBrokerNeverHeardOfAny) {
  const auto match = leg();
  auto ticket = of(match);
  ticket.boot = wire::BootEpoch::random(rng);
  EXPECT_EQ(show(match, sealed(ticket)).error(), TicketRefusal::OtherBoot);
  ticket.boot = {};
  EXPECT_TRUE(show(match, sealed(ticket)));
  LegTokenGuard without_boot({key});
  EXPECT_EQ(without_boot.redeem(now, kUnix, match, sealed(of(match))).error(), TicketRefusal::OtherBoot)
      << "a run that has no name is none that anybody heard of";
}

TEST_F(TicketTest, OpensUnderThePredecessorOfTheKey) {
  const auto match = leg();
  const auto admission = sealed(of(match));
  guard.replace_keys({crypto::SecretKey::random(rng), key});
  EXPECT_TRUE(show(match, admission));
}

TEST_F(TicketTest, OpensUnderNoKeyThatWasTakenAway) {
  const auto match = leg();
  const auto admission = sealed(of(match));
  guard.replace_keys({crypto::SecretKey::random(rng)});
  EXPECT_EQ(show(match, admission).error(), TicketRefusal::Forged);
}

}  // namespace
}  // namespace footbridge::core
