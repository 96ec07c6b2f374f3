// What a matcher for volunteers has to get right, step by step, in the order in which the matcher test of Psiphon's
// in-proxy goes (its own numbers): the same questions, our answers. Others there have no counterpart here:
//   14  the same network operator: we know countries, no operators; a pair in one country is made last, and the self
//       tag keeps an installation from itself (10 below)
//   16, 17  versions and media: a broker understands no capabilities, it passes them on (RDV-C1)
//   19, 21  client preferred by its place at the head of the queue, priority queue: ranks (has_path), standing
#include <functional>
#include <gtest/gtest.h>
#include <string>

#include "core/rendezvous/broker_fixture.hpp"

namespace footbridge::core {
namespace {

using wire::NatBehaviour;
using wire::OutcomeKind;
using wire::Refusal;

constexpr wire::Nat kOpen{NatBehaviour::EndpointIndependent, NatBehaviour::EndpointIndependent};
constexpr wire::Nat kModerate{NatBehaviour::EndpointIndependent, NatBehaviour::AddressAndPortDependent};
constexpr wire::Nat kStrict{NatBehaviour::AddressAndPortDependent, NatBehaviour::AddressAndPortDependent};

struct World : BrokerFixture {
  void TestBody() override {}
  std::uint64_t last_network = 100;
  RequestKey come(const wire::Poll& poll) { return post(poll); }
  // Each from a network of its own.
  RequestKey ask(wire::Offer offer) { return post(std::move(offer), ++last_network); }
  wire::Poll with_nat(wire::Poll poll, wire::Nat nat) {
    poll.nat = nat;
    return poll;
  }
  wire::Offer with_nat(wire::Offer offer, wire::Nat nat) {
    offer.nat = nat;
    return offer;
  }
  bool sold(RequestKey poll) { return answered(poll) && !poll_reply(poll).assignments.empty(); }
};

struct Step {
  const char* name;
  std::function<void(World&)> run;
};

const Step kSteps[] = {
    {"01_AnAnnouncementEndsAtItsDeadlineAndLeavesNothing",
     [](World& w) {
       const auto poll = w.come(w.poll_of(w.volunteer()));
       w.pass(Seconds{25});
       EXPECT_EQ(w.refusal(poll), Refusal::None);
       EXPECT_EQ(w.broker.parked_polls(), 0U);
     }},
    {"02_SoManyPollsOfOneNetworkAndNoMoreUntilTimeHasPassed",
     [](World& w) {
       for (std::uint32_t i = 0; i < Broker::kPollBurst; ++i) w.post(w.poll_of(w.volunteer()), 7);
       EXPECT_EQ(w.refusal(w.post(w.poll_of(w.volunteer()), 7)), Refusal::Rate);
       w.pass(Broker::kPollInterval);
       EXPECT_FALSE(w.answered(w.post(w.poll_of(w.volunteer()), 7)));
     }},
    {"03_AnOfferEndsShortlyBeforeItsDeadlineAndLeavesNothing",
     [](World& w) {
       const auto offer = w.ask(w.offer_of());
       w.pass(Seconds{25} - Matcher::kMinTimeToAnswer);
       EXPECT_EQ(w.refusal(offer), Refusal::NoProxy);
       EXPECT_EQ(w.broker.parked_offers(), 0U);
     }},
    {"04_SoManySlotsOfOneNetworkOfClientsUntilOneIsFree",
     [](World& w) {
       const auto first = w.post(w.offer_of(), 7);
       for (int i = 1; i < 4; ++i) EXPECT_FALSE(w.answered(w.post(w.offer_of(), 7)));
       EXPECT_EQ(w.refusal(w.post(w.offer_of(), 7)), Refusal::Rate);
       w.gone(first);
       EXPECT_FALSE(w.answered(w.post(w.offer_of(), 7)));
     }},
    {"05_SoManyOffersOfOneNetworkInAMoment",
     [](World& w) {
       for (std::uint32_t i = 0; i < Broker::kOfferBurst; ++i) w.gone(w.post(w.offer_of(), 7));
       const auto refused = w.post(w.offer_of(), 7);
       EXPECT_EQ(w.refusal(refused), Refusal::Rate);
       EXPECT_EQ(w.replies.at(refused).retry_after, Broker::kOfferInterval);
     }},
    {"06_AnOfferWithoutTimeForAnAnswerMeetsNobody",
     [](World& w) {
       const auto poll = w.come(w.poll_of(w.volunteer()));
       auto hasty = w.offer_of();
       hasty.wait = Matcher::kMinTimeToAnswer;
       w.ask(hasty);
       EXPECT_FALSE(w.answered(poll));
     }},
    {"07_AClientAndAVolunteerMeet",
     [](World& w) {
       const auto v = w.volunteer();
       const auto offer = w.ask(w.offer_of());
       const auto poll = w.come(w.poll_of(v));
       w.answer(v, w.assignment(poll).match, "here");
       EXPECT_EQ(w.offer_reply(offer).matches.at(0).sdp.reveal_to_socket(), "here");
     }},
    {"08_AnAnswerThatIsAFailureEndsInNoAnswer",
     [](World& w) {
       const auto v = w.volunteer();
       const auto poll = w.come(w.poll_of(v));
       const auto offer = w.ask(w.offer_of());
       w.fail(v, w.assignment(poll).match);
       w.pass(Seconds{25});
       EXPECT_EQ(w.refusal(offer), Refusal::NoAnswer);
     }},
    {"09_AnAnswerThatComesTooLateIsToldThatNobodyWaits",
     [](World& w) {
       const auto v = w.volunteer();
       const auto poll = w.come(w.poll_of(v));
       w.ask(w.offer_of());
       w.pass(Seconds{26});
       const auto late = w.answer(v, w.assignment(poll).match);
       EXPECT_EQ(w.poll_reply(late).withdrawn.size(), 1U);
     }},
    {"10_AnInstallationNeverMeetsItself",
     [](World& w) {
       const auto v = w.volunteer();
       const auto poll = w.come(w.poll_of(v));
       auto own = w.offer_of();
       own.self_tag = v.tag;
       const auto offer = w.ask(own);
       w.pass(Seconds{24});
       EXPECT_FALSE(w.sold(poll));
       EXPECT_EQ(w.refusal(offer), Refusal::SelfOnly);
     }},
    {"11_FourCompartmentsThatHaveNothingInCommonNeverMeet",
     [](World& w) {
       const wire::CompartmentId ids[] = {wire::kCommonCompartment, wire::CompartmentId::random(w.rng),
                                          wire::CompartmentId::random(w.rng), wire::CompartmentId::random(w.rng)};
       auto first = w.poll_of(w.volunteer()), second = first;
       second.proxy = ProxyId::random(w.rng);
       first.compartments = {ids[0]};
       second.compartments = {ids[1]};
       const auto a = w.come(first), b = w.come(second);
       for (const auto& id : {ids[2], ids[3]}) {
         auto offer = w.offer_of();
         offer.compartment = id;
         w.ask(offer);
       }
       EXPECT_FALSE(w.answered(a) || w.answered(b));
     }},
    {"12_OneOfSeveralCompartmentsInCommonIsEnough",
     [](World& w) {
       const auto friends = wire::CompartmentId::random(w.rng);
       auto poll = w.poll_of(w.volunteer());
       poll.compartments = {wire::CompartmentId::random(w.rng), friends};
       const auto personal = w.come(poll);
       auto offer = w.offer_of();
       offer.compartment = friends;
       w.ask(offer);
       EXPECT_TRUE(w.sold(personal));
       const auto common = w.come(w.poll_of(w.volunteer()));
       w.ask(w.offer_of());
       EXPECT_TRUE(w.sold(common));
     }},
    {"13_OneCountryIsMetLast",
     [](World& w) {
       RequesterInfo home{.prefix_hash = 7, .country = Country::parse("AA").value()}, abroad = home;
       abroad.prefix_hash = 8;
       abroad.country = Country::parse("BB").value();
       const auto near = w.post_as(home, w.poll_of(w.volunteer()));
       const auto far = w.post_as(abroad, w.poll_of(w.volunteer()));
       home.prefix_hash = 9;
       w.post_as(home, w.offer_of());
       EXPECT_TRUE(w.sold(far) && !w.sold(near));
     }},
    {"15_WhomAClientDoesNotWantItDoesNotGet",
     [](World& w) {
       const auto v = w.volunteer();
       const auto poll = w.come(w.poll_of(v));
       w.ask(w.offer_of());
       const auto match = w.assignment(poll).match;
       w.answer(v, match);
       w.report(v, match, OutcomeKind::Opened);
       const auto again = w.come(w.poll_of(v));
       auto picky = w.offer_of();
       picky.avoid = {match};
       w.ask(picky);
       EXPECT_FALSE(w.answered(again));
       w.ask(w.offer_of());
       EXPECT_TRUE(w.sold(again));
     }},
    {"18_AFittingNatWinsOverALongerWait",
     [](World& w) {
       const auto older = w.come(w.with_nat(w.poll_of(w.volunteer()), kModerate));
       const auto fitting = w.come(w.with_nat(w.poll_of(w.volunteer()), kOpen));
       w.ask(w.with_nat(w.offer_of(), kStrict));
       EXPECT_TRUE(w.sold(fitting) && !w.sold(older));
     }},
    {"19_WhoHasNobodyIsServedFirst",
     [](World& w) {
       auto rich = w.offer_of();
       rich.has_path = true;
       const auto first = w.ask(rich), second = w.ask(w.offer_of());
       const auto v = w.volunteer();
       const auto poll = w.come(w.poll_of(v));
       w.answer(v, w.assignment(poll).match);
       EXPECT_TRUE(w.answered(second) && !w.answered(first));
     }},
    {"20_StandingWinsOverAFittingNat",
     [](World& w) {
       const auto known = w.proven();
       const auto stranger = w.come(w.with_nat(w.poll_of(w.volunteer()), kModerate));
       const auto proven = w.come(w.with_nat(w.poll_of(known), kOpen));
       w.ask(w.with_nat(w.offer_of(), kModerate));
       EXPECT_TRUE(w.sold(proven) && !w.sold(stranger));
     }},
    {"22_AThousandOfEachInAnyOrderAllMeet",
     [](World& w) {
       constexpr std::uint64_t kEach = 1'000;
       std::uint64_t polls = 0, offers = 0;
       while (polls < kEach || offers < kEach) {
         const bool poll = offers == kEach || (polls < kEach && w.rng.between(0, 1) == 0);
         if (poll) {
           w.come(w.poll_of(w.volunteer()));
           ++polls;
         } else {
           w.post_as({.prefix_hash = 1'000 + offers, .origin = Origin::Hidden}, w.offer_of());
           ++offers;
         }
       }
       EXPECT_EQ(w.broker.stats().pairs, kEach);
       EXPECT_EQ(w.broker.parked_polls(), 0U);
     }},
};

struct MatchingSteps : testing::TestWithParam<Step> {};

TEST_P(MatchingSteps, Hold) {
  World world;
  GetParam().run(world);
}

INSTANTIATE_TEST_SUITE_P(Numbered, MatchingSteps, testing::ValuesIn(kSteps),
                         [](const auto& info) { return std::string(info.param.name); });

// Two clients with deadlines the wrong way round: who came first is served first, and who has no time left is told.
TEST(MatchingOrder, IsThatOfArrivalWhateverTheDeadlines) {
  World w;
  auto patient = w.offer_of(), hasty = w.offer_of();
  hasty.wait = Seconds{10};
  const auto first = w.ask(patient), second = w.ask(hasty), third = w.ask(patient);
  w.pass(Seconds{10} - Matcher::kMinTimeToAnswer);
  EXPECT_EQ(w.refusal(second), Refusal::NoProxy);
  for (const auto offer : {first, third}) {
    const auto v = w.volunteer();
    const auto poll = w.come(w.poll_of(v));
    w.answer(v, w.assignment(poll).match);
    EXPECT_TRUE(w.answered(offer));
  }
}

}  // namespace
}  // namespace footbridge::core
