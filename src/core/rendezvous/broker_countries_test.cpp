// Tactics of a directory that name countries, which a broker alone knows.
#include <gtest/gtest.h>

#include "core/rendezvous/broker_fixture.hpp"

namespace footbridge::core {
namespace {

struct BrokerCountries : BrokerFixture {
  const Country iran = Country::parse("IR").value(), elsewhere = Country::parse("DE").value();
  std::uint64_t networks = 100;

  RequesterInfo in(Country country) { return {.prefix_hash = ++networks, .country = country}; }
  RequestKey poll_from(Country country, wire::ProxyForm form = wire::ProxyForm::Daemon) {
    auto poll = poll_of(volunteer());
    poll.capabilities = wire::kNativeLinkCapability;
    poll.form = form;
    return post_as(in(country), std::move(poll));
  }
  RequestKey offer_from(Country country) {
    auto offer = offer_of();
    offer.capabilities = wire::kNativeLinkCapability;
    return post_as(in(country), std::move(offer));
  }
  struct Told {
    std::uint64_t volunteer;  // of the client
    std::uint64_t client;     // of the volunteer
    friend bool operator==(const Told&, const Told&) = default;
  };
  // What the ends of a match hear that the other one can do.
  Told capabilities_between(Country volunteers, Country clients) {
    auto poll = poll_of(volunteer());
    poll.capabilities = wire::kNativeLinkCapability;
    const Volunteer who{poll.proxy, poll.self_tag};
    const auto polled = post_as(in(volunteers), poll);
    const auto offered = offer_from(clients);
    const auto given = assignment(polled);
    answer(who, given.match);
    return {given.client_capabilities, offer_reply(offered).matches.at(0).proxy_capabilities};
  }
};

TEST_F(BrokerCountries, NeitherEndHearsThatTheOtherMakesNativeLinksWhereOneIsInACountryThatShallNotSeeThem) {
  const Told both{wire::kNativeLinkCapability, wire::kNativeLinkCapability}, none{0, 0};
  EXPECT_EQ(capabilities_between(elsewhere, iran), both);
  broker.set_tactics({.native_links_off = {iran}});
  EXPECT_EQ(capabilities_between(elsewhere, iran), none);
  EXPECT_EQ(capabilities_between(iran, elsewhere), none);
  EXPECT_EQ(capabilities_between(elsewhere, elsewhere), both);
}

TEST_F(BrokerCountries, ClientsOfACountryThatLooksAtDtlsGetBrowsersWhileThereAreSome) {
  constexpr int kEach = 4;
  broker.set_tactics({.dtls_sensitive = {iran}});
  std::vector<RequestKey> daemons, browsers;
  for (int i = 0; i < kEach; ++i) {
    daemons.push_back(poll_from(elsewhere));
    browsers.push_back(poll_from(elsewhere, wire::ProxyForm::Widget));
  }
  for (int i = 0; i < kEach; ++i) offer_from(iran);
  for (const auto key : browsers) EXPECT_TRUE(answered(key));
  for (const auto key : daemons) EXPECT_FALSE(answered(key));
}

// Volunteers' polls, of a place that the directory calls risky.
struct RiskyPlaces : BrokerCountries {
  RiskyPlaces() { broker.set_tactics({.risky_to_help = {iran}}); }
  wire::Poll poll(bool was_warned) {
    auto out = poll_of(volunteer());
    out.was_warned = was_warned;
    return out;
  }
  bool refused(RequestKey key) {
    return answered(key) && refusal(key) == wire::Refusal::RiskyPlace &&
           replies.at(key).retry_after == Millis{Broker::kRetryRisky};
  }
};

TEST_F(RiskyPlaces, SendNobodyToAVolunteerThatWasNotWarned) {
  EXPECT_TRUE(refused(post_as(in(iran), poll(false))));
  EXPECT_EQ(broker.parked_polls(), 0U);
  const auto warned = post_as(in(iran), poll(true));
  EXPECT_FALSE(answered(warned)) << "it waits for people, as its person wants to";
  offer_from(elsewhere);
  EXPECT_TRUE(answered(warned));
}

TEST_F(RiskyPlaces, AreNotWhereTheBrokerDoesNotKnowTheCountry) {
  EXPECT_FALSE(answered(post_as(in(elsewhere), poll(false))));
  EXPECT_FALSE(answered(post_as(in(Country{}), poll(false))));
  EXPECT_FALSE(answered(post_as({.origin = Origin::Hidden}, poll(false)))) << "a front hides it";
  broker.set_tactics({});
  EXPECT_FALSE(answered(post_as(in(iran), poll(false))));
}

TEST_F(RiskyPlaces, LetAVolunteerFinishWhatItBegan) {
  broker.set_tactics({});
  auto first = poll(false);
  const auto polled = post_as(in(iran), first);
  const auto offered = offer_from(elsewhere);
  const auto match = assignment(polled).match;
  broker.set_tactics({.risky_to_help = {iran}});
  auto errand = first;
  errand.slots = 0;
  errand.answers.push_back({match, wire::Sdp("answer")});
  EXPECT_EQ(refusal(post_as(in(iran), errand)), wire::Refusal::None);
  EXPECT_TRUE(answered(offered));
  errand.answers.clear();
  errand.wait = Millis{0};
  EXPECT_EQ(refusal(post_as(in(iran), errand)), wire::Refusal::None) << "it asks for nobody";
  errand.wait = Seconds{25};
  EXPECT_TRUE(refused(post_as(in(iran), errand))) << "its place in the slices is for who takes people";
}

TEST_F(BrokerCountries, AVolunteerHearsWithTheMatchWhereItsClientIs) {
  for (const auto country : {iran, Country{}}) {
    const auto polled = poll_from(elsewhere);
    offer_from(country);
    EXPECT_EQ(assignment(polled).client_country, country);
  }
}

}  // namespace
}  // namespace footbridge::core
