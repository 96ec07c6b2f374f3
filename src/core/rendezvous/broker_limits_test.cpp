// What a broker sells once, bounds, refuses and sends away.
#include "core/rendezvous/broker_fixture.hpp"

namespace footbridge::core {
namespace {

using wire::Refusal;

struct BrokerLimitsTest : BrokerFixture {};

TEST_F(BrokerLimitsTest, HoldsNobodyLongerThanItsOwnLimit) {
  auto patient = poll_of(volunteer());
  patient.wait = Seconds{120};
  const auto poll = post(patient);
  pass(Broker::kMaxPollHold);
  EXPECT_TRUE(answered(poll));
}

TEST_F(BrokerLimitsTest, SellsASlotOnce) {
  const auto poll = post(poll_of(volunteer()));
  post(offer_of(), 1);
  post(offer_of(), 2);
  EXPECT_EQ(poll_reply(poll).assignments.size(), 1U);
}

TEST_F(BrokerLimitsTest, FillsAPollWithSeveralWaitingClients) {
  const auto one = proven();
  const auto other = proven();
  for (std::uint64_t prefix = 1; prefix <= 5; ++prefix) post(offer_of(), prefix);
  const auto poll = post(poll_of(one, 10));
  EXPECT_EQ(poll_reply(poll).assignments.size(), wire::kMaxAssignments);
  const auto again = post(poll_of(other, 10));
  EXPECT_EQ(poll_reply(again).assignments.size(), 2U);
}

TEST_F(BrokerLimitsTest, SellsNoSlotOfAProxyThatHasGone) {
  const auto poll = post(poll_of(volunteer()));
  gone(poll);
  const auto client = post(offer_of());
  pass(Seconds{25});
  EXPECT_EQ(refusal(client), Refusal::NoProxy);
  EXPECT_FALSE(answered(poll));
}

TEST_F(BrokerLimitsTest, LetsTheNewerPollOfAProxyStand) {
  const auto v = volunteer();
  const auto older = post(poll_of(v));
  const auto newer = post(poll_of(v));
  EXPECT_EQ(refusal(older), Refusal::Superseded);
  post(offer_of());
  EXPECT_EQ(poll_reply(newer).assignments.size(), 1U);
}

TEST_F(BrokerLimitsTest, LimitsTheUnopenedSlotsOfOnePrefix) {
  const auto v = volunteer();
  const auto poll = post(poll_of(v));
  const auto client = post(offer_of(4), 9);
  EXPECT_EQ(refusal(post(offer_of(), 9)), Refusal::Rate);
  EXPECT_FALSE(answered(post(offer_of(), 10))) << "another prefix is held as ever";

  answer(v, assignment(poll).match);
  ASSERT_TRUE(answered(client));  // one slot is delivered and not open, three are free again
  EXPECT_FALSE(answered(post(offer_of(3), 9)));
  EXPECT_EQ(refusal(post(offer_of(), 9)), Refusal::Rate);
  report(v, assignment(poll).match, wire::OutcomeKind::Opened);
  EXPECT_FALSE(answered(post(offer_of(), 9)));
  EXPECT_EQ(refusal(post(offer_of(), 9)), Refusal::Rate);
}

TEST_F(BrokerLimitsTest, TakesANewLimitOverForOffersToCome) {
  const auto first = post(offer_of(4), 9);
  broker.set_limits(2, 1'000);
  EXPECT_FALSE(answered(first)) << "it holds four, and keeps them";
  EXPECT_EQ(refusal(post(offer_of(), 9)), Refusal::Rate);
  gone(first);
  EXPECT_FALSE(answered(post(offer_of(2), 9)));
  EXPECT_EQ(refusal(post(offer_of(), 9)), Refusal::Rate);
  broker.set_limits(3, 1'000);
  EXPECT_FALSE(answered(post(offer_of(), 9)));
  broker.set_limits(3, 2);
  EXPECT_EQ(refusal(post(offer_of(), 10)), Refusal::Overloaded);
}

TEST_F(BrokerLimitsTest, FreesASlotOfThePrefixWhenNoOutcomeComes) {
  for (int i = 0; i < 4; ++i) {
    const auto v = volunteer();
    const auto poll = post(poll_of(v));
    post(offer_of(), 9);
    answer(v, assignment(poll).match);
  }
  EXPECT_EQ(refusal(post(offer_of(), 9)), Refusal::Rate);
  pass(Broker::kUnopenedHold - Millis{1});
  EXPECT_EQ(refusal(post(offer_of(), 9)), Refusal::Rate);
  pass(Millis{1});
  EXPECT_FALSE(answered(post(offer_of(), 9)));
}

TEST_F(BrokerLimitsTest, HoldsAFloodFromTenPrefixesToFortySlots) {
  std::size_t held = 0;
  for (int round = 0; round < 1'000; ++round) {
    const auto v = volunteer();
    const auto poll = post(poll_of(v, 3));
    post(offer_of(4), static_cast<std::uint64_t>(round % 10));
    if (answered(poll)) {
      ++held;
      answer(v, assignment(poll).match);
    } else {
      gone(poll);
    }
    pass(Millis{1});
  }
  EXPECT_LE(held, 40U);
  EXPECT_GE(held, 30U);
}

TEST_F(BrokerLimitsTest, SendsEverybodyAwayWhenItDrains) {
  const auto poll = post(poll_of(volunteer()));
  auto lonely = offer_of();
  lonely.compartment = wire::CompartmentId::random(rng);
  const auto client = post(lonely);
  broker.drain(now);
  collect();
  for (const auto key : {poll, client, post(offer_of()), post(poll_of(volunteer()))}) {
    EXPECT_EQ(refusal(key), Refusal::Draining);
    EXPECT_GE(replies.at(key).retry_after, Broker::kDrainSpreadFrom);
    EXPECT_LE(replies.at(key).retry_after, Broker::kDrainSpreadTo);
  }
  EXPECT_FALSE(broker.deadline());
}

TEST_F(BrokerLimitsTest, TakesNoMoreAnswersThanOneResponseCarries) {
  std::vector<Volunteer> volunteers;
  std::vector<RequestKey> polls;
  for (int i = 0; i < 4; ++i) {
    volunteers.push_back(volunteer());
    polls.push_back(post(poll_of(volunteers.back())));
  }
  const auto client = post(offer_of(4));
  for (std::size_t i = 0; i < 4; ++i)
    answer(volunteers[i], assignment(polls[i]).match, std::string(wire::kMaxSdpBytes, 'a'));
  ASSERT_TRUE(answered(client));
  EXPECT_EQ(offer_reply(client).matches.size(), 3U);
}

TEST_F(BrokerLimitsTest, RefusesWhatItCannotReadAndGoesOn) {
  EXPECT_EQ(refusal(post_bytes({})), Refusal::Malformed);
  EXPECT_EQ(refusal(post_bytes(Bytes(70'000))), Refusal::Malformed);
  EXPECT_EQ(refusal(post_bytes(Bytes{std::byte{8}, std::byte{2}})), Refusal::Version);
  for (int i = 0; i < 2'000; ++i) post_bytes(rng.bytes(static_cast<std::size_t>(rng.between(0, 200))));
  EXPECT_EQ(broker.parked_offers() + broker.parked_polls(), 0U);
}

}  // namespace
}  // namespace footbridge::core
