#include "core/network/personal_compartment.hpp"
#include "core/rendezvous/broker_fixture.hpp"

namespace footbridge::core {
namespace {

using wire::Refusal;

// A broker of a network that asks for invites; sara's allows two installations, reza's one.
struct BrokerGuests : BrokerFixture {
  wire::InviteId sara = wire::InviteId::random(rng);
  wire::InviteId reza = wire::InviteId::random(rng);
  wire::InviteId helper = wire::InviteId::random(rng);

  void SetUp() override { tell(rules()); }
  InviteRules rules() {
    const UnixSeconds until{count(kBrokerTestUnix) + 1'000};
    return {true, {{mark_of(sara), until, 2}, {mark_of(reza), until, 1}, {mark_of(helper), until, 1'000}}};
  }
  void tell(InviteRules rules) {
    broker.set_invites(now, kBrokerTestUnix, std::move(rules));
    collect();
  }
  wire::Offer offer_with(const wire::InviteId& invite, unsigned sdps = 1) {
    auto offer = offer_of(sdps);
    offer.invite = invite;
    return offer;
  }
  wire::Poll poll_with(const Volunteer& v, const wire::InviteId& invite) {
    auto poll = poll_of(v);
    poll.invite = invite;
    return poll;
  }
  RequestKey answer_with(const Volunteer& v, const MatchId& match, const wire::InviteId& invite) {
    auto poll = poll_with(v, invite);
    poll.slots = 0;
    poll.answers.push_back({match, wire::Sdp("answer")});
    return post(poll);
  }
  // A volunteer that nobody knew, its match and its answer; true: the client got it.
  bool serve(wire::Offer offer, std::uint64_t prefix) {
    const auto v = volunteer();
    const auto poll = post(poll_with(v, helper));
    const auto asked = post(std::move(offer), prefix);
    if (answered(asked)) return gone(poll), false;
    answer_with(v, assignment(poll).match, helper);
    pass(Broker::kSettle);
    return offer_reply(asked).matches.size() == 1;
  }
};

TEST_F(BrokerGuests, MeetsNobodyWithoutAnInvite) {
  EXPECT_EQ(refusal(post(offer_of())), Refusal::InviteNeeded);
  EXPECT_EQ(refusal(post(poll_of(volunteer()))), Refusal::InviteNeeded);
  const auto offer = post(offer_with(sara));
  EXPECT_FALSE(answered(offer));
  const auto poll = post(poll_with(volunteer(), helper));
  EXPECT_EQ(poll_reply(poll).assignments.size(), 1U);
}

TEST_F(BrokerGuests, TakesNoErrandFromWhoMayNotStay) {
  const auto v = volunteer();
  const auto poll = post(poll_with(v, reza));
  post(offer_with(sara));
  auto fewer = rules();
  fewer.invites[1].revoked = true;
  tell(fewer);
  EXPECT_EQ(refusal(answer_with(v, assignment(poll).match, reza)), Refusal::InviteRevoked);
}

TEST_F(BrokerGuests, SendsParkedOnesAwayWhenTheirInviteIsRevoked) {
  const auto revoked_offer = post(offer_with(reza));
  const auto other_offer = post(offer_with(sara));
  auto fewer = rules();
  fewer.invites[1].revoked = true;
  tell(fewer);
  EXPECT_EQ(refusal(revoked_offer), Refusal::InviteRevoked);
  EXPECT_FALSE(answered(other_offer));
  gone(other_offer);
  const auto poll = post(poll_with(volunteer(), sara));
  fewer.invites[0].revoked = true;
  tell(fewer);
  EXPECT_EQ(refusal(poll), Refusal::InviteRevoked);
  EXPECT_EQ(broker.parked_polls() + broker.parked_offers(), 0U);
}

TEST_F(BrokerGuests, WritesNobodyDownWhoIsNotTakenBecauseHelpingMayBeDangerousWhereHeIs) {
  const auto risky = Country::parse("IR").value();
  broker.set_tactics({.risky_to_help = {risky}});
  auto poll = poll_with(volunteer(), reza);
  const RequesterInfo there{.prefix_hash = 77, .country = risky};
  EXPECT_EQ(refusal(post_as(there, poll)), Refusal::RiskyPlace);
  EXPECT_FALSE(broker.next_new_guest()) << "its invite has its use still";
  poll.was_warned = true;
  EXPECT_FALSE(answered(post_as(there, poll)));
  EXPECT_TRUE(broker.next_new_guest().has_value());
}

TEST_F(BrokerGuests, TellsOfEachInstallationOnce) {
  const auto offer = offer_with(reza);
  gone(post(offer));
  ASSERT_TRUE(broker.next_new_guest().has_value());
  gone(post(offer));
  EXPECT_FALSE(broker.next_new_guest());
  EXPECT_EQ(refusal(post(offer_with(reza))), Refusal::InviteUsedUp) << "another installation";
  EXPECT_EQ(broker.guests().size(), 1U);
}

// Addresses cost a censor little: as many as he likes show him no more than one does.
TEST_F(BrokerGuests, CountsMatchesByInstallationWhateverItsAddress) {
  const auto mine = offer_with(reza);
  const auto burst = Broker::kGuestMatchBurst;
  std::uint64_t prefix = 10;
  for (std::uint32_t i = 0; i < burst; ++i) {
    ASSERT_TRUE(serve(mine, ++prefix)) << i;
    pass(Broker::kUnopenedHold);
  }
  // What came back meanwhile.
  std::uint32_t more = 0;
  while (serve(mine, ++prefix)) {
    pass(Broker::kUnopenedHold);
    ASSERT_LT(++more, burst);
  }
  const auto refused = post(mine, ++prefix);
  EXPECT_EQ(refusal(refused), Refusal::Rate);
  EXPECT_GT(replies.at(refused).retry_after, Millis{0});
  EXPECT_TRUE(serve(offer_with(sara), ++prefix)) << "others are not concerned";
}

TEST_F(BrokerGuests, HoldsInstallationsToTheirBudgetsWhateverTheirAddresses) {
  const auto mine = offer_with(reza, wire::kMaxOfferSdps);
  EXPECT_FALSE(answered(post(mine, 1)));
  EXPECT_EQ(refusal(post(mine, 2)), Refusal::Rate);
  EXPECT_FALSE(answered(post(offer_with(sara), 1))) << "another person of the same network";
}

TEST_F(BrokerGuests, LetsOnlyTheInvitedAnnounceIntoACompartment) {
  const auto key = crypto::Ed25519KeyPair::random(rng);
  const auto id = compartment_of(key.public_key());
  auto poll = poll_with(volunteer(), helper);
  poll.compartments = {id};
  EXPECT_EQ(refusal(post(poll)), Refusal::InviteNeeded);
  poll.announcing = {sign_announcing(key, sara)};
  EXPECT_EQ(refusal(post(poll)), Refusal::InviteNeeded) << "the permission is somebody else's";
  poll.announcing = {sign_announcing(crypto::Ed25519KeyPair::random(rng), helper), sign_announcing(key, helper)};
  const auto parked = post(poll);
  EXPECT_FALSE(answered(parked));
  auto offer = offer_with(sara);
  EXPECT_FALSE(answered(post(offer))) << "everybody's compartment is another one";
  EXPECT_FALSE(answered(parked));
  offer = offer_with(reza);
  offer.compartment = id;
  post(offer);
  EXPECT_EQ(poll_reply(parked).assignments.size(), 1U);
}

TEST_F(BrokerGuests, AsksForPermissionAlsoWhereTheNetworkIsOpen) {
  tell({false, {}});
  const auto key = crypto::Ed25519KeyPair::random(rng);
  auto poll = poll_of(volunteer());
  EXPECT_FALSE(answered(post(poll)));
  poll.compartments = {compartment_of(key.public_key())};
  EXPECT_EQ(refusal(post(poll)), Refusal::InviteNeeded);
  poll.invite = helper;
  poll.announcing = {sign_announcing(key, helper)};
  EXPECT_FALSE(answered(post(poll)));
}

}  // namespace
}  // namespace footbridge::core
