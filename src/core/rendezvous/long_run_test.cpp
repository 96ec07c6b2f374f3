// A day of everything at once that strangers can do to a broker: whatever they leave behind is gone when its time is
// over, and no table is above its bound in between. What only an attack from tens of thousands of networks fills is in
// the tests of each table.
#include <algorithm>
#include <gtest/gtest.h>
#include <vector>

#include "core/rendezvous/broker_fixture.hpp"

namespace footbridge::core {
namespace {

struct LongRun : BrokerFixture {
  static constexpr int kVolunteers = 60;
  static constexpr std::uint64_t kNetworks = 200;  // of clients
  std::vector<Volunteer> volunteers;
  std::vector<std::pair<RequestKey, Volunteer>> polls;
  std::vector<RequestKey> offers;
  std::vector<std::pair<Volunteer, MatchId>> assigned, answered_matches;
  std::vector<MatchId> seen;

  void SetUp() override {
    for (int i = 0; i < kVolunteers; ++i) volunteers.push_back(volunteer());
  }
  template <class T>
  T take_one(std::vector<T>& from) {
    std::swap(from[rng.between(0, from.size() - 1)], from.back());
    auto out = std::move(from.back());
    from.pop_back();
    return out;
  }
  RequesterInfo network(std::uint64_t first, std::uint64_t last) { return {.prefix_hash = rng.between(first, last)}; }
  void poll_somehow() {
    const auto v = rng.between(0, 9) == 0 ? volunteer() : volunteers[rng.between(0, kVolunteers - 1)];
    auto poll = poll_of(v, static_cast<std::uint32_t>(rng.between(0, 4)));
    poll.wait = Seconds{static_cast<std::int64_t>(rng.between(0, 40))};
    polls.emplace_back(post_as(network(1'000, 1'050), std::move(poll)), v);
  }
  void offer_somehow() {
    auto offer = offer_of(static_cast<unsigned>(rng.between(1, 4)));
    offer.has_path = rng.between(0, 1) == 0;
    offer.wait = Seconds{static_cast<std::int64_t>(rng.between(0, 40))};
    for (auto left = rng.between(0, 3); left > 0 && !seen.empty(); --left)
      offer.avoid.push_back(seen[rng.between(0, seen.size() - 1)]);
    offers.push_back(post_as(network(1, kNetworks), std::move(offer)));
  }
  void answer_somehow() {
    if (assigned.empty()) return;
    auto [v, match] = take_one(assigned);
    if (rng.between(0, 4) == 0) return;  // never
    auto poll = poll_of(v, 0);
    if (rng.between(0, 4) == 0)
      poll.answers.push_back({match, wire::AnswerFailure::Gathering});
    else
      poll.answers.push_back({match, wire::Sdp("answer")});
    post_as(network(1'000, 1'050), std::move(poll));
    answered_matches.emplace_back(v, match);
  }
  void report_somehow() {
    if (answered_matches.empty()) return;
    auto [v, match] = take_one(answered_matches);
    if (rng.between(0, 4) == 0) return;
    constexpr wire::OutcomeKind kKinds[] = {wire::OutcomeKind::Opened, wire::OutcomeKind::Opened,
                                            wire::OutcomeKind::LinkFailed, wire::OutcomeKind::DialFailed,
                                            wire::OutcomeKind::Stopped};
    auto poll = poll_of(v, 0);
    poll.outcomes.push_back({match, kKinds[rng.between(0, std::size(kKinds) - 1)]});
    post_as(network(1'000, 1'050), std::move(poll));
  }
  void leave_somehow() {
    if (rng.between(0, 1) == 0 && !polls.empty()) return gone(take_one(polls).first);
    if (!offers.empty()) gone(take_one(offers));
  }
  // What the answers said; those that were answered wait no more.
  void read_replies() {
    for (const auto& [key, v] : polls) {
      const auto reply = replies.find(key);
      if (reply == replies.end()) continue;
      if (const auto* body = std::get_if<wire::PollReply>(&reply->second.body))
        for (const auto& one : body->assignments) {
          assigned.emplace_back(v, one.match);
          seen.push_back(one.match);
        }
    }
    std::erase_if(polls, [&](const auto& poll) { return replies.contains(poll.first); });
    std::erase_if(offers, [&](RequestKey key) { return replies.contains(key); });
    replies.clear();
    if (seen.size() > 500) seen.erase(seen.begin(), seen.begin() + 250);
  }
  void something() {
    switch (rng.between(0, 9)) {
      case 0:
      case 1:
      case 2: return poll_somehow();
      case 3:
      case 4: return offer_somehow();
      case 5:
      case 6: return answer_somehow();
      case 7: return report_somehow();
      case 8: return leave_somehow();
      default: return pass(Millis{static_cast<std::int64_t>(rng.between(0, 4'000))});
    }
  }
};

TEST_F(LongRun, LeavesNothingBehindWhenTheTimeOfEverythingIsOver) {
  for (int round = 0; round < 4; ++round) {
    std::size_t most = 0;
    for (int i = 0; i < 20'000; ++i) {
      something();
      if (i % 16 == 0) read_replies();
      most = std::max(most, broker.remembered());
    }
    EXPECT_GT(broker.stats().offers_matched, 100U * static_cast<unsigned>(round + 1));
    EXPECT_GT(most, 1'000U);
    // Some tables forget with the next thing that happens to them.
    pass(2 * ProxyQuality::kForgetAfter);
    read_replies();
    EXPECT_TRUE(polls.empty() && offers.empty()) << "everybody was answered";
    EXPECT_EQ(broker.parked_polls() + broker.parked_offers(), 0U);
    const auto v = volunteer();
    const auto poll = post(poll_of(v));
    post(offer_of());
    pass(Seconds{1});  // who went for good leaves the slices
    answer(v, assignment(poll).match);
    report(v, assignment(poll).match, wire::OutcomeKind::Opened);
    gone(post_as(network(1'000, 1'050), poll_of(volunteer())));
    now += LiveRing::kLiveFor;
    broker.on_deadline(now, kBrokerTestUnix);
    collect();
    EXPECT_LE(broker.remembered(), 8U) << "round " << round << ", of " << most;
    assigned.clear();
    answered_matches.clear();
    pass(2 * ProxyQuality::kForgetAfter);
    read_replies();
  }
}

}  // namespace
}  // namespace footbridge::core
