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

}  // namespace
}  // namespace footbridge::core
