// Broker and NatProbes together: who is given to a tester that probes, and what people get of it.
#include "core/rendezvous/broker_fixture.hpp"

namespace footbridge::core {
namespace {

using wire::NatBehaviour;
using wire::OutcomeKind;
using wire::Refusal;

constexpr wire::Nat kStrictPerson{NatBehaviour::AddressAndPortDependent, NatBehaviour::Unknown};

struct BrokerProbes : BrokerFixture {
  wire::InviteId operators = wire::InviteId::random(rng);
  SelfTag tester_tag = SelfTag::random(rng);
  std::vector<wire::Outcome> said;

  BrokerProbes() {
    const InviteRule tester{
        .mark = mark_of(operators), .until = UnixSeconds{count(kBrokerTestUnix) + 86'400}, .tester = true};
    broker.set_invites(now, kBrokerTestUnix, {.needed = false, .invites = {tester}});
  }
  // For a probe, or for a test.
  RequestKey tester(std::optional<NatProbe> probe) {
    auto offer = offer_of();
    offer.self_tag = tester_tag;
    offer.invite = operators;
    offer.outcomes = std::exchange(said, {});
    if (probe) offer.nat = nat_of(*probe);
    return post(offer);
  }
  RequestKey person(wire::Nat nat) {
    auto offer = offer_of();
    offer.nat = nat;
    return post(offer, rng.next_u64());
  }
  // The tester gets it, and its link comes to this.
  void probe(const Volunteer& v, NatProbe kind, OutcomeKind outcome) {
    const auto poll = post(poll_of(v));
    const auto offer = tester(kind);
    ASSERT_TRUE(answered(poll));
    const auto match = assignment(poll).match;
    answer(v, match);
    ASSERT_TRUE(answered(offer));
    said.push_back({match, outcome});
  }
  void find_strict(const Volunteer& v) {
    probe(v, NatProbe::AsStrict, OutcomeKind::LinkTimeout);
    probe(v, NatProbe::AsModerate, OutcomeKind::LinkTimeout);
    gone(tester(std::nullopt));  // says the last
  }
  void find_open(const Volunteer& v) {
    probe(v, NatProbe::AsStrict, OutcomeKind::Opened);
    gone(tester(std::nullopt));
  }
  // They have carried before there was a tester: none waits for a test.
  Volunteer one = proven();
  Volunteer other = proven();
};

TEST_F(BrokerProbes, GiveAProxyOfWhomNothingIsKnownToTheProbeThatIsDueAndToNoOther) {
  const auto poll = post(poll_of(one));
  tester(NatProbe::AsModerate);
  EXPECT_FALSE(answered(poll));
  tester(NatProbe::AsStrict);
  EXPECT_TRUE(answered(poll));
  said = {{assignment(poll).match, OutcomeKind::LinkTimeout}};
  const auto again = post(poll_of(one));
  EXPECT_FALSE(answered(again)) << "it is being probed";
  tester(std::nullopt);
  EXPECT_TRUE(answered(again)) << "the probe as moderate that waits";
}

TEST_F(BrokerProbes, LeaveAloneWhoSaysItselfWhatItIsBehind) {
  auto poll = poll_of(one);
  poll.nat = {NatBehaviour::EndpointIndependent, NatBehaviour::AddressAndPortDependent};
  const auto key = post(poll);
  tester(NatProbe::AsStrict);
  EXPECT_FALSE(answered(key));
  poll = poll_of(other);
  poll.nat = kStrictPerson;
  const auto strict = post(poll);
  tester(NatProbe::AsStrict);
  EXPECT_FALSE(answered(strict)) << "its filtering makes no difference";
}

TEST_F(BrokerProbes, FindOutTheFilteringOfAPageThatKnowsItsMappingAlone) {
  auto poll = poll_of(one);
  poll.nat = {NatBehaviour::EndpointIndependent, NatBehaviour::Unknown};
  const auto key = post(poll);
  const auto early = person(kStrictPerson);
  EXPECT_FALSE(answered(key)) << "for people it is moderate until then";
  gone(early);
  const auto offer = tester(NatProbe::AsStrict);
  ASSERT_TRUE(answered(key));
  const auto match = assignment(key).match;
  answer(one, match);
  ASSERT_TRUE(answered(offer));
  said.push_back({match, OutcomeKind::Opened});
  gone(tester(std::nullopt));
  const auto open = post(poll);
  person(kStrictPerson);
  EXPECT_TRUE(answered(open));
}

TEST_F(BrokerProbes, WaitUntilAProxyIsGivenToPeople) {
  gone(tester(std::nullopt));
  const auto key = post(poll_of(volunteer()));  // new, and held for its test
  tester(NatProbe::AsStrict);
  EXPECT_FALSE(answered(key));
  tester(std::nullopt);
  EXPECT_TRUE(answered(key));
}

TEST_F(BrokerProbes, GiveNoStrictProxyToAStrictPersonWhileAnotherWaits) {
  find_strict(one);
  find_open(other);
  const auto first = post(poll_of(one));
  const auto second = post(poll_of(other));
  person(kStrictPerson);
  EXPECT_FALSE(answered(first)) << "it has waited for longer";
  EXPECT_TRUE(answered(second));
}

TEST_F(BrokerProbes, GaveTheOneThatHasWaitedForLongestAsLongAsNothingWasFound) {
  const auto first = post(poll_of(one));
  const auto second = post(poll_of(other));
  person(kStrictPerson);
  EXPECT_TRUE(answered(first));
  EXPECT_FALSE(answered(second));
}

TEST_F(BrokerProbes, MakeAStrictPersonWaitForNobodyButAStrictProxyNoLongerThanForOneThatSaysSo) {
  find_strict(one);
  const auto poll = post(poll_of(one));
  person(kStrictPerson);
  EXPECT_FALSE(answered(poll));
  pass(Matcher::kNatPatience);
  EXPECT_TRUE(answered(poll));
}

TEST_F(BrokerProbes, KnowNothingOfAProxyThatIsElsewhere) {
  find_open(one);
  const auto at_home = post(poll_of(one));
  tester(NatProbe::AsStrict);
  EXPECT_FALSE(answered(at_home));
  const auto elsewhere = post(poll_of(one), 77);
  EXPECT_TRUE(answered(elsewhere));
}

TEST_F(BrokerProbes, HoldNothingAgainstAProxyThatNoProbeReaches) {
  find_strict(one);
  const auto earlier = post(poll_of(other));
  const auto poll = post(poll_of(one));
  person({NatBehaviour::EndpointIndependent, NatBehaviour::EndpointIndependent});
  EXPECT_TRUE(answered(poll)) << "an open person takes whom others cannot use, among those who stand as well";
  EXPECT_FALSE(answered(earlier));
  EXPECT_EQ(broker.tests().stats().failed, 0U);
}

TEST_F(BrokerProbes, ConcludeNothingFromAnAssignmentThatNobodyAnswered) {
  const auto poll = post(poll_of(one));
  tester(NatProbe::AsStrict);
  ASSERT_TRUE(answered(poll));
  pass(Broker::kAnswerTtl);
  const auto again = post(poll_of(one));
  EXPECT_TRUE(answered(again)) << "by the same offer, for the same probe";
  EXPECT_EQ(broker.probes().stats().untold, 1U);
}

TEST_F(BrokerProbes, LookToAProxyLikeAPersonWhoHasMeasured) {
  const auto probed = post(poll_of(one));
  tester(NatProbe::AsStrict);
  ASSERT_TRUE(answered(probed));
  EXPECT_EQ(assignment(probed).client_nat, kStrictPerson);
  const auto used = post(poll_of(other));
  person(kStrictPerson);
  EXPECT_EQ(assignment(probed).families, assignment(used).families);
}

TEST_F(BrokerProbes, BelieveNobodyButTheTester) {
  auto offer = offer_of();
  offer.nat = nat_of(NatProbe::AsStrict);
  const auto poll = post(poll_of(one));
  post(offer, rng.next_u64());
  ASSERT_TRUE(answered(poll)) << "an ordinary person, who says of himself what probes do";
  answer(one, assignment(poll).match);
  report(one, assignment(poll).match, OutcomeKind::LinkTimeout);
  EXPECT_EQ(broker.probes().stats().begun, 0U);
}

}  // namespace
}  // namespace footbridge::core
