#include "core/browser/browser_proxy.hpp"

#include <gtest/gtest.h>

#include "core/browser/browser_proxy_fixture.hpp"

namespace footbridge::core {
namespace {

using BrowserProxyTest = BrowserProxyFixture;

TEST_F(BrowserProxyTest, SaysNothingUntilItIsSwitchedOn) {
  proxy.on_time(at);
  proxy.on_network_change(at);
  expect_silence();
  EXPECT_FALSE(proxy.deadline());
  EXPECT_FALSE(proxy.status().on);
}

TEST_F(BrowserProxyTest, PollsAsAWidgetThatHasNoLinksButDataChannels) {
  proxy.set_people(at, 4);
  const auto poll = read(next<BrowserProxy::Post>());
  EXPECT_EQ(poll.slots, 4U);
  EXPECT_EQ(poll.form, wire::ProxyForm::Widget);
  EXPECT_EQ(poll.capabilities & wire::kNativeLinkCapability, 0U);
  expect_silence();
}

TEST_F(BrowserProxyTest, HearsSoonThatABrokerKnowsItEachTimeItIsSwitchedOn) {
  for (int times = 0; times < 2; ++times) {
    proxy.set_people(at, 4);
    EXPECT_FALSE(proxy.status().heard);
    const auto first = next<BrowserProxy::Post>();
    EXPECT_EQ(read(first).wait, ProxyRendezvous::kFirstHold);
    at.now += ProxyRendezvous::kFirstHold;
    answer(first);
    EXPECT_TRUE(proxy.status().heard);
    EXPECT_EQ(read(next<BrowserProxy::Post>()).wait, RequestChannel::kHold);
    proxy.stop(at);
    next<BrowserProxy::Cut>();
    expect_silence();
  }
}

TEST_F(BrowserProxyTest, TellsTheBrokerWhatThePageFindsOutOfItsNetworkInPlaceOfWhatItSaidBefore) {
  using enum wire::NatBehaviour;
  proxy.set_people(at, 1);
  const auto first = next<BrowserProxy::Post>();
  EXPECT_EQ(read(first).nat, wire::Nat{}) << "the first poll waits for nothing";
  proxy.set_network(at, PageNetwork::Restricted);
  EXPECT_EQ(next<BrowserProxy::Cut>().post, first.post);
  EXPECT_EQ(read(next<BrowserProxy::Post>()).nat, (wire::Nat{AddressAndPortDependent, Unknown}));
  proxy.set_network(at, PageNetwork::Restricted);
  expect_silence();
  proxy.set_network(at, PageNetwork::Moderate);
  EXPECT_EQ(read(next<BrowserProxy::Post>()).nat, (wire::Nat{EndpointIndependent, Unknown}));
}

TEST_F(BrowserProxyTest, ClaimsNoMoreThanAPageCanFindOut) {
  using enum wire::NatBehaviour;
  EXPECT_EQ(nat_of(PageNetwork::Open), (wire::Nat{EndpointIndependent, Unknown})) << "there may be a firewall";
  EXPECT_EQ(nat_of(PageNetwork::NoUdp), wire::Nat{});
  EXPECT_EQ(nat_of(PageNetwork::Unknown), wire::Nat{});
}

TEST_F(BrowserProxyTest, CarriesAClientFromItsOfferToItsRelay) {
  proxy.set_people(at, 2);
  const auto assigned = assign(offer_with({"8.8.8.8"}));
  EXPECT_TRUE(proxy.status().heard);
  const auto parked = read(next<BrowserProxy::Post>());
  EXPECT_EQ(parked.slots, 1U);
  const auto make = next<BrowserProxy::MakeAnswer>();
  EXPECT_NE(make.offer.reveal_to_socket().find("8.8.8.8"), std::string::npos);
  proxy.on_answer_made(at, make.at, wire::Sdp("answer"));
  const auto errand = next<BrowserProxy::Post>();
  const auto said = read(errand);
  ASSERT_EQ(said.answers.size(), 1U);
  EXPECT_EQ(said.answers[0].match, assigned.match);
  answer(errand);
  expect_silence();  // no leg before the link is open
  proxy.on_link_open(at, make.at);
  const auto dial = next<BrowserProxy::DialLeg>();
  EXPECT_TRUE(dial.url.reveal_to_socket().starts_with("wss://egress.example/leg/"));
  EXPECT_EQ(proxy.status().people, 0U);
  proxy.on_leg_open(at, make.at);
  const auto outcome = read(next<BrowserProxy::Post>()).outcomes;
  ASSERT_EQ(outcome.size(), 1U);
  EXPECT_EQ(outcome[0].kind, wire::OutcomeKind::Opened);
  EXPECT_EQ(next<BrowserProxy::StartRelay>().at, make.at);
  EXPECT_EQ(proxy.status().people, 1U);
  EXPECT_EQ(proxy.record().helped, 1U);
  expect_silence();
}

TEST_F(BrowserProxyTest, HandsOnNoCandidateThatALinkMayNotUse) {
  proxy.set_people(at, 1);
  assign(offer_with({"192.168.1.1", "8.8.8.8", "127.0.0.1"}));
  next<BrowserProxy::Post>();
  const auto make = next<BrowserProxy::MakeAnswer>();
  const auto& text = make.offer.reveal_to_socket();
  EXPECT_NE(text.find("8.8.8.8"), std::string::npos);
  EXPECT_EQ(text.find("192.168.1.1"), std::string::npos);
  EXPECT_EQ(text.find(" 127.0.0.1 40000"), std::string::npos);
}

TEST_F(BrowserProxyTest, RefusesAnOfferThatIsNone) {
  proxy.set_people(at, 1);
  assign(wire::Sdp("v=0\r\nm=video\r\n"));
  auto said = read(next<BrowserProxy::Post>());
  if (said.answers.empty()) said = read(next<BrowserProxy::Post>());  // that one parks
  ASSERT_EQ(said.answers.size(), 1U);
  EXPECT_EQ(std::get<wire::AnswerFailure>(said.answers[0].result), wire::AnswerFailure::BadOffer);
}

TEST_F(BrowserProxyTest, TellsWhoIsHelpedFromWhoIsOnlyConnected) {
  proxy.set_people(at, 1);
  const auto slot = to_relaying();
  expect_silence();
  ASSERT_TRUE(proxy.deadline());
  pass(kStandbyAfter);
  proxy.on_time(at);
  EXPECT_EQ(proxy.status().standby, 1U);
  proxy.on_carried(at, slot, kHelpingBytes, 0);
  EXPECT_EQ(proxy.status().standby, 0U);
  EXPECT_EQ(proxy.status().people, 1U);
}

TEST_F(BrowserProxyTest, CountsAPersonWithTwoLinksOnce) {
  proxy.set_people(at, 1);
  const auto first = to_relaying();
  proxy.set_people(at, 2);  // asks anew
  to_relaying();
  EXPECT_EQ(proxy.status().people, 1U);
  EXPECT_EQ(proxy.record().helped_today, 1U);
  pass(kStandbyAfter);
  proxy.on_carried(at, first, kHelpingBytes, 0);
  EXPECT_EQ(proxy.status().standby, 0U) << "one of the links helps";
}

TEST_F(BrowserProxyTest, SaysHowManyAreHelpedInEachCountryAndNothingOfWhoOnlyWaits) {
  const auto iran = Country::parse("IR").value();
  proxy.set_people(at, 1);
  const auto first = to_relaying("8.8.8.8", iran);
  EXPECT_EQ(countries(), (In{{iran, 1}}));
  proxy.set_people(at, 2);
  to_relaying("8.8.8.8", iran);  // the same person
  EXPECT_EQ(countries(), (In{{iran, 1}}));
  proxy.set_people(at, 3);
  const auto unknown = to_relaying("9.9.9.9");
  EXPECT_EQ(countries(), (In{{Country{}, 1}, {iran, 1}}));
  pass(kStandbyAfter);
  proxy.on_time(at);
  EXPECT_EQ(proxy.status().standby, 2U);
  EXPECT_EQ(countries(), In{});
  proxy.on_carried(at, unknown, kHelpingBytes, 0);
  EXPECT_EQ(countries(), (In{{Country{}, 1}}));
  proxy.on_carried(at, first, kHelpingBytes, 0);
  proxy.stop(at);
  EXPECT_EQ(countries(), In{});
}

TEST_F(BrowserProxyTest, ForgetsWhoWasHelpedAfterAnHourAlsoWhenItIsSwitchedOff) {
  proxy.set_people(at, 1);
  const auto slot = to_relaying();
  proxy.stop(at);
  proxy.on_link_closed(at, slot, PipeEnd::Local);
  proxy.on_leg_closed(at, slot, PipeEnd::Local);
  ASSERT_EQ(proxy.deadline(), at.now + kReturnsWithin);
  pass(kReturnsWithin);
  proxy.on_time(at);
  EXPECT_FALSE(proxy.deadline());
}

TEST_F(BrowserProxyTest, SaysWhyNobodyCanBeHelped) {
  proxy.set_people(at, 1);
  const auto post = next<BrowserProxy::Post>();
  proxy.on_failed(at, post.post);
  EXPECT_EQ(proxy.status().trouble, "broker-silent");
  EXPECT_FALSE(proxy.status().heard);
  at.now = proxy.deadline().value();
  proxy.on_time(at);
  const auto again = next<BrowserProxy::Post>();
  read(again);
  proxy.on_answered(at, again.post,
                    broker.answer(at.wall, {.refusal = wire::Refusal::InviteNeeded, .retry_after = Millis{1000}}));
  EXPECT_EQ(proxy.status().trouble, name(wire::Refusal::InviteNeeded));
}

}  // namespace
}  // namespace footbridge::core
