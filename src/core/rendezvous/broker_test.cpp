#include "core/rendezvous/broker.hpp"

#include <set>

#include "core/rendezvous/broker_fixture.hpp"
#include "crypto/leg_token.hpp"

namespace footbridge::core {
namespace {

using wire::Refusal;

struct BrokerTest : BrokerFixture {};

TEST_F(BrokerTest, BringsAClientAndAProxyTogether) {
  const auto v = volunteer();
  const auto poll = post(poll_of(v));
  EXPECT_FALSE(answered(poll));
  const auto client = post(offer_of());
  EXPECT_FALSE(answered(client));
  const auto& assigned = assignment(poll);
  EXPECT_EQ(assigned.sdp, wire::Sdp("offer 0"));
  EXPECT_EQ(assigned.relay_url, Private<std::string>("wss://egress.example/leg"));
  EXPECT_EQ(assigned.answer_within, Millis{10'000});
  const std::vector<crypto::SecretKey> keys{leg_key};
  const auto token = crypto::open_leg_token(assigned.leg_token.reveal_to_socket(), keys, kBrokerTestUnix);
  ASSERT_TRUE(token);
  EXPECT_EQ(token->match, assigned.match);
  EXPECT_EQ(token->shard, 77);

  const auto errand = answer(v, assigned.match, "my answer");
  EXPECT_TRUE(answered(errand)) << "an errand is never held";
  EXPECT_TRUE(poll_reply(errand).withdrawn.empty());
  const auto& match = offer_reply(client).matches.at(0);
  EXPECT_EQ(match.match, assigned.match);
  EXPECT_EQ(match.sdp, wire::Sdp("my answer"));
  EXPECT_EQ(match.egress, egress);
  EXPECT_EQ(broker.parked_offers() + broker.parked_polls(), 0U);
}

TEST_F(BrokerTest, TellsEachEndWhatTheOtherCanDoAndUnderstandsNoneOfIt) {
  const auto v = volunteer();
  auto able = poll_of(v);
  able.capabilities = 0x8000'0000'0000'0001;
  auto wanting = offer_of();
  wanting.capabilities = 0x4000'0000'0000'0003;
  const auto poll = post(able);
  const auto client = post(wanting);
  EXPECT_EQ(assignment(poll).client_capabilities, wanting.capabilities);
  // The poll that carries the answer may say something else: what was said when the match was made counts.
  answer(v, assignment(poll).match);
  EXPECT_EQ(offer_reply(client).matches.at(0).proxy_capabilities, able.capabilities);
}

TEST_F(BrokerTest, HoldsAClientUntilAProxyComes) {
  const auto client = post(offer_of());
  pass(Seconds{20});
  EXPECT_FALSE(answered(client));
  const auto poll = post(poll_of(volunteer()));
  EXPECT_EQ(poll_reply(poll).assignments.size(), 1U);
}

TEST_F(BrokerTest, TellsAClientThatNobodyCame) {
  const auto client = post(offer_of());
  pass(Seconds{25});
  EXPECT_EQ(refusal(client), Refusal::NoProxy);
  EXPECT_EQ(replies.at(client).retry_after, Broker::kRetryNoProxy);
  EXPECT_FALSE(broker.deadline());
}

TEST_F(BrokerTest, TellsAClientThatOnlyItsOwnProxyIsThere) {
  const auto v = volunteer();
  post(poll_of(v));
  auto mine = offer_of();
  mine.self_tag = v.tag;
  const auto client = post(mine);
  pass(Seconds{25});
  EXPECT_EQ(refusal(client), Refusal::SelfOnly);
}

TEST_F(BrokerTest, EndsAPollQuietlyAfterTheHoldItAskedFor) {
  auto impatient = poll_of(volunteer());
  impatient.wait = Seconds{10};
  const auto poll = post(impatient);
  pass(Seconds{10} - Millis{1});
  EXPECT_FALSE(answered(poll));
  pass(Millis{1});
  EXPECT_EQ(refusal(poll), Refusal::None);
  EXPECT_TRUE(poll_reply(poll).assignments.empty());
}

TEST_F(BrokerTest, GivesAnUnansweredClientToAnotherProxy) {
  const auto silent = volunteer();
  const auto first = post(poll_of(silent));
  const auto client = post(offer_of());
  const auto second = post(poll_of(volunteer()));
  EXPECT_FALSE(answered(second));
  pass(Broker::kAnswerTtl - Millis{1});
  EXPECT_FALSE(answered(second));
  pass(Millis{1});
  EXPECT_EQ(poll_reply(second).assignments.size(), 1U);
  EXPECT_NE(assignment(second).match, assignment(first).match);
  EXPECT_FALSE(answered(client));

  const auto late = answer(silent, assignment(first).match);
  EXPECT_EQ(poll_reply(late).withdrawn, std::vector<MatchId>{assignment(first).match});
  EXPECT_FALSE(answered(client)) << "a late answer reaches nobody";
}

TEST_F(BrokerTest, GivesAClientWhoseProxyFailedToAnotherAtOnce) {
  const auto v = volunteer();
  const auto first = post(poll_of(v));
  const auto client = post(offer_of());
  const auto second = post(poll_of(volunteer()));
  fail(v, assignment(first).match);
  EXPECT_EQ(poll_reply(second).assignments.size(), 1U);
  EXPECT_FALSE(answered(client));
}

TEST_F(BrokerTest, TakesAnAnswerOnlyFromTheProxyThatWasAsked) {
  const auto poll = post(poll_of(volunteer()));
  const auto client = post(offer_of());
  const auto thief = answer(volunteer(), assignment(poll).match);
  EXPECT_EQ(poll_reply(thief).withdrawn.size(), 1U);
  EXPECT_FALSE(answered(client));
}

TEST_F(BrokerTest, GivesEachSdpOfAnOfferToAnotherProxy) {
  std::vector<Volunteer> volunteers;
  std::vector<RequestKey> polls;
  for (int i = 0; i < 4; ++i) {
    volunteers.push_back(volunteer());
    polls.push_back(post(poll_of(volunteers.back(), 10)));
  }
  const auto client = post(offer_of(4));
  std::set<std::string> sdps;
  for (std::size_t i = 0; i < 4; ++i) {
    sdps.insert(assignment(polls[i]).sdp.reveal_to_socket());
    EXPECT_FALSE(answered(client));
    answer(volunteers[i], assignment(polls[i]).match);
  }
  EXPECT_EQ(sdps.size(), 4U);
  EXPECT_EQ(offer_reply(client).matches.size(), 4U);
}

TEST_F(BrokerTest, WaitsForSiblingsOfTheFirstAnswerOnlyAMoment) {
  const auto quick = volunteer();
  const auto slow = volunteer();
  const auto first = post(poll_of(quick));
  const auto second = post(poll_of(slow));
  const auto client = post(offer_of(2));
  answer(quick, assignment(first).match);
  pass(Broker::kSettle - Millis{1});
  EXPECT_FALSE(answered(client));
  pass(Millis{1});
  EXPECT_EQ(offer_reply(client).matches.size(), 1U);
  EXPECT_EQ(poll_reply(answer(slow, assignment(second).match)).withdrawn.size(), 1U);
}

TEST_F(BrokerTest, DoesNotWaitForProxiesThatNeverCame) {
  const auto v = volunteer();
  const auto poll = post(poll_of(v));
  const auto client = post(offer_of(4));
  answer(v, assignment(poll).match);
  EXPECT_TRUE(answered(client));
}

TEST_F(BrokerTest, TellsAProxyAtOnceThatItsClientHasGone) {
  const auto v = volunteer();
  const auto first = post(poll_of(v, 2));
  const auto client = post(offer_of());
  const auto parked = post(poll_of(v, 1));
  EXPECT_FALSE(answered(parked));
  gone(client);
  EXPECT_EQ(poll_reply(parked).withdrawn, std::vector<MatchId>{assignment(first).match});
  EXPECT_FALSE(answered(client));
}

TEST_F(BrokerTest, AvoidsTheProxyOfAnEarlierMatch) {
  const auto v = volunteer();
  const auto first = post(poll_of(v));
  const auto client = post(offer_of());
  answer(v, assignment(first).match);
  ASSERT_TRUE(answered(client));
  report(v, assignment(first).match, wire::OutcomeKind::Opened);
  const auto again = post(poll_of(v));
  auto more = offer_of();
  more.avoid = {assignment(first).match};
  post(more);
  EXPECT_FALSE(answered(again));
  post(offer_of());
  EXPECT_TRUE(answered(again));
}

TEST_F(BrokerTest, ChoosesTheEgressTheClientAsksForOrRefuses) {
  auto known = offer_of();
  known.egress = egress;
  EXPECT_FALSE(answered(post(known)));
  auto unknown = offer_of();
  unknown.egress = wire::EgressId::random(rng);
  EXPECT_EQ(refusal(post(unknown)), Refusal::EgressGone);
}

// Three proxies answer one offer with SDPs that together would break the response's bound.
TEST_F(BrokerTest, TakesAForwardedPortForAnOpenNat) {
  auto poll = poll_of(volunteer());
  poll.nat = {wire::NatBehaviour::AddressAndPortDependent, wire::NatBehaviour::AddressAndPortDependent};
  poll.port_mapped = true;
  const auto parked = post(poll);
  auto offer = offer_of();
  offer.nat = poll.nat;
  post(offer);
  EXPECT_TRUE(answered(parked)) << "two strict ends are not kept apart";
}

}  // namespace
}  // namespace footbridge::core
