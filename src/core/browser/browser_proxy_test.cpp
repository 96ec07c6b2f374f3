#include "core/browser/browser_proxy.hpp"

#include <algorithm>
#include <deque>
#include <gtest/gtest.h>

#include "core/browser/browser_broker.hpp"
#include "core/path/leaving_note.hpp"

namespace footbridge::core {
namespace {

struct BrowserProxyTest : testing::Test {
  SeededRng rng{3};
  Moment at{TimePoint{Seconds{1'000}}, UnixSeconds{1'800'001'000}};
  BrowserBroker broker{UnixSeconds{1'800'000'000}};
  BrowserProxy proxy{config(), rng};

  BrowserProxyConfig config() {
    return {.relays = {"wss://egress.example/leg"},
            .seals = {broker.way(UnixSeconds{0}, UnixSeconds{1'900'000'000})},
            .key = crypto::X25519KeyPair::random(rng),
            .self_tag = SelfTag::random(rng)};
  }
  std::deque<BrowserProxy::Command> commands;  // not yet looked at
  Bytes kept;

  // The oldest of this kind, taken out.
  template <class Command>
  Command next() {
    collect();
    const auto found = std::ranges::find_if(commands, [](const auto& c) { return std::holds_alternative<Command>(c); });
    EXPECT_NE(found, commands.end());
    if (found == commands.end()) return {};
    auto command = std::get<Command>(std::move(*found));
    commands.erase(found);
    return command;
  }
  void collect() {
    while (auto command = proxy.poll()) {
      if (auto* keep = std::get_if<BrowserProxy::Keep>(&*command))
        kept = std::move(keep->record);
      else
        commands.push_back(std::move(*command));
    }
  }
  void expect_silence() {
    collect();
    EXPECT_TRUE(commands.empty());
  }
  using In = std::vector<HelpedNow::In>;
  In countries() const {
    std::array<HelpedNow::In, HelpedNow::kMost> room;
    const auto list = proxy.status().helped.by_country(room);
    return {list.begin(), list.end()};
  }
  wire::Poll read(const BrowserProxy::Post& post) { return broker.read(at.wall, post.bytes).value(); }
  void answer(const BrowserProxy::Post& post, wire::PollReply reply = {}) {
    proxy.on_answered(at, post.post, broker.answer(at.wall, {.body = std::move(reply)}));
  }
  void pass(Seconds by) {
    at.now += by;
    at.wall = UnixSeconds{count(at.wall) + static_cast<std::uint64_t>(by.count())};
  }
  // A parked poll is answered with this client; the next one is parked.
  wire::Assignment assign(wire::Sdp offer, Country country = {}) {
    const auto post = next<BrowserProxy::Post>();
    read(post);
    auto assigned = broker.assignment(std::move(offer));
    assigned.client_country = country;
    pass(Seconds{5});
    answer(post, {.assignments = {assigned}});
    return assigned;
  }
  SlotRef to_relaying(const std::string& address = "8.8.8.8", Country country = {}) {
    assign(offer_with({address}), country);
    next<BrowserProxy::Post>();  // parked again
    const auto make = next<BrowserProxy::MakeAnswer>();
    proxy.on_answer_made(at, make.at, wire::Sdp("answer"));
    const auto errand = next<BrowserProxy::Post>();
    read(errand);
    answer(errand);
    proxy.on_link_open(at, make.at);
    next<BrowserProxy::DialLeg>();
    proxy.on_leg_open(at, make.at);
    const auto report = next<BrowserProxy::Post>();
    read(report);
    next<BrowserProxy::StartRelay>();
    answer(report);
    return make.at;
  }
};

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

TEST_F(BrowserProxyTest, LetsEverybodyGoWhenTheAllowanceIsUsedUp) {
  at.local = civil_time(at.wall, 0);
  proxy.set_limits(at, {.hours = {}, .bytes_per_day = 50'000'000});
  proxy.set_people(at, 2);
  const auto slot = to_relaying();
  collect();
  proxy.on_carried(at, slot, 20'000'000, 29'999'999);
  EXPECT_EQ(proxy.status().limits.pause, Pause::None);
  expect_silence();
  proxy.on_carried(at, slot, 20'000'000, 30'000'000);
  EXPECT_EQ(proxy.status().limits.pause, Pause::DayUsed);
  EXPECT_TRUE(proxy.status().on);
  next<BrowserProxy::SendOnLink>();
  next<BrowserProxy::Cut>();
  pass(kLimitDrain - Seconds(1));
  proxy.on_time(at);
  EXPECT_EQ(proxy.status().people, 1U);
  pass(Seconds(1));
  proxy.on_time(at);
  EXPECT_EQ(next<BrowserProxy::CloseLink>().at, slot);
  EXPECT_EQ(proxy.status().people, 0U);
  proxy.on_link_closed(at, slot, PipeEnd::Local);
  proxy.on_leg_closed(at, slot, PipeEnd::Local);
  proxy.stop(at);
  collect();
  EXPECT_EQ(parse_record(kept)->day.bytes, 50'000'000U) << "the last ones, too";
}

TEST_F(BrowserProxyTest, EndsEverybodyWhoOverrunsTheAllowance) {
  proxy.set_limits(at, {.hours = {}, .bytes_per_day = 50'000'000});
  proxy.set_people(at, 1);
  const auto slot = to_relaying();
  collect();
  proxy.on_carried(at, slot, 0, 50'500'000);
  EXPECT_EQ(next<BrowserProxy::CloseLink>().at, slot);
  EXPECT_EQ(proxy.status().people, 0U);
}

TEST_F(BrowserProxyTest, ComesBackByItselfWhenItsHoursBegin) {
  at.local = civil_time(UnixSeconds{24 * 3600 * 20'000ULL + 3600}, 0);
  proxy.set_limits(at, {.hours = WeekHours({{.days = 127, .from = 61, .until = 120}})});
  proxy.set_people(at, 1);
  expect_silence();
  EXPECT_EQ(proxy.status().limits.pause, Pause::Hours);
  ASSERT_EQ(proxy.deadline(), at.now + Seconds(60));
  pass(Seconds(60));
  at.local.seconds += 60;
  proxy.on_time(at);
  EXPECT_EQ(proxy.status().limits.pause, Pause::None);
  next<BrowserProxy::Post>();
}

TEST_F(BrowserProxyTest, EndsEverythingWhenItIsSwitchedOff) {
  proxy.set_people(at, 1);
  const auto slot = to_relaying();
  expect_silence();
  proxy.stop(at);
  bool link = false, leg = false, cut = false;
  collect();
  for (const auto& command : commands) {
    link |= std::holds_alternative<BrowserProxy::CloseLink>(command);
    leg |= std::holds_alternative<BrowserProxy::CloseLeg>(command);
    cut |= std::holds_alternative<BrowserProxy::Cut>(command);
  }
  EXPECT_TRUE(link && leg && cut);
  proxy.on_link_closed(at, slot, PipeEnd::Local);
  proxy.on_leg_closed(at, slot, PipeEnd::Local);
  EXPECT_EQ(proxy.status().people, 0U);
  EXPECT_FALSE(proxy.status().on);
}

TEST_F(BrowserProxyTest, SaysOnceThatItStopsAndAsksNobodyAnyMoreWhateverComesOfThat) {
  proxy.set_people(at, 1);
  assign(offer_with({"8.8.8.8"}));
  next<BrowserProxy::MakeAnswer>();
  commands.clear();
  proxy.stop(at);
  const auto last = next<BrowserProxy::Post>();
  EXPECT_EQ(read(last).answers.size(), 1U);
  commands.clear();
  proxy.on_failed(at, last.post);
  for (int i = 0; i < 10 && proxy.deadline(); ++i) {
    at.now = *proxy.deadline();
    proxy.on_time(at);
  }
  expect_silence();
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

TEST_F(BrowserProxyTest, TellsAClientThatHasToGoBeforeItIsGone) {
  proxy.set_people(at, 1);
  const auto slot = to_relaying();
  expect_silence();
  proxy.set_people(at, 0);
  bool told = false;
  collect();
  for (const auto& command : commands) {
    const auto* note = std::get_if<BrowserProxy::SendOnLink>(&command);
    told |= note != nullptr && note->at == slot && note->message.size() <= kMaxLeavingNoteBytes;
    EXPECT_FALSE(std::holds_alternative<BrowserProxy::CloseLink>(command));
  }
  EXPECT_TRUE(told);
}

TEST_F(BrowserProxyTest, AsksNobodyAnyMoreWhereHelpingIsRiskyUntilItsPersonDecides) {
  const auto refuse = [&] {
    const auto post = next<BrowserProxy::Post>();
    EXPECT_FALSE(read(post).was_warned);
    proxy.on_answered(at, post.post,
                      broker.answer(at.wall, {.refusal = wire::Refusal::RiskyPlace, .retry_after = Seconds{3600}}));
    EXPECT_EQ(proxy.status().trouble, "risky-place");
  };
  proxy.set_people(at, 1);
  refuse();
  pass(Seconds{7'200});
  proxy.on_time(at);
  proxy.on_network_change(at);
  expect_silence();
  EXPECT_EQ(proxy.status().trouble, "risky-place");
  proxy.set_people(at, 0);
  proxy.set_people(at, 1);  // another place, perhaps
  EXPECT_EQ(proxy.status().trouble, "");
  refuse();
  proxy.stop(at);
  expect_silence();

  auto decided = config();
  decided.was_warned = true;
  BrowserProxy again(std::move(decided), rng);
  again.set_people(at, 1);
  EXPECT_TRUE(read(std::get<BrowserProxy::Post>(again.poll().value())).was_warned);
}

TEST_F(BrowserProxyTest, AsksAtOnceWhenItIsSwitchedOnAnewWhereHelpingWasRisky) {
  proxy.set_people(at, 1);
  const auto post = next<BrowserProxy::Post>();
  read(post);
  proxy.on_answered(at, post.post,
                    broker.answer(at.wall, {.refusal = wire::Refusal::RiskyPlace, .retry_after = Seconds{3600}}));
  expect_silence();
  proxy.set_people(at, 0);
  proxy.set_people(at, 1);
  EXPECT_FALSE(read(next<BrowserProxy::Post>()).was_warned) << "so that its person is asked again";
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
