// What a broker and a volunteer hold for others, when those others never come back for it.
#include <gtest/gtest.h>

#include "core/rendezvous/broker_fixture.hpp"
#include "core/rendezvous/match_table.hpp"
#include "core/rendezvous/proxy_rendezvous.hpp"

namespace footbridge::core {
namespace {

struct HeldBounds : BrokerFixture {};

TEST_F(HeldBounds, ABrokerHoldsNoMoreDescriptionsThanItsBoundAndSaysThatItIsBusy) {
  constexpr std::size_t kLargestOffer = 3 * wire::kMaxSdpBytes;
  constexpr std::size_t kFit = Broker::kMaxHeldBytes / kLargestOffer;
  static_assert(kFit < Matcher::kMaxOffers, "the other bound would come first");
  auto offer = offer_of();
  offer.sdps.assign(3, wire::Sdp(std::string(wire::kMaxSdpBytes, 'x')));
  RequestKey last = 0;
  for (std::size_t i = 0; i <= kFit; ++i) last = post(offer, i);
  EXPECT_EQ(broker.parked_offers(), kFit);
  ASSERT_TRUE(answered(last));
  EXPECT_EQ(refusal(last), wire::Refusal::Busy);
  EXPECT_EQ(broker.stats().offers_full, 1U);
  gone(last - 1);
  EXPECT_FALSE(answered(post(offer, kFit + 1))) << "one that goes makes room";
}

TEST_F(HeldBounds, AMatchTableForgetsTheOldestOfWhatIsPast) {
  MatchTable table;
  std::vector<MatchId> ids;
  const auto proxy = ProxyId::random(rng);
  for (std::size_t i = 0; i < MatchTable::kMaxPast + 10; ++i) {
    ids.push_back(MatchId::random(rng));
    table.add({.id = ids.back(), .proxy = proxy}, now + Seconds{10});
    table.close(now, ids.back());
  }
  EXPECT_FALSE(table.proxy_of(ids.front()));
  EXPECT_EQ(table.proxy_of(ids.back()), proxy);
  const auto known = std::ranges::count_if(ids, [&](const MatchId& id) { return table.proxy_of(id).has_value(); });
  EXPECT_EQ(static_cast<std::size_t>(known), MatchTable::kMaxPast);
}

TEST_F(HeldBounds, AMatchTableIsFullAtItsBound) {
  MatchTable table;
  while (!table.full()) {
    ASSERT_LE(table.open(), MatchTable::kMaxOpen);
    table.add({.id = MatchId::random(rng)}, now + Seconds{10});
  }
  EXPECT_EQ(table.open(), MatchTable::kMaxOpen);
}

TEST_F(HeldBounds, AVolunteerKeepsAsManyAnswersAsItHasSlotsWhileNobodyTakesThem) {
  ProxyRendezvous proxy({.proxy = ProxyId::random(rng), .self_tag = SelfTag::random(rng)}, rng);
  const auto answers_of = [&](const ProxyRendezvous::Post& post) {
    return std::get<wire::Poll>(wire::parse_request(post.body)->body).answers.size();
  };
  for (std::size_t i = 0; i < 4 * ProxyRendezvous::kMaxQueuedAnswers; ++i)
    proxy.answer(now, MatchId::random(rng), wire::Sdp("answer"));
  // One errand after the other takes three; all of them together are what was kept.
  std::size_t taken = 0;
  for (auto out = proxy.poll(); out; out = proxy.poll()) {
    const auto* const post = std::get_if<ProxyRendezvous::Post>(&*out);
    if (post == nullptr) continue;
    taken += answers_of(*post);
    proxy.on_response(now, post->id, wire::encode_response({.body = wire::PollReply{}}, rng));
  }
  EXPECT_GT(taken, 0U);
  EXPECT_LE(taken, ProxyRendezvous::kMaxQueuedAnswers + wire::kMaxAnswers)
      << "those of the first errand were under way";
}

}  // namespace
}  // namespace footbridge::core
