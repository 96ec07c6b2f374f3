#include "core/browser/rendezvous_posts.hpp"

#include <gtest/gtest.h>

#include "core/browser/browser_broker.hpp"

namespace footbridge::core {
namespace {

using Send = RendezvousPosts::Send;
using Settled = RendezvousPosts::Settled;

struct RendezvousPostsTest : testing::Test {
  static constexpr UnixSeconds kWall{1'800'001'000};
  static constexpr UnixSeconds kUntil{1'800'100'000};
  SeededRng rng{5};
  Moment at{TimePoint{Seconds{1'000}}, kWall};
  BrowserBroker broker{UnixSeconds{1'800'000'000}};
  crypto::X25519KeyPair key = crypto::X25519KeyPair::random(rng);

  RendezvousPosts sealed(std::size_t ways = 1) {
    return {ways, std::vector<WaySeal>(ways, broker.way(UnixSeconds{0}, kUntil)), key, rng};
  }
  Bytes body() { return wire::encode_request({.body = wire::Poll{.compartments = {wire::kCommonCompartment}}}); }
  template <class Output>
  std::optional<Output> take(RendezvousPosts& posts) {
    auto out = posts.poll();
    if (!out || !std::holds_alternative<Output>(*out)) return std::nullopt;
    return std::get<Output>(std::move(*out));
  }
  // A whole exchange that goes well.
  void learn_a_ticket(RendezvousPosts& posts) {
    posts.post(at, 1, body());
    const auto send = take<Send>(posts).value();
    ASSERT_TRUE(broker.read(kWall, send.bytes));
    posts.answered(at, send.post, broker.answer(kWall, {.body = wire::PollReply{}}));
    ASSERT_TRUE(take<Settled>(posts).value().body);
  }
};

TEST_F(RendezvousPostsTest, SealsWhatItSendsAndOpensItsAnswer) {
  auto posts = sealed();
  posts.post(at, 7, body());
  const auto send = take<Send>(posts).value();
  ASSERT_TRUE(broker.read(kWall, send.bytes));
  EXPECT_EQ(broker.kind, crypto::RequestKind::Proxy);
  posts.answered(at, send.post, broker.answer(kWall, {.body = wire::PollReply{}}));
  const auto settled = take<Settled>(posts).value();
  EXPECT_EQ(settled.request, 7U);
  ASSERT_TRUE(settled.body);
  EXPECT_TRUE(wire::parse_response(*settled.body).ok());
  EXPECT_FALSE(posts.poll());
}

TEST_F(RendezvousPostsTest, SaysItAgainWithAHandshakeToABrokerThatForgotItsTickets) {
  auto posts = sealed();
  learn_a_ticket(posts);
  posts.post(at, 2, body());
  const auto with_ticket = take<Send>(posts).value();
  broker.restart(UnixSeconds{1'800'000'500});
  EXPECT_FALSE(broker.read(kWall, with_ticket.bytes));
  posts.answered(at, with_ticket.post, as_bytes("<html>"));
  const auto again = take<Send>(posts).value();
  EXPECT_NE(again.post, with_ticket.post);
  ASSERT_TRUE(broker.read(kWall, again.bytes));
  EXPECT_EQ(broker.kind, crypto::RequestKind::Proxy);
  posts.answered(at, again.post, broker.answer(kWall, {.body = wire::PollReply{}}));
  EXPECT_EQ(take<Settled>(posts).value().request, 2U);
}

TEST_F(RendezvousPostsTest, GivesUpAfterAStrangeAnswerToAHandshake) {
  auto posts = sealed();
  posts.post(at, 1, body());
  posts.answered(at, take<Send>(posts).value().post, as_bytes("<html>"));
  EXPECT_FALSE(take<Settled>(posts).value().body);
  EXPECT_FALSE(posts.poll());
}

TEST_F(RendezvousPostsTest, TakesNoTicketAfterARequestWithOneFailed) {
  auto posts = sealed();
  learn_a_ticket(posts);
  posts.post(at, 2, body());
  posts.failed(at, take<Send>(posts).value().post);
  EXPECT_FALSE(take<Settled>(posts).value().body);
  posts.post(at, 3, body());
  ASSERT_TRUE(broker.read(kWall, take<Send>(posts).value().bytes));
  EXPECT_EQ(broker.kind, crypto::RequestKind::Proxy);
}

TEST_F(RendezvousPostsTest, LeavesAWayThatFailedAndOneThatWasSilent) {
  auto posts = sealed(2);
  posts.post(at, 1, body());
  const auto first = take<Send>(posts).value();
  posts.failed(at, first.post);
  take<Settled>(posts);
  posts.post(at, 2, body());
  const auto second = take<Send>(posts).value();
  EXPECT_NE(second.way, first.way);
  EXPECT_EQ(posts.drop(at, 2, true), second.post);
  posts.on_network_change();
  posts.answered(at, second.post, as_bytes("too late"));
  EXPECT_FALSE(posts.poll()) << "what was dropped is over";
}

TEST_F(RendezvousPostsTest, FailsWhereNoKeyHolds) {
  auto posts = sealed(2);
  at.wall = kUntil;
  posts.post(at, 4, body());
  const auto settled = take<Settled>(posts).value();
  EXPECT_EQ(settled.request, 4U);
  EXPECT_FALSE(settled.body);
  EXPECT_FALSE(posts.poll());
}

TEST_F(RendezvousPostsTest, SendsWhatItIsGivenWhereNothingIsSealed) {
  RendezvousPosts posts{1, {}, key, rng};
  posts.post(at, 1, body());
  const auto send = take<Send>(posts).value();
  EXPECT_EQ(send.bytes, body());
  posts.answered(at, send.post, as_bytes("answer"));
  EXPECT_EQ(take<Settled>(posts).value().body, to_bytes("answer"));
}

}  // namespace
}  // namespace footbridge::core
