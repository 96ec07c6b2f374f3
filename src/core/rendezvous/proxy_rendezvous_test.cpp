#include "core/rendezvous/proxy_rendezvous.hpp"

#include <gtest/gtest.h>

#include "core/rendezvous/proxy_rendezvous_fixture.hpp"

namespace footbridge::core {
namespace {

using Post = ProxyRendezvous::Post;
using wire::Refusal;

using ProxyRendezvousTest = ProxyRendezvousFixture;

TEST_F(ProxyRendezvousTest, ParksOnePollThatNamesAllItsFreeSlots) {
  proxy.set_free_slots(now, 7);
  const auto poll = body_of(next<Post>());
  EXPECT_EQ(poll.slots, 7U);
  EXPECT_EQ(poll.proxy, config.proxy);
  EXPECT_EQ(poll.wait, RequestChannel::kHold);
  proxy.set_free_slots(now, 9);
  expect_silence();
  EXPECT_EQ(proxy.requests(), 1U);
}

TEST_F(ProxyRendezvousTest, TellsInItsNextPollThatItsRouterForwardsPorts) {
  proxy.set_free_slots(now, 1);
  const auto first = next<Post>();
  EXPECT_FALSE(body_of(first).port_mapped);
  proxy.set_port_mapped(true);
  expect_silence();
  now += Seconds{25};
  proxy.on_response(now, first.id, nothing());
  EXPECT_TRUE(body_of(next<Post>()).port_mapped);
}

TEST_F(ProxyRendezvousTest, SaysNothingWithoutFreeSlots) {
  proxy.set_free_slots(now, 0);
  proxy.on_deadline(now + Seconds{100});
  expect_silence();
  EXPECT_FALSE(proxy.deadline());
}

TEST_F(ProxyRendezvousTest, ParksAgainWhenAPollEndsQuietly) {
  proxy.set_free_slots(now, 1);
  const auto post = next<Post>();
  now += RequestChannel::kHold;
  proxy.on_response(now, post.id, nothing());
  next<Post>();
  expect_silence();
}

TEST_F(ProxyRendezvousTest, DoesNotSpinWhenPollsComeBackEmptyAtOnce) {
  EXPECT_LE(asked_in_ten_minutes({nothing()}), 40);
}

TEST_F(ProxyRendezvousTest, AnnouncesNoSlotThatWasJustSold) {
  proxy.set_free_slots(now, 3);
  proxy.on_response(now, next<Post>().id, assignments(2));
  next<ProxyRendezvous::Assigned>();
  next<ProxyRendezvous::Assigned>();
  EXPECT_EQ(body_of(next<Post>()).slots, 1U);
}

TEST_F(ProxyRendezvousTest, SendsAnAnswerAtOnceBesideTheParkedPoll) {
  proxy.set_free_slots(now, 2);
  next<Post>();
  const auto match = MatchId::random(rng);
  proxy.answer(now, match, wire::Sdp("mine"));
  const auto errand = next<Post>();
  const auto poll = body_of(errand);
  EXPECT_EQ(poll.slots, 0U);
  ASSERT_EQ(poll.answers.size(), 1U);
  EXPECT_EQ(poll.answers[0].match, match);
  EXPECT_EQ(proxy.requests(), 2U);

  proxy.answer(now, MatchId::random(rng), wire::Sdp("second"));
  proxy.fail(now, MatchId::random(rng), wire::AnswerFailure::Gathering);
  proxy.report(now, match, wire::OutcomeKind::Opened);
  expect_silence();
  EXPECT_EQ(proxy.requests(), 2U) << "never a third request";
  proxy.on_response(now, errand.id, nothing());
  const auto more = body_of(next<Post>());
  EXPECT_EQ(more.answers.size(), 2U);
  EXPECT_EQ(more.outcomes.size(), 1U);
}

TEST_F(ProxyRendezvousTest, RepeatsAFailedErrandUntilItsAnswersAreTooOld) {
  keep_place();
  proxy.answer(now, MatchId::random(rng), wire::Sdp("mine"));
  proxy.on_failed(now, next<Post>().id);
  expect_silence();
  ASSERT_TRUE(proxy.deadline());
  proxy.on_deadline(now = *proxy.deadline());
  const auto again = next<Post>();
  EXPECT_EQ(body_of(again).answers.size(), 1U);
  now += ProxyRendezvous::kAnswerTtl;
  proxy.on_failed(now, again.id);
  expect_no_errand();
}

TEST_F(ProxyRendezvousTest, RepeatsNoOutcomeOfAMatchThatTheBrokerHasForgotten) {
  keep_place();
  proxy.report(now, MatchId::random(rng), wire::OutcomeKind::Opened);
  proxy.on_failed(now, next<Post>().id);
  proxy.on_deadline(now = *proxy.deadline());
  const auto again = next<Post>();
  EXPECT_EQ(body_of(again).outcomes.size(), 1U);
  now += ProxyRendezvous::kOutcomeTtl;
  proxy.on_failed(now, again.id);
  expect_no_errand();
}

// A broker that does not answer is not asked again and again by who has switched off.
TEST_F(ProxyRendezvousTest, SaysEachThingOnceWhenItAsksForNobodyAnyMore) {
  proxy.set_free_slots(now, 1);
  next<Post>();
  const auto match = MatchId::random(rng);
  proxy.report(now, match, wire::OutcomeKind::Stopped);
  const auto before = next<Post>();
  proxy.fail(now, match, wire::AnswerFailure::Stopped);
  proxy.set_free_slots(now, 0);
  next<ProxyRendezvous::Abandon>();
  proxy.on_failed(now, before.id);
  expect_silence();
  proxy.on_deadline(now = *proxy.deadline());
  const auto last = next<Post>();
  EXPECT_EQ(body_of(last).answers.size(), 1U);
  EXPECT_TRUE(body_of(last).outcomes.empty()) << "it was said once";
  proxy.on_failed(now, last.id);
  EXPECT_FALSE(proxy.deadline());
  proxy.wake(now += Seconds{3600});
  expect_silence();
}

TEST_F(ProxyRendezvousTest, EndsItsPollAtOnceWhenTheLastSlotIsTakenAway) {
  proxy.set_free_slots(now, 1);
  const auto post = next<Post>();
  proxy.set_free_slots(now, 0);
  EXPECT_EQ(next<ProxyRendezvous::Abandon>().id, post.id);
  proxy.on_response(now, post.id, assignments(1));
  expect_silence();
  EXPECT_FALSE(proxy.deadline());
}

TEST_F(ProxyRendezvousTest, KeepsAPollThatSellsNothingWhileItServesAndHasNoSlotLeft) {
  proxy.set_free_slots(now, 1, true);
  proxy.on_response(now, next<Post>().id, assignments(1));
  next<ProxyRendezvous::Assigned>();
  const auto kept = next<Post>();
  EXPECT_EQ(body_of(kept).slots, 0U);
  EXPECT_EQ(body_of(kept).wait, RequestChannel::kHold);
  const auto gone = MatchId::random(rng);
  now += Millis{100};
  proxy.on_response(now, kept.id, wire::encode_response({.body = wire::PollReply{{}, {gone}}}, rng));
  EXPECT_EQ(next<ProxyRendezvous::Withdrawn>().match, gone);
  const auto again = next<Post>();
  EXPECT_EQ(body_of(again).slots, 0U);
  proxy.set_free_slots(now, 1, true);
  EXPECT_EQ(next<ProxyRendezvous::Abandon>().id, again.id) << "a poll that sells takes its place";
  EXPECT_EQ(body_of(next<Post>()).slots, 1U);
  proxy.set_free_slots(now, 0, true);
  next<ProxyRendezvous::Abandon>();
  const auto last = next<Post>();
  EXPECT_EQ(body_of(last).slots, 0U);
  proxy.set_free_slots(now, 0, false);
  EXPECT_EQ(next<ProxyRendezvous::Abandon>().id, last.id) << "switched off";
  expect_silence();
  EXPECT_FALSE(proxy.deadline());
}

TEST_F(ProxyRendezvousTest, SaysAgainWhatABrokerRefusedToHear) {
  keep_place();
  for (const auto why : {Refusal::Rate, Refusal::Busy, Refusal::Draining, Refusal::Overloaded}) {
    const auto match = MatchId::random(rng);
    proxy.answer(now, match, wire::Sdp("mine"));
    proxy.report(now, match, wire::OutcomeKind::Opened);
    proxy.on_response(now, next<Post>().id, refusal(why, Millis{100}));
    now = *proxy.deadline();
    proxy.on_deadline(now);
    const auto again = next<Post>();
    ASSERT_EQ(body_of(again).answers.size(), 1U);
    EXPECT_EQ(body_of(again).answers[0].match, match);
    EXPECT_EQ(body_of(again).outcomes.size(), 1U);
    proxy.on_response(now, again.id, nothing());
    expect_silence();
  }
}

TEST_F(ProxyRendezvousTest, WaitsAsLongAsTheBrokerSays) {
  proxy.set_free_slots(now, 1);
  proxy.on_response(now, next<Post>().id, refusal(Refusal::Draining, Seconds{9}));
  const auto waiting = next<ProxyRendezvous::Waiting>();
  EXPECT_EQ(waiting.why, Refusal::Draining);
  EXPECT_GE(waiting.retry_at, now + Seconds{9});
  proxy.set_free_slots(now, 2);
  proxy.on_deadline(waiting.retry_at - Millis{1});
  expect_silence();
  proxy.on_deadline(waiting.retry_at);
  next<Post>();
}

TEST_F(ProxyRendezvousTest, AbandonsRequestsThatNobodyAnswers) {
  proxy.set_free_slots(now, 1);
  const auto post = next<Post>();
  proxy.on_deadline(now += RequestChannel::kResponseTimeout);
  const auto gone = next<ProxyRendezvous::Abandon>();
  EXPECT_EQ(gone.id, post.id);
  EXPECT_TRUE(gone.silent);
  EXPECT_TRUE(next<ProxyRendezvous::Waiting>().silent);
  EXPECT_EQ(proxy.requests(), 0U);
}

TEST_F(ProxyRendezvousTest, AbandonsAnErrandThatNobodyAnswersAndSaysSo) {
  proxy.answer(now, MatchId::random(rng), wire::Sdp("mine"));
  next<Post>();
  proxy.on_deadline(now += ProxyRendezvous::kErrandTimeout);
  EXPECT_TRUE(next<ProxyRendezvous::Abandon>().silent);
}

TEST_F(ProxyRendezvousTest, SaysWhenWhatAnsweredIsNoBroker) {
  proxy.set_free_slots(now, 1);
  const auto strange = [&](ByteView body) {
    proxy.on_response(now, next<Post>().id, body);
    const auto waiting = next<ProxyRendezvous::Waiting>();
    proxy.on_deadline(now = waiting.retry_at);
    return waiting.strange;
  };
  EXPECT_TRUE(strange(to_bytes("<html>")));
  EXPECT_TRUE(strange(wire::encode_response({.body = wire::OfferReply{}}, rng)));
  EXPECT_FALSE(strange(nothing())) << "in haste, and readable";
  EXPECT_FALSE(strange(refusal(Refusal::Draining)));
  proxy.on_failed(now, next<Post>().id);
  EXPECT_FALSE(next<ProxyRendezvous::Waiting>().strange);
}

TEST_F(ProxyRendezvousTest, StartsAfreshWhenItWakes) {
  proxy.set_free_slots(now, 1);
  proxy.answer(now, MatchId::random(rng), wire::Sdp("mine"));
  next<Post>();
  next<Post>();
  proxy.wake(now);
  next<ProxyRendezvous::Abandon>();
  next<ProxyRendezvous::Abandon>();
  EXPECT_EQ(body_of(next<Post>()).answers.size(), 1U);
  EXPECT_EQ(body_of(next<Post>()).slots, 1U);
  proxy.wake(now);
  expect_silence();
}

TEST_F(ProxyRendezvousTest, TakesAPollBackThatSaysWhatIsNoLongerSoOfItsTranslation) {
  proxy.set_free_slots(now, 1);
  const auto first = next<Post>();
  const wire::Nat nat{wire::NatBehaviour::AddressDependent, wire::NatBehaviour::Unknown};
  proxy.set_nat(now, nat);
  EXPECT_EQ(next<ProxyRendezvous::Abandon>().id, first.id);
  EXPECT_EQ(body_of(next<Post>()).nat, nat);
  proxy.set_nat(now, nat);
  expect_silence();
}

TEST_F(ProxyRendezvousTest, ReportsAFailureInPlaceOfAnSdpNoMessageCarries) {
  proxy.answer(now, MatchId::random(rng), wire::Sdp(std::string(wire::kMaxSdpBytes + 1, 'x')));
  EXPECT_TRUE(std::holds_alternative<wire::AnswerFailure>(body_of(next<Post>()).answers.at(0).result));
}

TEST_F(ProxyRendezvousTest, KeepsNoMoreOutcomesThanOneMessageCarries) {
  for (int i = 0; i < 500; ++i) {
    proxy.report(now, MatchId::random(rng), wire::OutcomeKind::LinkFailed);
    proxy.fail(now, MatchId::random(rng), wire::AnswerFailure::Busy);
  }
  const auto first = next<Post>();
  proxy.on_response(now, first.id, nothing());
  const auto poll = body_of(next<Post>());
  EXPECT_EQ(poll.outcomes.size(), wire::kMaxOutcomes);
  EXPECT_EQ(poll.answers.size(), wire::kMaxAnswers);
}

TEST_F(ProxyRendezvousTest, SurvivesHostileResponses) {
  proxy.set_free_slots(now, 4);
  for (int i = 0; i < 500; ++i) {
    while (auto out = proxy.poll())
      if (const auto* post = std::get_if<Post>(&*out))
        proxy.on_response(now, post->id, rng.bytes(static_cast<std::size_t>(rng.between(0, 300))));
    ASSERT_TRUE(proxy.deadline());
    proxy.on_deadline(now = std::max(now, *proxy.deadline()));
  }
}

}  // namespace
}  // namespace footbridge::core
