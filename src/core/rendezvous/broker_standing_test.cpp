// Broker and ProxyQuality together: what a broker takes for a fault of a proxy, and when it tells the matcher.
#include "core/rendezvous/broker_fixture.hpp"

namespace footbridge::core {
namespace {

using wire::AnswerFailure;
using wire::OutcomeKind;

struct BrokerStandingTest : BrokerFixture {
  Volunteer v = proven();

  RequesterInfo somebody() { return {.prefix_hash = rng.next_u64()}; }
  RequesterInfo hidden() { return {.prefix_hash = rng.next_u64(), .origin = Origin::Hidden}; }
  // One client comes to the volunteer, whose link or leg then does not open.
  void fail_outcome(OutcomeKind kind, const RequesterInfo& client) {
    const auto poll = post(poll_of(v));
    const auto offer = post_as(client, offer_of());
    answer(v, assignment(poll).match);
    ASSERT_TRUE(answered(offer));
    report(v, assignment(poll).match, kind);
  }
  void fail_answer(AnswerFailure why) {
    const auto poll = post(poll_of(v));
    const auto offer = post_as(somebody(), offer_of());
    auto errand = poll_of(v, 0);
    errand.answers.push_back({assignment(poll).match, why});
    post(errand);
    gone(offer);
  }
  // How many of three clients it gets.
  std::size_t sold() {
    for (int i = 0; i < 3; ++i) post_as(somebody(), offer_of());
    const auto poll = post(poll_of(v, 3));
    return answered(poll) ? poll_reply(poll).assignments.size() : 0;
  }
};

TEST_F(BrokerStandingTest, TakesNoOffenceWhenTheOfferIsBadOrTheEgressDoesNotWantIt) {
  for (std::size_t i = 0; i < ProxyQuality::kRow; ++i) fail_answer(AnswerFailure::BadOffer);
  for (std::size_t i = 0; i < ProxyQuality::kRow; ++i) fail_answer(AnswerFailure::RelayRefused);
  EXPECT_EQ(sold(), 3U);
}

TEST_F(BrokerStandingTest, KeepsAProxyWhoseEgressWasAway) {
  for (std::size_t i = 0; i < 2 * ProxyQuality::kRow; ++i) fail_outcome(OutcomeKind::DialFailed, somebody());
  EXPECT_EQ(sold(), 3U);
}

// Or a network behind one front would lose all its volunteers to ten clients who cannot reach them.
TEST_F(BrokerStandingTest, TakesAllWhomAFrontHidesForOneNetwork) {
  for (std::size_t i = 0; i < 2 * ProxyQuality::kRow; ++i) fail_outcome(OutcomeKind::LinkTimeout, hidden());
  EXPECT_EQ(sold(), 3U);
}

TEST_F(BrokerStandingTest, GivesTheOnlyProxyOneClientAtATimeAfterTenFailuresInARow) {
  for (std::size_t i = 0; i < ProxyQuality::kRow; ++i) fail_outcome(OutcomeKind::LinkTimeout, somebody());
  EXPECT_EQ(sold(), 1U) << "who has nobody else is not left with nobody";
}

// Its link and leg opened, it says. A client with other paths avoids those, too: which of them failed has to be said.
TEST_F(BrokerStandingTest, HearsFromAClientThatHasAPathWhichOtherOneCameToNothing) {
  const auto after = [&](bool says) {
    v = volunteer();
    const auto poll = post(poll_of(v));
    auto offer = offer_of();
    offer.has_path = true;
    const auto client = somebody();
    const auto asked = post_as(client, offer);
    const auto match = assignment(poll).match;
    answer(v, match);
    EXPECT_TRUE(answered(asked));
    report(v, match, OutcomeKind::Opened);
    offer.avoid = {match};
    if (says) offer.outcomes = {{match, OutcomeKind::DialFailed}};
    gone(post_as(client, offer));
    return sold();
  };
  EXPECT_EQ(after(false), 3U);
  EXPECT_EQ(after(true), 1U);
}

// In one turn offers that come back buy the slots of a proxy of which there is news, too.
TEST_F(BrokerStandingTest, SellsASlotOnceWhenAProxyIsRestatedWhileItsSlotsAreBought) {
  std::vector<RequestKey> offers;
  const auto hand_out = [&](const Volunteer& to) {
    const auto poll = post(poll_of(to));
    offers.push_back(post_as(somebody(), offer_of()));
    ASSERT_TRUE(answered(poll));
    now += Millis{1};
  };
  hand_out(volunteer());
  hand_out(v);  // the news: this one goes unanswered
  for (int i = 0; i < 3; ++i) hand_out(volunteer());
  const auto parked = post(poll_of(v, 3));
  ASSERT_FALSE(answered(parked));
  now += Broker::kAnswerTtl;
  broker.on_deadline(now, kBrokerTestUnix);  // all five are due at once
  collect();
  ASSERT_TRUE(answered(parked));
  EXPECT_EQ(poll_reply(parked).assignments.size(), 3U);
  const auto next = post(poll_of(v, 3));
  ASSERT_TRUE(answered(next));
  EXPECT_EQ(poll_reply(next).assignments.size(), 1U) << "the fourth";
}

TEST_F(BrokerStandingTest, SellsMoreSlotsOfAWaitingProxyAtOnceWhenItHasCarried) {
  const auto fresh = volunteer();
  const auto first = post(poll_of(fresh));
  const auto served = post_as(somebody(), offer_of());
  const auto parked = post(poll_of(fresh, 3));
  const auto waiting = post_as(somebody(), offer_of());
  EXPECT_FALSE(answered(parked)) << "one client until it has carried";
  answer(fresh, assignment(first).match);
  ASSERT_TRUE(answered(served));
  report(fresh, assignment(first).match, OutcomeKind::Opened);
  EXPECT_TRUE(answered(parked));
  EXPECT_FALSE(answered(waiting));
}

}  // namespace
}  // namespace footbridge::core
