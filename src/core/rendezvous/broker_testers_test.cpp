// Broker and TestedProxies together: whom the network's tester meets, whom people get meanwhile, and what a proxy
// hears.
#include "core/network/personal_compartment.hpp"
#include "core/rendezvous/broker_fixture.hpp"

namespace footbridge::core {
namespace {

using wire::OutcomeKind;
using wire::Refusal;

constexpr UnixSeconds kEnd{count(kBrokerTestUnix) + 86'400};

struct BrokerTesters : BrokerFixture {
  wire::InviteId operators = wire::InviteId::random(rng);
  wire::InviteId friends = wire::InviteId::random(rng);
  SelfTag tester_tag = SelfTag::random(rng);
  std::vector<wire::Outcome> said;

  BrokerTesters() {
    InviteRules rules{.needed = true, .invites = {{mark_of(friends), kEnd, 1'000, false}}};
    rules.invites.push_back({.mark = mark_of(operators), .until = kEnd, .uses = 1, .revoked = false, .tester = true});
    broker.set_invites(now, kBrokerTestUnix, rules);
  }
  // Sealed, or an invite would not count.
  RequestKey lend(const Volunteer& v, std::uint32_t slots = 1) {
    auto poll = poll_of(v, slots);
    poll.invite = friends;
    return post(poll);
  }
  // Past the word that its last client is gone.
  RequestKey lend_again(const Volunteer& v) {
    const auto poll = lend(v);
    return answered(poll) && poll_reply(poll).assignments.empty() ? lend(v) : poll;
  }
  RequestKey errand(const Volunteer& v, wire::Answer answer) {
    auto poll = poll_of(v, 0);
    poll.invite = friends;
    poll.answers.push_back(std::move(answer));
    return post(poll);
  }
  RequestKey answers(const Volunteer& v, const MatchId& match) { return errand(v, {match, wire::Sdp("answer")}); }
  RequestKey person() {
    auto offer = offer_of();
    offer.invite = friends;
    return post(offer, rng.next_u64());
  }
  RequestKey tester(wire::Families families = wire::Families::V4) {
    auto offer = offer_of();
    offer.families = families;
    offer.self_tag = tester_tag;
    offer.invite = operators;
    offer.outcomes = std::exchange(said, {});
    return post(offer);
  }
  // The tester's path through it comes to this.
  void test(const Volunteer& v, OutcomeKind kind) {
    const auto offer = tester();
    const auto poll = lend(v);
    ASSERT_TRUE(answered(poll));
    const auto match = assignment(poll).match;
    answers(v, match);
    ASSERT_TRUE(answered(offer));
    said = {{match, kind}};
  }
};

TEST_F(BrokerTesters, GiveANewcomerToTheTesterFirstAndToPeopleAtOnceWhenItPassed) {
  const auto v = volunteer();
  const auto asks = tester();
  const auto poll = lend(v);
  ASSERT_TRUE(answered(poll));
  const auto waiting = person();
  answers(v, assignment(poll).match);
  ASSERT_TRUE(answered(asks));
  const auto again = lend(v);
  EXPECT_FALSE(answered(again)) << "it is being tested";
  EXPECT_FALSE(answered(waiting));
  said = {{assignment(poll).match, OutcomeKind::Opened}};
  tester();
  EXPECT_TRUE(answered(again)) << "the person has it";
}

TEST_F(BrokerTesters, NeverGiveAPersonWhoFailsTheTests) {
  const auto v = volunteer();
  test(v, OutcomeKind::LinkTimeout);
  test(v, OutcomeKind::LinkTimeout);
  const auto waiting = person();
  tester();
  const auto poll = lend(v);
  EXPECT_EQ(refusal(poll), Refusal::Unreachable);
  EXPECT_EQ(replies.at(poll).retry_after, TestedProxies::kAgainAfter);
  pass(Seconds{25});
  EXPECT_EQ(refusal(waiting), Refusal::NoProxy);
  EXPECT_EQ(broker.stats().sent_away, 1U);
}

TEST_F(BrokerTesters, TakeAnAnswerThatNeverCameForAFailure) {
  const auto v = volunteer();
  for (unsigned i = 0; i < TestedProxies::kFailures; ++i) {
    const auto asks = tester();
    ASSERT_TRUE(answered(lend_again(v)));
    pass(Broker::kAnswerTtl);
    gone(asks);
  }
  const auto poll = lend_again(v);
  ASSERT_TRUE(answered(poll));
  EXPECT_EQ(refusal(poll), Refusal::Unreachable);
}

// It knows the tester by its address, and says to it alone that it is busy.
TEST_F(BrokerTesters, KeepWhoExcusesItselfEachTimeFromPeople) {
  const auto v = volunteer();
  for (Duration waited{}; waited < 2 * TestedProxies::kPatience; waited += Seconds{20}) {
    const auto asks = tester();
    const auto poll = lend_again(v);
    ASSERT_TRUE(answered(poll));
    errand(v, {assignment(poll).match, wire::AnswerFailure::Busy});
    gone(asks);
    pass(Seconds{20});
  }
  person();
  EXPECT_FALSE(answered(lend_again(v)));
}

TEST_F(BrokerTesters, GiveWhoWaitsToPeopleWhenTheTesterIsBusyForTooLong) {
  const auto v = volunteer();
  const auto hear_again = [&] { gone(tester(wire::Families::V6)); };  // it is there, and not for this one
  hear_again();
  auto poll = lend(v);
  for (Duration left = TestedProxies::kPatience; left > Seconds{20}; left -= Seconds{20}) {
    const auto waiting = person();
    pass(Seconds{20});
    EXPECT_FALSE(answered(poll));
    gone(waiting);
    hear_again();
    poll = lend(v);
  }
  person();
  EXPECT_FALSE(answered(poll));
  pass(Seconds{20});
  EXPECT_TRUE(answered(poll));
}

TEST_F(BrokerTesters, ReleaseWhoWaitsWhenTheTesterFallsSilent) {
  gone(tester());
  pass(TestedProxies::kTesterLasts - Seconds{10});
  const auto poll = lend(volunteer());
  person();
  EXPECT_FALSE(answered(poll));
  pass(Seconds{10});
  EXPECT_TRUE(answered(poll));
}

TEST_F(BrokerTesters, BelieveNobodyElse) {
  const auto v = volunteer();
  tester();
  const auto poll = lend(v);
  auto offer = offer_of();
  offer.invite = friends;
  offer.outcomes = {{assignment(poll).match, OutcomeKind::LinkTimeout}, {assignment(poll).match, OutcomeKind::Opened}};
  post(offer, rng.next_u64());
  EXPECT_EQ(broker.tests().stats().failed + broker.tests().stats().passed, 0U);
}

TEST_F(BrokerTesters, LetTheProxysOwnWordDecideNothing) {
  const auto v = volunteer();
  tester();
  const auto poll = lend(v);
  answers(v, assignment(poll).match);
  auto report = poll_of(v, 0);
  report.invite = friends;
  report.outcomes = {{assignment(poll).match, OutcomeKind::Opened}};
  post(report);
  person();
  EXPECT_FALSE(answered(lend(v)));
}

// Who could tell would carry for the tester alone.
TEST_F(BrokerTesters, LookToAProxyLikeAnybody) {
  tester();
  const auto tested = lend(volunteer());
  broker.set_invites(now, kBrokerTestUnix, {.needed = true, .invites = {{mark_of(friends), kEnd, 1'000, false}}});
  pass(TestedProxies::kTesterLasts);
  const auto used = lend(volunteer());
  person();
  auto one = poll_reply(tested), other = poll_reply(used);
  ASSERT_EQ(one.assignments.size(), 1U);
  ASSERT_EQ(other.assignments.size(), 1U);
  for (auto* reply : {&one, &other}) {
    reply->assignments[0].match = {};
    reply->assignments[0].leg_token = Private<Bytes>(Bytes(wire::kLegTokenBytes));
  }
  EXPECT_EQ(wire::encode_response({.body = one}), wire::encode_response({.body = other}));
}

TEST_F(BrokerTesters, LeaveAGroupAlone) {
  auto v = volunteer();
  tester();
  auto poll = poll_of(v);
  poll.invite = friends;
  const auto group = crypto::Ed25519KeyPair::from(crypto::Ed25519Seed::random(rng));
  poll.compartments = {compartment_of(group.public_key())};
  poll.announcing = {sign_announcing(group, friends)};
  auto offer = offer_of();
  offer.invite = friends;
  offer.compartment = poll.compartments.front();
  const auto key = post(poll);
  post(offer, rng.next_u64());
  EXPECT_TRUE(answered(key));
}

}  // namespace
}  // namespace footbridge::core
