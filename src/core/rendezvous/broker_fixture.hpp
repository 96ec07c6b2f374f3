// A Broker on a virtual clock, with requests written and responses read for the test. For the tests of this folder.
#pragma once

#include <gtest/gtest.h>
#include <map>
#include <string>

#include "core/rendezvous/broker.hpp"

namespace footbridge::core {

inline constexpr UnixSeconds kBrokerTestUnix{1'800'000'000};

struct BrokerFixture : testing::Test {
  SeededRng rng{5};
  crypto::SecretKey leg_key = crypto::SecretKey::random(rng);
  wire::EgressId egress = wire::EgressId::random(rng);
  BrokerConfig config{{{egress, Private<std::string>("wss://egress.example/leg"), leg_key}}, 4};
  Broker broker{config, rng};
  TimePoint now{Seconds{1'000}};
  RequestKey next_key = 1;
  std::map<RequestKey, wire::Response> replies;
  std::map<RequestKey, Duration> match_waits;

  struct Volunteer {
    ProxyId id;
    SelfTag tag;
  };
  Volunteer volunteer() { return {ProxyId::random(rng), SelfTag::random(rng)}; }

  // One that has served somebody: it is trusted with all its slots.
  Volunteer proven() {
    const auto v = volunteer();
    const auto poll = post(poll_of(v));
    post(offer_of(), rng.next_u64());
    const auto match = assignment(poll).match;
    answer(v, match);
    report(v, match, wire::OutcomeKind::Opened);
    return v;
  }

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
  // Without a prefix offers come from one network, and polls from behind a front that hides theirs.
  RequestKey post(decltype(wire::Request::body) body, std::optional<std::uint64_t> prefix = std::nullopt) {
    RequesterInfo who;
    who.prefix_hash = prefix.value_or(1);
    if (!prefix && std::holds_alternative<wire::Poll>(body)) who.origin = Origin::Hidden;
    return post_as(who, std::move(body));
  }
  RequestKey post_as(const RequesterInfo& who, decltype(wire::Request::body) body) {
    return post_bytes(wire::encode_request({.body = std::move(body)}, rng), who);
  }
  RequestKey post_bytes(ByteView body, const RequesterInfo& who = {.prefix_hash = 1}) {
    const auto key = next_key++;
    broker.on_request(now, kBrokerTestUnix, key, body, who);
    collect();
    return key;
  }
  RequestKey post_sealed(decltype(wire::Request::body) body, const SealProof& proof) {
    const auto key = next_key++;
    broker.on_request(now, kBrokerTestUnix, key, wire::encode_request({.body = std::move(body)}, rng),
                      {.prefix_hash = 1}, proof);
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
    broker.on_gone(now, kBrokerTestUnix, key);
    collect();
  }
  void pass(Duration by) {
    const auto until = now + by;
    while (broker.deadline() && *broker.deadline() <= until) {
      now = std::max(now, *broker.deadline());
      broker.on_deadline(now, kBrokerTestUnix);
      collect();
    }
    now = until;
  }
  void collect() {
    while (auto reply = broker.poll()) {
      auto response = wire::parse_response(reply->body);
      ASSERT_TRUE(response);
      ASSERT_TRUE(replies.emplace(reply->request, std::move(*response)).second) << "answered twice";
      if (reply->match_wait) match_waits.emplace(reply->request, *reply->match_wait);
    }
  }
  bool answered(RequestKey key) const { return replies.contains(key); }
  const wire::PollReply& poll_reply(RequestKey key) { return std::get<wire::PollReply>(replies.at(key).body); }
  const wire::OfferReply& offer_reply(RequestKey key) { return std::get<wire::OfferReply>(replies.at(key).body); }
  wire::Refusal refusal(RequestKey key) { return replies.at(key).refusal; }
  const wire::Assignment& assignment(RequestKey key) { return poll_reply(key).assignments.at(0); }
};

}  // namespace footbridge::core
