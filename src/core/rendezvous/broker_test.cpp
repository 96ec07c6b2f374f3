#include "core/rendezvous/broker.hpp"

#include <gtest/gtest.h>
#include <map>
#include <set>

#include "crypto/leg_token.hpp"

namespace footbridge::core {
namespace {

using wire::Refusal;

constexpr UnixSeconds kUnix{1'800'000'000};

struct BrokerTest : testing::Test {
  SeededRng rng{5};
  crypto::SecretKey leg_key = crypto::SecretKey::random(rng);
  wire::EgressId egress = wire::EgressId::random(rng);
  BrokerConfig config{{{egress, Private<std::string>("wss://egress.example/leg"), leg_key}}, 4};
  Broker broker{config, rng};
  TimePoint now{Seconds{1'000}};
  RequestKey next_key = 1;
  std::map<RequestKey, wire::Response> replies;

  struct Volunteer {
    ProxyId id;
    SelfTag tag;
  };
  Volunteer volunteer() { return {ProxyId::random(rng), SelfTag::random(rng)}; }

  wire::Poll poll_of(const Volunteer& v, std::uint32_t slots = 1) {
    wire::Poll poll;
    poll.proxy = v.id;
    poll.self_tag = v.tag;
    poll.compartments = {wire::kCommonCompartment};
    poll.slots = slots;
    poll.wait = Seconds{25};
    return poll;
  }
  wire::Offer offer_of(unsigned sdps = 1) {
    wire::Offer offer;
    offer.self_tag = SelfTag::random(rng);
    offer.compartment = wire::kCommonCompartment;
    for (unsigned i = 0; i < sdps; ++i) offer.sdps.emplace_back("offer " + std::to_string(i));
    offer.wait = Seconds{25};
    offer.shard = 77;
    return offer;
  }
  RequestKey post(std::variant<wire::Poll, wire::Offer> body, std::uint64_t prefix = 1) {
    return post_bytes(wire::encode_request({.body = std::move(body)}, rng), prefix);
  }
  RequestKey post_bytes(ByteView body, std::uint64_t prefix = 1) {
    const auto key = next_key++;
    broker.on_request(now, kUnix, key, body, {Family::V4, prefix});
    collect();
    return key;
  }
  RequestKey answer(const Volunteer& v, const MatchId& match, std::string sdp = "answer") {
    auto poll = poll_of(v, 0);
    poll.answers.push_back({match, wire::Sdp(std::move(sdp))});
    return post(poll);
  }
  RequestKey fail(const Volunteer& v, const MatchId& match) {
    auto poll = poll_of(v, 0);
    poll.answers.push_back({match, wire::AnswerFailure::Busy});
    return post(poll);
  }
  RequestKey report(const Volunteer& v, const MatchId& match, wire::OutcomeKind kind) {
    auto poll = poll_of(v, 0);
    poll.outcomes.push_back({match, kind});
    return post(poll);
  }
  void gone(RequestKey key) {
    broker.on_gone(now, kUnix, key);
    collect();
  }
  void pass(Duration by) {
    const auto until = now + by;
    while (broker.deadline() && *broker.deadline() <= until) {
      now = std::max(now, *broker.deadline());
      broker.on_deadline(now, kUnix);
      collect();
    }
    now = until;
  }
  void collect() {
    while (auto reply = broker.poll()) {
      auto response = wire::parse_response(reply->body);
      ASSERT_TRUE(response);
      ASSERT_TRUE(replies.emplace(reply->request, std::move(*response)).second) << "answered twice";
    }
  }
  bool answered(RequestKey key) const { return replies.contains(key); }
  const wire::PollReply& poll_reply(RequestKey key) { return std::get<wire::PollReply>(replies.at(key).body); }
  const wire::OfferReply& offer_reply(RequestKey key) { return std::get<wire::OfferReply>(replies.at(key).body); }
  Refusal refusal(RequestKey key) { return replies.at(key).refusal; }
  const wire::Assignment& assignment(RequestKey key) { return poll_reply(key).assignments.at(0); }
};

TEST_F(BrokerTest, BringsAClientAndAProxyTogether) {
  const auto v = volunteer();
  const auto poll = post(poll_of(v));
  EXPECT_FALSE(answered(poll));
  const auto client = post(offer_of());
  EXPECT_FALSE(answered(client));
  const auto& assigned = assignment(poll);
  EXPECT_EQ(assigned.sdp, wire::Sdp("offer 0"));
  EXPECT_EQ(assigned.relay_url, Private<std::string>("wss://egress.example/leg"));
  EXPECT_EQ(assigned.answer_within, Millis{10'000});
  const std::vector<crypto::SecretKey> keys{leg_key};
  const auto token = crypto::open_leg_token(assigned.leg_token.reveal_to_socket(), keys, kUnix);
  ASSERT_TRUE(token);
  EXPECT_EQ(token->match, assigned.match);
  EXPECT_EQ(token->shard, 77);

  const auto errand = answer(v, assigned.match, "my answer");
  EXPECT_TRUE(answered(errand)) << "an errand is never held";
  EXPECT_TRUE(poll_reply(errand).withdrawn.empty());
  const auto& match = offer_reply(client).matches.at(0);
  EXPECT_EQ(match.match, assigned.match);
  EXPECT_EQ(match.sdp, wire::Sdp("my answer"));
  EXPECT_EQ(match.egress, egress);
  EXPECT_EQ(broker.parked_offers() + broker.parked_polls(), 0U);
}

TEST_F(BrokerTest, HoldsAClientUntilAProxyComes) {
  const auto client = post(offer_of());
  pass(Seconds{20});
  EXPECT_FALSE(answered(client));
  const auto poll = post(poll_of(volunteer()));
  EXPECT_EQ(poll_reply(poll).assignments.size(), 1U);
}

TEST_F(BrokerTest, TellsAClientThatNobodyCame) {
  const auto client = post(offer_of());
  pass(Seconds{25});
  EXPECT_EQ(refusal(client), Refusal::NoProxy);
  EXPECT_EQ(replies.at(client).retry_after, Broker::kRetryNoProxy);
  EXPECT_FALSE(broker.deadline());
}

TEST_F(BrokerTest, TellsAClientThatOnlyItsOwnProxyIsThere) {
  const auto v = volunteer();
  post(poll_of(v));
  auto mine = offer_of();
  mine.self_tag = v.tag;
  const auto client = post(mine);
  pass(Seconds{25});
  EXPECT_EQ(refusal(client), Refusal::SelfOnly);
}

TEST_F(BrokerTest, EndsAPollQuietlyAfterTheHoldItAskedFor) {
  auto impatient = poll_of(volunteer());
  impatient.wait = Seconds{10};
  const auto poll = post(impatient);
  pass(Seconds{10} - Millis{1});
  EXPECT_FALSE(answered(poll));
  pass(Millis{1});
  EXPECT_EQ(refusal(poll), Refusal::None);
  EXPECT_TRUE(poll_reply(poll).assignments.empty());
}

TEST_F(BrokerTest, HoldsNobodyLongerThanItsOwnLimit) {
  auto patient = poll_of(volunteer());
  patient.wait = Seconds{120};
  const auto poll = post(patient);
  pass(Broker::kMaxPollHold);
  EXPECT_TRUE(answered(poll));
}

TEST_F(BrokerTest, GivesAnUnansweredClientToAnotherProxy) {
  const auto silent = volunteer();
  const auto first = post(poll_of(silent));
  const auto client = post(offer_of());
  const auto second = post(poll_of(volunteer()));
  EXPECT_FALSE(answered(second));
  pass(Broker::kAnswerTtl - Millis{1});
  EXPECT_FALSE(answered(second));
  pass(Millis{1});
  EXPECT_EQ(poll_reply(second).assignments.size(), 1U);
  EXPECT_NE(assignment(second).match, assignment(first).match);
  EXPECT_FALSE(answered(client));

  const auto late = answer(silent, assignment(first).match);
  EXPECT_EQ(poll_reply(late).withdrawn, std::vector<MatchId>{assignment(first).match});
  EXPECT_FALSE(answered(client)) << "a late answer reaches nobody";
}

TEST_F(BrokerTest, GivesAClientWhoseProxyFailedToAnotherAtOnce) {
  const auto v = volunteer();
  const auto first = post(poll_of(v));
  const auto client = post(offer_of());
  const auto second = post(poll_of(volunteer()));
  fail(v, assignment(first).match);
  EXPECT_EQ(poll_reply(second).assignments.size(), 1U);
  EXPECT_FALSE(answered(client));
}

TEST_F(BrokerTest, TakesAnAnswerOnlyFromTheProxyThatWasAsked) {
  const auto poll = post(poll_of(volunteer()));
  const auto client = post(offer_of());
  const auto thief = answer(volunteer(), assignment(poll).match);
  EXPECT_EQ(poll_reply(thief).withdrawn.size(), 1U);
  EXPECT_FALSE(answered(client));
}

TEST_F(BrokerTest, GivesEachSdpOfAnOfferToAnotherProxy) {
  std::vector<Volunteer> volunteers;
  std::vector<RequestKey> polls;
  for (int i = 0; i < 4; ++i) {
    volunteers.push_back(volunteer());
    polls.push_back(post(poll_of(volunteers.back(), 10)));
  }
  const auto client = post(offer_of(4));
  std::set<std::string> sdps;
  for (std::size_t i = 0; i < 4; ++i) {
    sdps.insert(assignment(polls[i]).sdp.reveal_to_socket());
    EXPECT_FALSE(answered(client));
    answer(volunteers[i], assignment(polls[i]).match);
  }
  EXPECT_EQ(sdps.size(), 4U);
  EXPECT_EQ(offer_reply(client).matches.size(), 4U);
}

TEST_F(BrokerTest, WaitsForSiblingsOfTheFirstAnswerOnlyAMoment) {
  const auto quick = volunteer();
  const auto slow = volunteer();
  const auto first = post(poll_of(quick));
  const auto second = post(poll_of(slow));
  const auto client = post(offer_of(2));
  answer(quick, assignment(first).match);
  pass(Broker::kSettle - Millis{1});
  EXPECT_FALSE(answered(client));
  pass(Millis{1});
  EXPECT_EQ(offer_reply(client).matches.size(), 1U);
  EXPECT_EQ(poll_reply(answer(slow, assignment(second).match)).withdrawn.size(), 1U);
}

TEST_F(BrokerTest, DoesNotWaitForProxiesThatNeverCame) {
  const auto v = volunteer();
  const auto poll = post(poll_of(v));
  const auto client = post(offer_of(4));
  answer(v, assignment(poll).match);
  EXPECT_TRUE(answered(client));
}

TEST_F(BrokerTest, SellsASlotOnce) {
  const auto poll = post(poll_of(volunteer()));
  post(offer_of(), 1);
  post(offer_of(), 2);
  EXPECT_EQ(poll_reply(poll).assignments.size(), 1U);
}

TEST_F(BrokerTest, FillsAPollWithSeveralWaitingClients) {
  for (std::uint64_t prefix = 1; prefix <= 5; ++prefix) post(offer_of(), prefix);
  const auto poll = post(poll_of(volunteer(), 10));
  EXPECT_EQ(poll_reply(poll).assignments.size(), wire::kMaxAssignments);
  const auto again = post(poll_of(volunteer(), 10));
  EXPECT_EQ(poll_reply(again).assignments.size(), 2U);
}

TEST_F(BrokerTest, SellsNoSlotOfAProxyThatHasGone) {
  const auto poll = post(poll_of(volunteer()));
  gone(poll);
  const auto client = post(offer_of());
  pass(Seconds{25});
  EXPECT_EQ(refusal(client), Refusal::NoProxy);
  EXPECT_FALSE(answered(poll));
}

TEST_F(BrokerTest, TellsAProxyAtOnceThatItsClientHasGone) {
  const auto v = volunteer();
  const auto first = post(poll_of(v, 2));
  const auto client = post(offer_of());
  const auto parked = post(poll_of(v, 1));
  EXPECT_FALSE(answered(parked));
  gone(client);
  EXPECT_EQ(poll_reply(parked).withdrawn, std::vector<MatchId>{assignment(first).match});
  EXPECT_FALSE(answered(client));
}

TEST_F(BrokerTest, LetsTheNewerPollOfAProxyStand) {
  const auto v = volunteer();
  const auto older = post(poll_of(v));
  const auto newer = post(poll_of(v));
  EXPECT_EQ(refusal(older), Refusal::Superseded);
  post(offer_of());
  EXPECT_EQ(poll_reply(newer).assignments.size(), 1U);
}

TEST_F(BrokerTest, AvoidsTheProxyOfAnEarlierMatch) {
  const auto v = volunteer();
  const auto first = post(poll_of(v));
  const auto client = post(offer_of());
  answer(v, assignment(first).match);
  ASSERT_TRUE(answered(client));
  report(v, assignment(first).match, wire::OutcomeKind::Opened);
  const auto again = post(poll_of(v));
  auto more = offer_of();
  more.avoid = {assignment(first).match};
  post(more);
  EXPECT_FALSE(answered(again));
  post(offer_of());
  EXPECT_TRUE(answered(again));
}

TEST_F(BrokerTest, LimitsTheUnopenedSlotsOfOnePrefix) {
  const auto v = volunteer();
  const auto poll = post(poll_of(v));
  const auto client = post(offer_of(4), 9);
  EXPECT_EQ(refusal(post(offer_of(), 9)), Refusal::Rate);
  EXPECT_FALSE(answered(post(offer_of(), 10))) << "another prefix is held as ever";

  answer(v, assignment(poll).match);
  ASSERT_TRUE(answered(client));  // one slot is delivered and not open, three are free again
  EXPECT_FALSE(answered(post(offer_of(3), 9)));
  EXPECT_EQ(refusal(post(offer_of(), 9)), Refusal::Rate);
  report(v, assignment(poll).match, wire::OutcomeKind::Opened);
  EXPECT_FALSE(answered(post(offer_of(), 9)));
  EXPECT_EQ(refusal(post(offer_of(), 9)), Refusal::Rate);
}

TEST_F(BrokerTest, FreesASlotOfThePrefixWhenNoOutcomeComes) {
  const auto v = volunteer();
  for (int i = 0; i < 4; ++i) {
    const auto poll = post(poll_of(v));
    post(offer_of(), 9);
    answer(v, assignment(poll).match);
  }
  EXPECT_EQ(refusal(post(offer_of(), 9)), Refusal::Rate);
  pass(Broker::kUnopenedHold - Millis{1});
  EXPECT_EQ(refusal(post(offer_of(), 9)), Refusal::Rate);
  pass(Millis{1});
  EXPECT_FALSE(answered(post(offer_of(), 9)));
}

TEST_F(BrokerTest, HoldsAFloodFromTenPrefixesToFortySlots) {
  std::size_t held = 0;
  for (int round = 0; round < 1'000; ++round) {
    const auto v = volunteer();
    const auto poll = post(poll_of(v, 3));
    post(offer_of(4), static_cast<std::uint64_t>(round % 10));
    if (answered(poll)) {
      ++held;
      answer(v, assignment(poll).match);
    } else {
      gone(poll);
    }
    pass(Millis{1});
  }
  EXPECT_LE(held, 40U);
  EXPECT_GE(held, 30U);
}

TEST_F(BrokerTest, ChoosesTheEgressTheClientAsksForOrRefuses) {
  auto known = offer_of();
  known.egress = egress;
  EXPECT_FALSE(answered(post(known)));
  auto unknown = offer_of();
  unknown.egress = wire::EgressId::random(rng);
  EXPECT_EQ(refusal(post(unknown)), Refusal::EgressGone);
}

TEST_F(BrokerTest, SendsEverybodyAwayWhenItDrains) {
  const auto poll = post(poll_of(volunteer()));
  auto lonely = offer_of();
  lonely.compartment = wire::CompartmentId::random(rng);
  const auto client = post(lonely);
  broker.drain(now);
  collect();
  for (const auto key : {poll, client, post(offer_of()), post(poll_of(volunteer()))}) {
    EXPECT_EQ(refusal(key), Refusal::Draining);
    EXPECT_GE(replies.at(key).retry_after, Broker::kDrainSpreadFrom);
    EXPECT_LE(replies.at(key).retry_after, Broker::kDrainSpreadTo);
  }
  EXPECT_FALSE(broker.deadline());
}

// Three proxies answer one offer with SDPs that together would break the response's bound.
TEST_F(BrokerTest, TakesNoMoreAnswersThanOneResponseCarries) {
  std::vector<Volunteer> volunteers;
  std::vector<RequestKey> polls;
  for (int i = 0; i < 4; ++i) {
    volunteers.push_back(volunteer());
    polls.push_back(post(poll_of(volunteers.back())));
  }
  const auto client = post(offer_of(4));
  for (std::size_t i = 0; i < 4; ++i)
    answer(volunteers[i], assignment(polls[i]).match, std::string(wire::kMaxSdpBytes, 'a'));
  ASSERT_TRUE(answered(client));
  EXPECT_EQ(offer_reply(client).matches.size(), 3U);
}

TEST_F(BrokerTest, RefusesWhatItCannotReadAndGoesOn) {
  EXPECT_EQ(refusal(post_bytes({})), Refusal::Malformed);
  EXPECT_EQ(refusal(post_bytes(Bytes(70'000))), Refusal::Malformed);
  EXPECT_EQ(refusal(post_bytes(Bytes{std::byte{8}, std::byte{2}})), Refusal::Version);
  for (int i = 0; i < 2'000; ++i) post_bytes(rng.bytes(static_cast<std::size_t>(rng.between(0, 200))));
  EXPECT_EQ(broker.parked_offers() + broker.parked_polls(), 0U);
}

}  // namespace
}  // namespace footbridge::core
