// Clients that give up, and proxies that have no slot left, or too much to say: nothing that either of them has to hear
// is lost or waits.
#include "core/rendezvous/broker_fixture.hpp"

namespace footbridge::core {
namespace {

using wire::OutcomeKind;
using wire::Refusal;

struct BrokerWithdrawals : BrokerFixture {
  // Sells nothing, and is held.
  wire::Poll full(const Volunteer& v) { return poll_of(v, 0); }
  RequesterInfo network(std::uint64_t prefix) { return {.prefix_hash = prefix}; }
  void exhaust_rate(std::uint64_t prefix) {
    for (std::uint32_t i = 0; i < Broker::kPollBurst; ++i) post(poll_of(volunteer()), prefix);
    ASSERT_EQ(refusal(post(poll_of(volunteer()), prefix)), Refusal::Rate);
  }
};

TEST_F(BrokerWithdrawals, ReachAProxyThatHasNoSlotLeftThroughThePollThatItKeeps) {
  const auto v = volunteer();
  const auto poll = post(poll_of(v));
  const auto client = post(offer_of());
  const auto kept = post(full(v));
  EXPECT_FALSE(answered(kept));
  post(offer_of(), 7);
  EXPECT_FALSE(answered(kept)) << "it sells nothing";
  gone(client);
  EXPECT_EQ(poll_reply(kept).withdrawn, std::vector<MatchId>{assignment(poll).match});
}

TEST_F(BrokerWithdrawals, EndAKeptPollQuietlyWhenItsHoldIsOver) {
  const auto kept = post(full(volunteer()));
  pass(Seconds{25} - Millis{1});
  EXPECT_FALSE(answered(kept));
  pass(Millis{1});
  EXPECT_EQ(refusal(kept), Refusal::None);
  auto impatient = full(volunteer());
  impatient.wait = Millis{0};
  EXPECT_TRUE(answered(post(impatient))) << "who does not ask to be held is not";
}

TEST_F(BrokerWithdrawals, WaitForAProxyThatIsBetweenTwoPollsAndAreToldOnce) {
  const auto v = volunteer();
  const auto poll = post(poll_of(v));
  gone(post(offer_of()));
  const auto next = post(full(v));
  EXPECT_EQ(poll_reply(next).withdrawn, std::vector<MatchId>{assignment(poll).match});
  EXPECT_FALSE(answered(post(full(v))));
}

TEST_F(BrokerWithdrawals, AreToldOnceWithALateAnswer) {
  const auto v = volunteer();
  const auto poll = post(poll_of(v));
  gone(post(offer_of()));
  EXPECT_EQ(poll_reply(answer(v, assignment(poll).match)).withdrawn, std::vector<MatchId>{assignment(poll).match});
}

TEST_F(BrokerWithdrawals, LeaveAVolunteerThatNobodyKnowsItsOneSlot) {
  const auto v = volunteer();
  post(poll_of(v));
  gone(post(offer_of()));
  post(full(v));  // hears of it
  const auto next = post(poll_of(v));
  post(offer_of(), 7);
  ASSERT_TRUE(answered(next));
  EXPECT_EQ(poll_reply(next).assignments.size(), 1U);
}

TEST_F(BrokerWithdrawals, AreForgottenWhenTheProxyHasGivenUpByItself) {
  const auto v = volunteer();
  post(poll_of(v));
  gone(post(offer_of()));
  now += OwedWithdrawals::kOwedFor;
  EXPECT_FALSE(answered(post(full(v))));
}

TEST(OwedWithdrawalsTest, HoldSoManyAndNoMore) {
  SeededRng rng{3};
  OwedWithdrawals owed;
  const TimePoint now{Seconds{1'000}};
  const auto first = ProxyId::random(rng);
  owed.add(now, first, MatchId::random(rng));
  for (std::size_t i = 1; i < OwedWithdrawals::kMaxOwed; ++i) owed.add(now, ProxyId::random(rng), MatchId::random(rng));
  EXPECT_EQ(owed.size(), OwedWithdrawals::kMaxOwed);
  const auto last = ProxyId::random(rng);
  owed.add(now, last, MatchId::random(rng));
  EXPECT_EQ(owed.size(), OwedWithdrawals::kMaxOwed);
  EXPECT_EQ(owed.proxies(), OwedWithdrawals::kMaxOwed) << "and nothing is kept of whom it has forgotten";
  EXPECT_TRUE(owed.take(now, first).empty());
  EXPECT_EQ(owed.take(now, last).size(), 1U);
}

// In a broker whose proxies do not come back nobody takes anything.
TEST(OwedWithdrawalsTest, ForgetWhatIsTooOldWhenTheNextComes) {
  SeededRng rng{3};
  OwedWithdrawals owed;
  const TimePoint now{Seconds{1'000}};
  const auto last = MatchId::random(rng);
  const auto proxy = ProxyId::random(rng);
  for (int i = 0; i < 10; ++i) owed.add(now, ProxyId::random(rng), MatchId::random(rng));
  owed.add(now + OwedWithdrawals::kOwedFor - Millis{1}, proxy, MatchId::random(rng));
  EXPECT_EQ(owed.size(), 11U);
  owed.add(now + OwedWithdrawals::kOwedFor, proxy, last);
  EXPECT_EQ(owed.size(), 2U);
  EXPECT_EQ(owed.proxies(), 1U);
  EXPECT_EQ(owed.take(now + 2 * OwedWithdrawals::kOwedFor - Millis{1}, proxy), std::vector<MatchId>{last});
}

TEST_F(BrokerWithdrawals, TakeAnAnswerThatIsWaitedForFromANetworkThatHasPolledTooOften) {
  const auto v = volunteer();
  const auto poll = post(poll_of(v), 9);
  const auto client = post(offer_of());
  const auto match = assignment(poll).match;
  exhaust_rate(9);
  auto errand = poll_of(v, 0);
  errand.answers.push_back({match, wire::Sdp("answer")});
  auto thief = errand;
  thief.proxy = ProxyId::random(rng);
  EXPECT_EQ(refusal(post(thief, 9)), Refusal::Rate) << "nobody waits for an answer of his";
  EXPECT_EQ(refusal(post(errand, 9)), Refusal::None);
  EXPECT_TRUE(answered(client));
  EXPECT_EQ(refusal(post(errand, 9)), Refusal::Rate) << "each answer once";
  auto outcome = poll_of(v, 0);
  outcome.outcomes.push_back({match, OutcomeKind::Opened});
  EXPECT_EQ(refusal(post(outcome, 9)), Refusal::None);
  EXPECT_EQ(broker.stats().links_opened, 1U);
  EXPECT_EQ(refusal(post(outcome, 9)), Refusal::Rate);
}

// What a proxy has been told once it is not told again: so it must not be told in a refusal, which says nothing else.
TEST_F(BrokerWithdrawals, AreNotLostInARefusal) {
  const auto v = volunteer();
  const auto poll = post(poll_of(v), 9);
  gone(post(offer_of()));
  exhaust_rate(9);
  EXPECT_EQ(refusal(post(full(v), 9)), Refusal::Rate);
  pass(Seconds{1});
  EXPECT_EQ(poll_reply(post(full(v), 9)).withdrawn, std::vector<MatchId>{assignment(poll).match});
}

TEST_F(BrokerWithdrawals, AreNoReasonToHoldPollsWithoutSlotsInABrokerThatIsNearlyFull) {
  config.max_parked = 10;
  Broker small(config, rng);
  const auto ask = [&](const wire::Poll& poll) {
    small.on_request(now, kBrokerTestUnix, next_key++, wire::encode_request({.body = poll}, rng),
                     {.prefix_hash = rng.next_u64()});
    const auto reply = small.poll();
    return reply ? wire::parse_response(reply->body)->refusal : Refusal::None;
  };
  for (int i = 0; i < 9; ++i) EXPECT_EQ(ask(full(volunteer())), Refusal::None);
  EXPECT_EQ(ask(full(volunteer())), Refusal::Overloaded);
}

// A poll that sells nothing makes no room for anybody, so it is not held where volunteers are scarce, either.
TEST_F(BrokerWithdrawals, AreNoReasonToHoldThemWhereVolunteersAreScarce) {
  broker.set_limits(config.slots_per_prefix, 10);
  auto lonely = offer_of();
  lonely.compartment = wire::CompartmentId::random(rng);
  for (int i = 0; i < 9; ++i) EXPECT_FALSE(answered(post(lonely, rng.next_u64())));
  const auto kept = post(full(volunteer()));
  ASSERT_TRUE(answered(kept));
  EXPECT_EQ(refusal(kept), Refusal::Overloaded);
  EXPECT_FALSE(answered(post(poll_of(volunteer())))) << "one with a slot is what is scarce";
}

struct BrokerComplaints : BrokerFixture {
  Volunteer v = volunteer();
  RequesterInfo client{.prefix_hash = 77};

  // A client of the volunteer's, whose link is open as the volunteer says.
  MatchId opened() {
    const auto poll = post(poll_of(v));
    const auto asked = post_as(client, offer_of());
    const auto match = assignment(poll).match;
    answer(v, match);
    EXPECT_TRUE(answered(asked));
    report(v, match, OutcomeKind::Opened);
    return match;
  }
  void ask_again(const MatchId& match, bool has_path) {
    auto again = offer_of();
    again.avoid = {match};
    again.has_path = has_path;
    gone(post_as(client, again));
  }
  // Of two volunteers that wait: is ours chosen before one that nobody knows?
  bool preferred() {
    const auto other = post(poll_of(volunteer()));
    auto mine = post(poll_of(v));
    if (answered(mine)) mine = post(poll_of(v));  // it has heard that the client of the last time has gone
    const auto asked = post_as({.prefix_hash = rng.next_u64()}, offer_of());
    const bool chosen = answered(mine);
    gone(asked);
    gone(mine);
    gone(other);
    return chosen;
  }
};

TEST_F(BrokerComplaints, OfAClientThatHasNobodyAreBelievedMoreThanTheProxy) {
  const auto match = opened();
  EXPECT_TRUE(preferred());
  ask_again(match, true);
  EXPECT_TRUE(preferred()) << "he avoids whom he has";
  ask_again(match, false);
  EXPECT_FALSE(preferred());
}

TEST_F(BrokerComplaints, CountWhenTheyComeBeforeTheProxySaysThatAllIsWell) {
  const auto poll = post(poll_of(v));
  post_as(client, offer_of());
  const auto match = assignment(poll).match;
  answer(v, match);
  ask_again(match, false);
  report(v, match, OutcomeKind::Opened);
  EXPECT_FALSE(preferred());
}

TEST_F(BrokerComplaints, ComeWithinAMinuteOrNotAtAll) {
  const auto match = opened();
  now += MatchTable::kComplaintsFor;
  ask_again(match, false);
  EXPECT_TRUE(preferred()) << "a path that was good has ended";
}

TEST_F(BrokerComplaints, CountOnceForEachMatch) {
  const auto good = opened();
  now += MatchTable::kComplaintsFor;
  const auto match = opened();
  opened();
  opened();
  for (int i = 0; i < 5; ++i) {
    client.prefix_hash = rng.next_u64();
    ask_again(match, false);
  }
  EXPECT_TRUE(preferred()) << "one of four";
  ask_again(good, false);
  EXPECT_TRUE(preferred());
}

}  // namespace
}  // namespace footbridge::core
