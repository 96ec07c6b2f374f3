// What a broker says to those whom it cannot help now, and when they may come back.
#include "core/rendezvous/broker_fixture.hpp"

namespace footbridge::core {
namespace {

using wire::Refusal;

struct BrokerRefusals : BrokerFixture {};

TEST_F(BrokerRefusals, SayThatSomebodyWasThereAndDidNotAnswer) {
  post(poll_of(volunteer()));
  const auto client = post(offer_of());
  pass(Seconds{25});
  EXPECT_EQ(refusal(client), Refusal::NoAnswer);
  EXPECT_GT(replies.at(client).retry_after, Millis{0});
}

TEST_F(BrokerRefusals, TellANetworkThatAsksTooOftenWhenItMayAskAgain) {
  config.slots_per_prefix = 1'000;
  Broker busy(config, rng);
  const auto ask = [&] {
    const auto key = next_key++;
    busy.on_request(now, kBrokerTestUnix, key, wire::encode_request({.body = offer_of()}, rng), {.prefix_hash = 7});
    std::optional<wire::Response> response;
    while (auto reply = busy.poll()) response = wire::parse_response(reply->body).value();
    return response;
  };
  for (std::uint32_t i = 0; i < Broker::kOfferBurst; ++i) EXPECT_FALSE(ask()) << "held";
  const auto refused = ask();
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->refusal, Refusal::Rate);
  EXPECT_EQ(refused->retry_after, Broker::kOfferInterval);
  now += Broker::kOfferInterval;
  EXPECT_FALSE(ask());
}

TEST_F(BrokerRefusals, TakeOnlyTheScarcerSideWhenNearlyFull) {
  config.max_parked = 10;
  Broker small(config, rng);
  const auto send = [&](decltype(wire::Request::body) body) {
    const auto key = next_key++;
    RequesterInfo who;
    who.prefix_hash = key;
    small.on_request(now, kBrokerTestUnix, key, wire::encode_request({.body = std::move(body)}, rng), who);
    std::optional<wire::Response> response;
    while (auto reply = small.poll())
      if (reply->request == key) response = wire::parse_response(reply->body).value();
    return response;
  };
  auto lonely = offer_of();
  lonely.compartment = wire::CompartmentId::random(rng);
  for (int i = 0; i < 9; ++i) EXPECT_FALSE(send(lonely)) << "parked";
  const auto refused = send(lonely);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->refusal, Refusal::Overloaded);
  EXPECT_EQ(refused->retry_after, Broker::kRetryLoaded);
  EXPECT_FALSE(send(poll_of(volunteer()))) << "volunteers are scarce";
  EXPECT_EQ(small.stats().overloaded, 1U);
  auto errand = poll_of(volunteer(), 0);
  errand.outcomes.push_back({MatchId::random(rng), wire::OutcomeKind::Opened});
  EXPECT_EQ(send(errand)->refusal, Refusal::None) << "errands are always taken";
}

TEST_F(BrokerRefusals, AskNobodyTwiceForAClientThatLeft) {
  const auto v = proven();
  const auto first = post(poll_of(v, 3));
  const auto client = post(offer_of());
  const auto parked = post(poll_of(v, 2));
  gone(client);
  EXPECT_EQ(poll_reply(parked).withdrawn, std::vector<MatchId>{assignment(first).match}) << "in the same turn";
}

TEST_F(BrokerRefusals, SellOneSlotOfAVolunteerThatNobodyKnowsAndTheOthersWhenItHasCarried) {
  const auto v = volunteer();
  const auto first = post(poll_of(v, 3));
  const auto client = post(offer_of(), 11);
  const auto parked = post(poll_of(v, 2));
  post(offer_of(), 12);
  EXPECT_FALSE(answered(parked)) << "one at a time";
  answer(v, assignment(first).match);
  ASSERT_TRUE(answered(client));
  report(v, assignment(first).match, wire::OutcomeKind::Opened);
  EXPECT_EQ(poll_reply(parked).assignments.size(), 1U) << "at once";
}

TEST_F(BrokerRefusals, BelieveTheSealAndNotWhatAPollSaysOfItself) {
  const auto honest = volunteer(), thief = volunteer();
  const auto client = post(offer_of());
  const auto poll = post_sealed(poll_of(honest), SealProof{honest.id});
  const auto match = assignment(poll).match;
  auto stolen = poll_of(honest, 0);  // with the other's id inside
  stolen.answers.push_back({match, wire::Sdp("the thief's")});
  post_sealed(stolen, SealProof{thief.id});
  EXPECT_FALSE(answered(client));
  stolen.answers[0].result = wire::Sdp("the honest one's");
  stolen.proxy = thief.id;
  post_sealed(stolen, SealProof{honest.id});
  EXPECT_EQ(offer_reply(client).matches.at(0).sdp, wire::Sdp("the honest one's"));
}

TEST_F(BrokerRefusals, APollOfNobodyAndAnOfferOfAProxyAreMalformed) {
  const auto v = volunteer();
  EXPECT_EQ(refusal(post_sealed(poll_of(v), SealProof{})), Refusal::Malformed);
  EXPECT_EQ(refusal(post_sealed(offer_of(), SealProof{v.id})), Refusal::Malformed);
  EXPECT_EQ(broker.stats().malformed, 2U);
  EXPECT_EQ(broker.parked_offers() + broker.parked_polls(), 0U);
}

}  // namespace
}  // namespace footbridge::core
