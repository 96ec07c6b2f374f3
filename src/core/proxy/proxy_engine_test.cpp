#include "core/proxy/proxy_engine.hpp"

#include "core/proxy/proxy_engine_fixture.hpp"

namespace footbridge::core {
namespace {

using wire::AnswerFailure;
using wire::OutcomeKind;

struct ProxyEngineTest : ProxyEngineFixture {
  ProxyEngineTest() {
    engine.set_slots(now, 2);
    EXPECT_EQ(take<Engine::FreeSlots>()->count, 2U);
  }
};

TEST_F(ProxyEngineTest, LeadsAClientFromItsOfferToItsRelay) {
  const auto a = assignment();
  engine.on_assigned(now, a);
  const auto make = take<Engine::MakeAnswer>().value();
  EXPECT_EQ(make.offer, wire::Sdp("offer"));
  EXPECT_TRUE(silent_about<Engine::FreeSlots>()) << "the rendezvous has counted the sold slot itself";
  engine.on_answer_made(now, make.at, wire::Sdp("answer"));
  const auto send = take<Engine::SendAnswer>().value();
  EXPECT_EQ(send.match, a.match);
  EXPECT_EQ(send.sdp, wire::Sdp("answer"));

  EXPECT_TRUE(silent_about<Engine::DialLeg>()) << "no leg before the link is open";
  engine.on_link_open(now, make.at);
  const auto dial = take<Engine::DialLeg>().value();
  EXPECT_EQ(dial.url, Private<std::string>("wss://egress.example/leg/" + std::string(96, 'A')));
  EXPECT_FALSE(dial.allow_private);
  EXPECT_TRUE(silent_about<Engine::StartRelay>());
  engine.on_leg_open(now, make.at);
  EXPECT_EQ(take<Engine::StartRelay>()->at, make.at);
  EXPECT_EQ(take<Engine::Report>()->kind, OutcomeKind::Opened);
  EXPECT_FALSE(engine.deadline()) << "a relay ends with its pipes";
  EXPECT_EQ(engine.relaying(), 1U);
}

TEST_F(ProxyEngineTest, KnowsWhereAClientIsWhileItIsHereAndForgetsItThen) {
  auto a = assignment();
  a.client_country = Country::parse("IR").value();
  engine.on_assigned(now, a);
  const auto at = take<Engine::MakeAnswer>().value().at;
  EXPECT_EQ(engine.country(at.slot), a.client_country);
  engine.on_answer_failed(now, at, AnswerFailure::Gathering);
  EXPECT_FALSE(engine.country(at.slot).known());
}

TEST_F(ProxyEngineTest, DialsNoPortForDatagramsThatItsDirectoryDoesNotList) {
  const std::string relay = "wss://egress.example/leg";
  for (const auto listed : std::initializer_list<std::uint16_t>{8911, 8912, 0}) {
    engine = Engine{{.allowed_relays = {relay}, .relay_udp_ports = {{{relay, listed}}}}};
    engine.set_slots(now, 1);
    auto a = assignment();
    a.relay_udp_port = 8911;
    engine.on_assigned(now, a);
    const auto at = take<Engine::MakeAnswer>().value().at;
    engine.on_answer_made(now, at, wire::Sdp("answer"));
    engine.on_link_open(now, at);
    EXPECT_EQ(take<Engine::DialLeg>()->udp_port, listed == 8911 ? 8911 : 0);
  }
}

TEST_F(ProxyEngineTest, AsksARelayForTheKeyThatItsDirectoryNames) {
  const std::string relay = "wss://203.0.113.5/leg";
  SeededRng rng(3);
  const auto pin = wire::SpkiSha256::random(rng);
  engine.set_relays(RelayAllowList({relay}, true, RelayAllowList::UdpPorts{}, {{relay, pin}}));
  auto a = assignment();
  a.relay_url = Private(relay);
  engine.set_slots(now, 1);
  engine.on_assigned(now, a);
  const auto at = take<Engine::MakeAnswer>().value().at;
  engine.set_relays(RelayAllowList({}, false));  // a later directory is for later people
  engine.on_answer_made(now, at, wire::Sdp("answer"));
  engine.on_link_open(now, at);
  EXPECT_EQ(take<Engine::DialLeg>()->tls_pin, pin);
}

TEST_F(ProxyEngineTest, HelpsNobodyToARelayThatItsDirectoryListsNoMore) {
  engine.set_relays(RelayAllowList({"wss://other.example/leg"}, false));
  engine.set_slots(now, 1);
  engine.on_assigned(now, assignment());
  EXPECT_EQ(take<Engine::SendFailure>()->why, AnswerFailure::RelayRefused);
}

TEST_F(ProxyEngineTest, DropsTheLegInTheTurnInWhichTheLinkEnds) {
  const auto at = to_relaying();
  engine.on_link_closed(now, at, PipeEnd::Remote);
  EXPECT_EQ(take<Engine::CloseLeg>()->why, PipeEnd::Leg);
  EXPECT_TRUE(silent_about<Engine::CloseLink>());
  engine.on_leg_closed(now, at, PipeEnd::Local);
  EXPECT_EQ(engine.state(at.slot), State::Free);
  EXPECT_EQ(take<Engine::FreeSlots>()->count, 2U);
}

TEST_F(ProxyEngineTest, DropsTheLinkInTheTurnInWhichTheLegEnds) {
  const auto at = to_relaying();
  engine.on_leg_closed(now, at, PipeEnd::Lost);
  const auto close = take<Engine::CloseLink>().value();
  EXPECT_EQ(close.at, at);
  EXPECT_EQ(close.why, PipeEnd::Leg);
}

TEST_F(ProxyEngineTest, FreesASlotAfterASecondWhenPipesDoNotConfirmTheirEnd) {
  const auto at = to_relaying();
  engine.on_leg_closed(now, at, PipeEnd::Lost);
  pass(Engine::kCloseTimeout - Millis{1});
  EXPECT_EQ(engine.state(at.slot), State::Closing);
  pass(Millis{1});
  EXPECT_EQ(engine.state(at.slot), State::Free);
}

TEST_F(ProxyEngineTest, ReclaimsASlotTwentySecondsAfterAnAnswerWithoutALink) {
  const auto at = to_linking();
  pass(Engine::kLinkTimeout - Millis{1});
  EXPECT_TRUE(silent_about<Engine::CloseLink>());
  pass(Millis{1});
  EXPECT_EQ(take<Engine::CloseLink>()->why, PipeEnd::Setup);
  EXPECT_EQ(take<Engine::Report>()->kind, OutcomeKind::LinkTimeout);
  engine.on_link_closed(now, at, PipeEnd::Local);
  EXPECT_EQ(take<Engine::FreeSlots>()->count, 2U);
}

TEST_F(ProxyEngineTest, TellsTheBrokerInTimeWhenNoAnswerComes) {
  const auto at = to_answering();
  pass(Engine::kAnswerTimeout);
  EXPECT_EQ(take<Engine::SendFailure>()->why, AnswerFailure::Gathering);
  EXPECT_EQ(take<Engine::CloseLink>()->at, at);
  engine.on_answer_made(now, at, wire::Sdp("too late"));
  EXPECT_TRUE(silent_about<Engine::SendAnswer>());
}

TEST_F(ProxyEngineTest, GivesUpALegThatDoesNotOpen) {
  const auto at = to_dialling();
  pass(Engine::kDialTimeout);
  EXPECT_EQ(take<Engine::CloseLink>()->why, PipeEnd::Leg);
  EXPECT_EQ(take<Engine::CloseLeg>()->at, at);
  EXPECT_EQ(take<Engine::Report>()->kind, OutcomeKind::DialFailed);
  engine.on_leg_open(now, at);
  EXPECT_TRUE(silent_about<Engine::StartRelay>());
}

TEST_F(ProxyEngineTest, PassesAFailedAnswerOn) {
  const auto at = to_answering();
  engine.on_answer_failed(now, at, AnswerFailure::BadOffer);
  EXPECT_EQ(take<Engine::SendFailure>()->why, AnswerFailure::BadOffer);
  EXPECT_EQ(engine.state(at.slot), State::Free);
  EXPECT_TRUE(silent_about<Engine::CloseLink>());
  EXPECT_EQ(take<Engine::FreeSlots>()->count, 2U);
}

TEST_F(ProxyEngineTest, FreesASlotWhoseClientWasWithdrawnButNotOneInUse) {
  auto a = assignment();
  engine.on_assigned(now, a);
  const auto at = take<Engine::MakeAnswer>()->at;
  engine.on_withdrawn(now, a.match);
  EXPECT_EQ(take<Engine::CloseLink>()->at, at);
  EXPECT_TRUE(silent_about<Engine::SendFailure>());
  engine.on_link_closed(now, at, PipeEnd::Local);
  EXPECT_EQ(engine.state(at.slot), State::Free);

  a = assignment();
  engine.on_assigned(now, a);
  const auto used = take<Engine::MakeAnswer>()->at;
  engine.on_answer_made(now, used, wire::Sdp("answer"));
  engine.on_link_open(now, used);
  engine.on_withdrawn(now, a.match);
  EXPECT_EQ(engine.state(used.slot), State::Dialling);
}

TEST_F(ProxyEngineTest, RefusesAClientMoreThanItHasSlots) {
  to_answering();
  to_answering();
  engine.on_assigned(now, assignment());
  EXPECT_EQ(take<Engine::SendFailure>()->why, AnswerFailure::Busy);
  EXPECT_TRUE(silent_about<Engine::MakeAnswer>());
}

TEST_F(ProxyEngineTest, SaysHowManySlotsAreFreeAfterARefusal) {
  engine.on_assigned(now, assignment("wss://elsewhere.example/leg"));
  EXPECT_EQ(take<Engine::SendFailure>()->why, AnswerFailure::RelayRefused);
  EXPECT_EQ(take<Engine::FreeSlots>()->count, 2U) << "the rendezvous has counted the slot as sold";
}

TEST_F(ProxyEngineTest, TakesTheSameMatchOnce) {
  const auto a = assignment();
  engine.on_assigned(now, a);
  engine.on_assigned(now, a);
  EXPECT_TRUE(take<Engine::MakeAnswer>());
  EXPECT_TRUE(silent_about<Engine::MakeAnswer>());
  EXPECT_TRUE(silent_about<Engine::SendFailure>());
}

TEST_F(ProxyEngineTest, IgnoresEveryEventOfAnEarlierClient) {
  engine.set_slots(now, 1);
  const auto first = to_relaying();
  engine.on_link_closed(now, first, PipeEnd::Remote);
  engine.on_leg_closed(now, first, PipeEnd::Local);
  const auto second = to_linking();
  commands.clear();
  EXPECT_EQ(second.slot, first.slot);
  EXPECT_NE(second.epoch, first.epoch);
  engine.on_answer_made(now, first, wire::Sdp("old"));
  engine.on_answer_failed(now, first, AnswerFailure::Gathering);
  engine.on_link_open(now, first);
  engine.on_leg_open(now, first);
  engine.on_link_closed(now, first, PipeEnd::Lost);
  engine.on_leg_closed(now, first, PipeEnd::Lost);
  collect();
  EXPECT_TRUE(commands.empty());
  EXPECT_EQ(engine.state(second.slot), State::Linking);
}

// Every state obeys the volunteer's switch in the turn in which it is thrown.
TEST_F(ProxyEngineTest, StopsFromEveryStateWithoutWaiting) {
  for (const auto state : {State::Answering, State::Linking, State::Dialling, State::Relaying, State::Closing}) {
    engine.set_slots(now, 1);
    const auto at = to(state);
    const bool was_closing = state == State::Closing;
    commands.clear();
    engine.stop(now);
    EXPECT_EQ(take<Engine::CloseLink>().has_value(), !was_closing) << name(state);
    EXPECT_EQ(take<Engine::CloseLeg>().has_value(), state == State::Dialling || state == State::Relaying)
        << name(state);
    EXPECT_EQ(take<Engine::SendFailure>().has_value(), state == State::Answering) << name(state);
    EXPECT_EQ(take<Engine::Report>().has_value(), state == State::Linking || state == State::Dialling) << name(state);
    EXPECT_EQ(engine.state(at.slot), State::Closing);
    engine.on_link_closed(now, at, PipeEnd::Local);
    engine.on_leg_closed(now, at, PipeEnd::Local);
    EXPECT_EQ(engine.state(at.slot), State::Free) << name(state);
    commands.clear();
    pass(Seconds{100});
    EXPECT_TRUE(commands.empty()) << name(state);
    EXPECT_FALSE(engine.deadline());
  }
}

TEST_F(ProxyEngineTest, TakesNobodyWhileStopped) {
  engine.stop(now);
  EXPECT_EQ(take<Engine::FreeSlots>()->count, 0U);
  engine.on_assigned(now, assignment());
  EXPECT_EQ(take<Engine::SendFailure>()->why, AnswerFailure::Stopped);
}

// A slot whose client does nothing at all costs the others nothing: their commands come in the turn of their events.
TEST_F(ProxyEngineTest, DoesNotLetAStalledSlotDelayTheOthers) {
  const auto stalled = to_linking();
  for (int i = 0; i < 30; ++i) {
    pass(Millis{600});
    const auto at = to_relaying();
    engine.on_link_closed(now, at, PipeEnd::Remote);
    ASSERT_TRUE(take<Engine::CloseLeg>());
    engine.on_leg_closed(now, at, PipeEnd::Local);
    ASSERT_EQ(engine.state(at.slot), State::Free);
  }
  EXPECT_EQ(engine.state(stalled.slot), State::Linking);
}

}  // namespace
}  // namespace footbridge::core
