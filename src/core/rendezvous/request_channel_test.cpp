#include "core/rendezvous/request_channel.hpp"

#include <gtest/gtest.h>

namespace footbridge::core {
namespace {

using State = RequestChannel::State;

struct RequestChannelTest : testing::Test {
  PostRequest post(std::uint64_t id) {
    wire::Poll poll;
    poll.compartments = {wire::kCommonCompartment};
    return channel.post(now, id, Seconds{5}, wire::encode_request(poll, rng));
  }
  RendezvousWaits back_off(Millis at_least = Millis{0}) {
    return channel.back_off(now, wire::Refusal::None, at_least, rng);
  }
  SeededRng rng{1};
  RequestChannel channel;
  TimePoint now{Seconds{100}};
};

TEST_F(RequestChannelTest, CarriesOneRequestUntilItIsAnsweredOrAbandoned) {
  EXPECT_TRUE(channel.ready(now));
  EXPECT_EQ(post(7).id, 7U);
  EXPECT_TRUE(channel.carries(7));
  EXPECT_FALSE(channel.carries(6)) << "a late answer to an earlier one";
  EXPECT_FALSE(channel.ready(now));
  EXPECT_EQ(channel.deadline(), now + Seconds{5});
  channel.answered();
  EXPECT_FALSE(channel.carries(7));
  EXPECT_FALSE(channel.abandon());
  post(8);
  EXPECT_EQ(channel.abandon()->id, 8U);
  EXPECT_EQ(channel.state(), State::Quiet);
  EXPECT_FALSE(channel.deadline());
}

TEST_F(RequestChannelTest, WaitsLongerAfterEachTroubleAndNeverShorterThanTheBrokerAsks) {
  auto longest = Duration{};
  for (int i = 0; i < 12; ++i) {
    post(1);
    const auto until = back_off().retry_at;
    EXPECT_EQ(channel.deadline(), until);
    EXPECT_FALSE(channel.ready(until - Millis{1}));
    EXPECT_TRUE(channel.ready(until));
    longest = std::max(longest, until - now);
  }
  EXPECT_GE(longest, Backoff::kMost / 2);
  EXPECT_LE(longest, Backoff::kMost * 3 / 2);
  EXPECT_GE(back_off(Seconds{300}).retry_at, now + Seconds{300});
}

TEST_F(RequestChannelTest, AsksSoonAgainWhatMayBeABrokerThatHasJustBegunAndThenAsSeldomAsAnybody) {
  const auto began = now;
  int asked = 0;
  while (now - began < RequestChannel::kBeginning) {
    ++asked;
    post(1);
    const auto wait = channel.back_off_unproven(now, rng).retry_at - now;
    EXPECT_GE(wait, Duration(RequestChannel::kSoon) / 2);
    EXPECT_LE(wait, Duration(RequestChannel::kSoon) * 3 / 2);
    now += wait;
  }
  EXPECT_LE(asked, 12);
  EXPECT_GE(asked, 4);
  auto longest = Duration{};
  for (int i = 0; i < 12; ++i) {
    post(1);
    longest = std::max(longest, channel.back_off_unproven(now, rng).retry_at - now);
  }
  EXPECT_GE(longest, Backoff::kMost / 2) << "it is no broker, or another's";
  post(1);
  channel.answered();
  EXPECT_LE(channel.back_off_unproven(now, rng).retry_at, now + Duration(RequestChannel::kSoon) * 3 / 2)
      << "it was one, and may begin anew";
}

TEST_F(RequestChannelTest, BeginsAnewAfterAnAnswerOrAChangeOfTheNetwork) {
  for (const bool by_answer : {true, false}) {
    for (int i = 0; i < 12; ++i) back_off();
    post(1);
    if (by_answer) {
      channel.answered();
    } else {
      back_off();
      channel.forget_troubles();
      EXPECT_TRUE(channel.ready(now));
    }
    EXPECT_LE(back_off().retry_at, now + Backoff::kFirst * 3 / 2);
  }
}

TEST(WakeGateTest, LetsOneOfManyWakeUpsThrough) {
  WakeGate gate;
  const TimePoint now{Seconds{100}};
  EXPECT_TRUE(gate.pass(now));
  EXPECT_FALSE(gate.pass(now + RequestChannel::kMinWakeGap - Millis{1}));
  EXPECT_TRUE(gate.pass(now + RequestChannel::kMinWakeGap));
}

}  // namespace
}  // namespace footbridge::core
