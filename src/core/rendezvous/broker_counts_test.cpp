// What a broker counts for its operator.
#include "core/rendezvous/broker_fixture.hpp"

namespace footbridge::core {
namespace {

using wire::NatBehaviour;

struct BrokerCounts : BrokerFixture {
  RequestKey lend(wire::Nat nat, bool port_mapped = false) {
    auto poll = poll_of(volunteer());
    poll.nat = nat;
    poll.port_mapped = port_mapped;
    return post(poll);
  }
};

TEST_F(BrokerCounts, HowLongAPersonWaitedForAMatch) {
  const auto v = volunteer();
  const auto client = post(offer_of());
  pass(Seconds{3});
  const auto poll = post(poll_of(v));
  pass(Seconds{1});
  answer(v, assignment(poll).match);
  ASSERT_TRUE(answered(client));
  EXPECT_EQ(match_waits, (std::map<RequestKey, Duration>{{client, Seconds{4}}}));
}

TEST_F(BrokerCounts, OffersWithoutAMatchByWhetherSomebodyWasAsked) {
  const auto nobody = post(offer_of());
  pass(Seconds{25});
  ASSERT_EQ(refusal(nobody), wire::Refusal::NoProxy);
  EXPECT_EQ(broker.stats().offers_unmatched, 1U);
  EXPECT_EQ(broker.stats().offers_unanswered, 0U);

  post(poll_of(volunteer()));
  const auto silence = post(offer_of());
  pass(Seconds{25});
  ASSERT_EQ(refusal(silence), wire::Refusal::NoAnswer);
  EXPECT_EQ(broker.stats().offers_unmatched, 2U);
  EXPECT_EQ(broker.stats().offers_unanswered, 1U);
  EXPECT_TRUE(match_waits.empty());
}

TEST_F(BrokerCounts, WhoWaitsByTheAddressTranslationInFrontOfHim) {
  const wire::Nat strict{NatBehaviour::AddressAndPortDependent, NatBehaviour::AddressAndPortDependent};
  const wire::Nat moderate{NatBehaviour::EndpointIndependent, NatBehaviour::AddressAndPortDependent};
  const auto first = lend(strict);
  lend(strict);
  lend(moderate);
  lend(strict, /*port_mapped=*/true);
  lend({});
  EXPECT_EQ(broker.parked_polls(NatClass::Strict), 2U);
  EXPECT_EQ(broker.parked_polls(NatClass::Moderate), 1U);
  EXPECT_EQ(broker.parked_polls(NatClass::Open), 1U) << "of a forwarded port";
  EXPECT_EQ(broker.parked_polls(NatClass::Unknown), 1U);

  gone(first);
  EXPECT_EQ(broker.parked_polls(NatClass::Strict), 1U);
  pass(Seconds{25});
  for (const auto nat : {NatClass::Open, NatClass::Moderate, NatClass::Strict, NatClass::Unknown})
    EXPECT_EQ(broker.parked_polls(nat), 0U);
}

}  // namespace
}  // namespace footbridge::core
