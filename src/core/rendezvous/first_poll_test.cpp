#include <gtest/gtest.h>

#include "core/rendezvous/proxy_rendezvous.hpp"
#include "core/rendezvous/proxy_rendezvous_fixture.hpp"

namespace footbridge::core {
namespace {

using Post = ProxyRendezvous::Post;
using wire::Refusal;

// A volunteer whose person waits to hear that a broker knows it.
struct FirstPollTest : ProxyRendezvousFixture {
  FirstPollTest() : ProxyRendezvousFixture(ProxyRendezvous::kFirstHold) {}

  void become_known() {
    proxy.set_free_slots(now, 1, true);
    const auto first = next<Post>();
    EXPECT_EQ(body_of(first).wait, ProxyRendezvous::kFirstHold);
    now += ProxyRendezvous::kFirstHold;
    proxy.on_response(now, first.id, nothing());
  }
};

TEST_F(FirstPollTest, IsHeldBrieflyAndWhoIsKnownThenParksAsEver) {
  become_known();
  EXPECT_EQ(body_of(next<Post>()).wait, RequestChannel::kHold);
  expect_silence();
}

TEST_F(FirstPollTest, BringsAClientAtOnce) {
  proxy.set_free_slots(now, 2);
  proxy.on_response(now, next<Post>().id, assignments(1));
  next<ProxyRendezvous::Assigned>();
  EXPECT_EQ(body_of(next<Post>()).wait, RequestChannel::kHold);
  expect_silence();
}

TEST_F(FirstPollTest, IsTheOneAfterSwitchingOffToo) {
  become_known();
  next<Post>();
  proxy.set_free_slots(now, 0, true);
  next<ProxyRendezvous::Abandon>();
  EXPECT_EQ(body_of(next<Post>()).wait, RequestChannel::kHold) << "it serves, and is still known";
  proxy.set_free_slots(now, 0);
  next<ProxyRendezvous::Abandon>();
  expect_silence();
  proxy.set_free_slots(now, 1);
  EXPECT_EQ(body_of(next<Post>()).wait, ProxyRendezvous::kFirstHold);
}

TEST_F(FirstPollTest, IsTheOneAfterARefusalAFailureOrSilenceToo) {
  become_known();
  const auto again = [&] {
    proxy.on_deadline(now = next<ProxyRendezvous::Waiting>().retry_at);
    const auto first = next<Post>();
    EXPECT_EQ(body_of(first).wait, ProxyRendezvous::kFirstHold);
    proxy.on_response(now += ProxyRendezvous::kFirstHold, first.id, nothing());
  };
  proxy.on_response(now, next<Post>().id, refusal(Refusal::Draining));
  again();
  proxy.on_failed(now, next<Post>().id);
  again();
  next<Post>();
  proxy.on_deadline(now += RequestChannel::kResponseTimeout);
  next<ProxyRendezvous::Abandon>();
  again();
  EXPECT_EQ(body_of(next<Post>()).wait, RequestChannel::kHold);
}

TEST_F(FirstPollTest, IsNoLaterOneWhateverBecomesOfErrandsAndHoweverSoonItComesBack) {
  become_known();
  const auto parked = next<Post>();
  proxy.fail(now, MatchId::random(rng), wire::AnswerFailure::Busy);
  proxy.on_failed(now, next<Post>().id);
  proxy.on_response(now, parked.id, nothing());
  const auto waiting = next<ProxyRendezvous::Waiting>();
  EXPECT_EQ(waiting.id, parked.id) << "it was to be held";
  proxy.on_deadline(now = waiting.retry_at + Backoff::kFirst);
  next<Post>();  // the errand, again
  EXPECT_EQ(body_of(next<Post>()).wait, RequestChannel::kHold);
}

TEST_F(FirstPollTest, DoesNotSpinWhateverABrokerAnswersAtOnce) {
  EXPECT_LE(asked_in_ten_minutes({nothing()}), 40);
  EXPECT_LE(asked_in_ten_minutes({nothing(), refusal(Refusal::Busy)}), 80) << "two for each wait";
}

}  // namespace
}  // namespace footbridge::core
