#include "core/rendezvous/client_rendezvous.hpp"

#include <gtest/gtest.h>

namespace footbridge::core {
namespace {

using State = ClientRendezvous::State;
using wire::Refusal;

struct ClientRendezvousTest : testing::Test {
  SeededRng rng{11};
  ClientRendezvousConfig config{.self_tag = SelfTag::random(rng)};
  ClientRendezvous client{config, rng};
  TimePoint now{Seconds{1'000}};

  ClientSearch search(unsigned sdps = 1) {
    ClientSearch s;
    for (unsigned i = 0; i < sdps; ++i) s.sdps.emplace_back("offer");
    s.shard = 5;
    return s;
  }
  template <class Output>
  Output next() {
    auto out = client.poll();
    EXPECT_TRUE(out && std::holds_alternative<Output>(*out));
    return out && std::holds_alternative<Output>(*out) ? std::get<Output>(std::move(*out)) : Output{};
  }
  Bytes refusal(Refusal why, Millis retry = {}) {
    return wire::encode_response({.refusal = why, .retry_after = retry}, rng);
  }
  Bytes match(std::uint32_t index) {
    wire::Match m;
    m.sdp_index = index;
    m.match = MatchId::random(rng);
    m.sdp = wire::Sdp("answer");
    m.ticket = Private<Bytes>(Bytes(wire::kTicketBytes));
    return wire::encode_response({.body = wire::OfferReply{{m}}}, rng);
  }
  void expect_silence() { EXPECT_FALSE(client.poll()); }
};

TEST_F(ClientRendezvousTest, AsksOnceAndEndsWithItsMatch) {
  client.offer(now, search(2));
  const auto post = next<ClientRendezvous::Post>();
  const auto request = wire::parse_request(post.body);
  ASSERT_TRUE(request);
  const auto& offer = std::get<wire::Offer>(request->body);
  EXPECT_EQ(offer.self_tag, config.self_tag);
  EXPECT_EQ(offer.sdps.size(), 2U);
  EXPECT_EQ(offer.shard, 5);
  EXPECT_EQ(offer.wait, RequestChannel::kHold);
  expect_silence();

  client.on_response(now, post.id, match(1));
  EXPECT_EQ(next<ClientRendezvous::Matches>().matches.at(0).sdp_index, 1U);
  EXPECT_EQ(client.state(), State::Quiet);
  EXPECT_FALSE(client.deadline());
  expect_silence();
}

TEST_F(ClientRendezvousTest, WaitsAsLongAsTheBrokerSaysAndAsksAgain) {
  client.offer(now, search());
  client.on_response(now, next<ClientRendezvous::Post>().id, refusal(Refusal::Draining, Seconds{8}));
  const auto waiting = next<ClientRendezvous::Waiting>();
  EXPECT_EQ(waiting.why, Refusal::Draining);
  EXPECT_FALSE(waiting.silent);
  EXPECT_GE(waiting.retry_at, now + Seconds{8});
  EXPECT_LE(waiting.retry_at, now + Seconds{12});
  client.on_deadline(waiting.retry_at - Millis{1});
  expect_silence();
  client.on_deadline(waiting.retry_at);
  next<ClientRendezvous::Post>();
}

TEST_F(ClientRendezvousTest, BacksOffWithJitterUpToAMinute) {
  client.offer(now, search());
  Duration longest{};
  for (int i = 0; i < 12; ++i) {
    client.on_failed(now, next<ClientRendezvous::Post>().id);
    const auto waiting = next<ClientRendezvous::Waiting>();
    const auto nominal = std::min<Millis>(Backoff::kFirst * (1 << std::min(i, 10)), Backoff::kMost);
    EXPECT_GE(waiting.retry_at - now, nominal / 2);
    EXPECT_LE(waiting.retry_at - now, nominal / 2 * 3);
    longest = std::max(longest, waiting.retry_at - now);
    client.on_deadline(now = waiting.retry_at);
  }
  EXPECT_GT(longest, Seconds{20});
}

TEST_F(ClientRendezvousTest, GivesUpARequestThatNobodyAnswers) {
  client.offer(now, search());
  const auto post = next<ClientRendezvous::Post>();
  client.on_deadline(now + RequestChannel::kResponseTimeout);
  const auto gone = next<ClientRendezvous::Abandon>();
  EXPECT_EQ(gone.id, post.id);
  EXPECT_TRUE(gone.silent);
  EXPECT_TRUE(next<ClientRendezvous::Waiting>().silent);
  client.on_response(now + RequestChannel::kResponseTimeout, post.id, match(0));
  expect_silence();
}

TEST_F(ClientRendezvousTest, ForgetsEverythingWhenCancelled) {
  client.offer(now, search());
  const auto post = next<ClientRendezvous::Post>();
  client.cancel(now);
  const auto gone = next<ClientRendezvous::Abandon>();
  EXPECT_EQ(gone.id, post.id);
  EXPECT_FALSE(gone.silent) << "we did not wait for it to the end";
  client.on_response(now, post.id, match(0));
  client.on_failed(now, post.id);
  client.wake(now);
  expect_silence();
  EXPECT_FALSE(client.deadline());
  EXPECT_EQ(client.state(), State::Quiet);
}

TEST_F(ClientRendezvousTest, AsksSoonAgainWhoMayBeABrokerThatHasJustBegun) {
  client.offer(now, search());
  const auto began = now;
  int asked = 0;
  for (; now - began < RequestChannel::kBeginning; ++asked) {
    client.on_failed(now, next<ClientRendezvous::Post>().id, /*unproven=*/true);
    now = next<ClientRendezvous::Waiting>().retry_at;
    client.on_deadline(now);
  }
  EXPECT_LE(now - began, RequestChannel::kBeginning + RequestChannel::kSoon * 3 / 2);
  EXPECT_GE(asked, 4);
}

TEST_F(ClientRendezvousTest, WakesAtOnceButNotInAFlood) {
  client.offer(now, search());
  client.on_failed(now, next<ClientRendezvous::Post>().id);
  next<ClientRendezvous::Waiting>();
  client.wake(now);
  next<ClientRendezvous::Post>();
  for (int i = 0; i < 100; ++i) client.wake(now + Millis{i});
  expect_silence();
  client.wake(now + RequestChannel::kMinWakeGap);
  next<ClientRendezvous::Abandon>();
  next<ClientRendezvous::Post>();
}

TEST_F(ClientRendezvousTest, AsksAnyEgressWhenItsOwnIsGone) {
  auto bound = search();
  bound.egress = wire::EgressId::random(rng);
  client.offer(now, bound);
  client.on_response(now, next<ClientRendezvous::Post>().id, refusal(Refusal::EgressGone));
  const auto waiting = next<ClientRendezvous::Waiting>();
  EXPECT_EQ(waiting.why, Refusal::EgressGone);
  client.on_deadline(waiting.retry_at);
  const auto again = wire::parse_request(next<ClientRendezvous::Post>().body);
  EXPECT_FALSE(std::get<wire::Offer>(again->body).egress);
}

TEST_F(ClientRendezvousTest, TreatsAnAnswerToAnotherQuestionAsAFailure) {
  const Bytes hostile[] = {{},
                           rng.bytes(100),
                           match(1),  // it sent one SDP only
                           wire::encode_response({.body = wire::OfferReply{}}),
                           wire::encode_response({.body = wire::PollReply{}})};
  for (const auto& body : hostile) {
    client.offer(now, search());
    client.on_response(now, next<ClientRendezvous::Post>().id, body);
    next<ClientRendezvous::Waiting>();
    EXPECT_EQ(client.state(), State::BackingOff);
    client.cancel(now);
    expect_silence();
  }
}

TEST_F(ClientRendezvousTest, NamesTheLastSixteenMatchesItAvoids) {
  auto picky = search();
  for (int i = 0; i < 20; ++i) picky.avoid.push_back(MatchId::random(rng));
  client.offer(now, picky);
  const auto request = wire::parse_request(next<ClientRendezvous::Post>().body);
  const auto& avoid = std::get<wire::Offer>(request->body).avoid;
  ASSERT_EQ(avoid.size(), wire::kMaxAvoided);
  EXPECT_EQ(avoid.back(), picky.avoid.back());
}

}  // namespace
}  // namespace footbridge::core
