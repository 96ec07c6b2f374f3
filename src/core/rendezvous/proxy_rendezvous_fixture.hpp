// A ProxyRendezvous on a virtual clock, with the requests it makes read and responses written for the test. For the
// tests of this folder.
#pragma once

#include <algorithm>
#include <gtest/gtest.h>
#include <variant>
#include <vector>

#include "core/rendezvous/proxy_rendezvous.hpp"

namespace footbridge::core {

struct ProxyRendezvousFixture : testing::Test {
  using Post = ProxyRendezvous::Post;

  SeededRng rng{13};
  ProxyRendezvousConfig config;
  ProxyRendezvous proxy{config, rng};
  TimePoint now{Seconds{1'000}};

  explicit ProxyRendezvousFixture(Millis first_hold = RequestChannel::kHold)
      : config{.proxy = ProxyId::random(rng), .self_tag = SelfTag::random(rng), .first_hold = first_hold} {}

  template <class Output>
  Output next() {
    auto out = proxy.poll();
    EXPECT_TRUE(out && std::holds_alternative<Output>(*out));
    return out && std::holds_alternative<Output>(*out) ? std::get<Output>(std::move(*out)) : Output{};
  }
  wire::Poll body_of(const Post& post) { return std::get<wire::Poll>(wire::parse_request(post.body)->body); }
  Bytes nothing() { return wire::encode_response({.body = wire::PollReply{}}, rng); }
  Bytes refusal(wire::Refusal why, Millis retry = {}) {
    return wire::encode_response({.refusal = why, .retry_after = retry, .body = wire::PollReply{}}, rng);
  }
  wire::Assignment assignment() {
    wire::Assignment a;
    a.match = MatchId::random(rng);
    a.sdp = wire::Sdp("offer");
    a.relay_url = Private<std::string>("wss://egress.example/leg");
    a.leg_token = Private<Bytes>(Bytes(wire::kLegTokenBytes));
    return a;
  }
  Bytes assignments(std::size_t count) {
    wire::PollReply reply;
    while (reply.assignments.size() < count) reply.assignments.push_back(assignment());
    return wire::encode_response({.body = reply}, rng);
  }
  void expect_silence() { EXPECT_FALSE(proxy.poll()); }
  // It has no free slot, and keeps its place with the broker.
  void keep_place() {
    proxy.set_free_slots(now, 0, true);
    next<Post>();
  }
  // However long it waits.
  void expect_no_errand() {
    for (int i = 0; i < 10; ++i) {
      proxy.on_deadline(now = *proxy.deadline());
      while (auto out = proxy.poll())
        if (const auto* post = std::get_if<Post>(&*out)) EXPECT_EQ(body_of(*post).wait, RequestChannel::kHold);
    }
  }
  // How often a broker that answers each poll at once, with these in turns, is asked in ten minutes.
  int asked_in_ten_minutes(const std::vector<Bytes>& answers) {
    constexpr int kFlood = 1'000;
    proxy.set_free_slots(now, 1);
    int posts = 0;
    for (const auto end = now + Seconds{600}; now < end && posts < kFlood;) {
      for (auto out = proxy.poll(); out && posts < kFlood; out = proxy.poll())
        if (const auto* post = std::get_if<Post>(&*out))
          proxy.on_response(now, post->id, answers[static_cast<std::size_t>(posts++) % answers.size()]);
      now = std::max(now, *proxy.deadline());
      proxy.on_deadline(now);
    }
    return posts;
  }
};

}  // namespace footbridge::core
