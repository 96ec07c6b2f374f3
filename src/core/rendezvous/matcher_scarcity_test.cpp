// Who is served when there are fewer slots than paths that are wanted.
#include <algorithm>
#include <cstdio>
#include <functional>
#include <gtest/gtest.h>
#include <map>
#include <set>
#include <vector>

#include "base/overloaded.hpp"
#include "core/rendezvous/matcher.hpp"

namespace footbridge::core {
namespace {

constexpr wire::Nat kOpen{wire::NatBehaviour::EndpointIndependent, wire::NatBehaviour::EndpointIndependent};
constexpr Seconds kHold{25};

// Clients want three paths each, one at a time; volunteers have one slot each. A path lives for two minutes on the
// average; then its volunteer polls again, and its client asks again.
class Scarcity {
 public:
  Scarcity(std::size_t clients, std::size_t volunteers, bool tells) : tells_(tells), clients_(clients) {
    for (std::size_t i = 0; i < volunteers; ++i) volunteers_.push_back(ProxyId::random(rng_));
    for (std::size_t i = 0; i < volunteers; ++i) soon([this, i] { poll(i); });
    for (std::size_t i = 0; i < clients; ++i) soon([this, i] { ask(i); });
  }

  // Of all clients, on the average over `span` after `settling`.
  double share_with_a_path(Seconds settling, Seconds span) {
    run(settling);
    double sum = 0;
    for (auto left = span; left > Seconds{0}; left -= Seconds{1}) {
      run(Seconds{1});
      std::size_t with = 0;
      for (const auto& client : clients_) with += client.paths > 0 ? 1 : 0;
      sum += static_cast<double>(with) / static_cast<double>(clients_.size());
    }
    return sum / static_cast<double>(span.count());
  }

 private:
  struct Client {
    std::size_t paths = 0;
    bool asking = false;
  };

  void at(TimePoint when, std::function<void()> what) { events_.emplace(when, std::move(what)); }
  void soon(std::function<void()> what) { at(now_ + Millis{rng_.between(1, 2'000)}, std::move(what)); }

  void run(Duration span) {
    const auto until = now_ + span;
    for (;;) {
      std::optional<TimePoint> next = matcher_.deadline();
      if (!events_.empty()) next = earlier(next, events_.begin()->first);
      if (!next || *next > until) break;
      now_ = std::max(now_, *next);
      while (!events_.empty() && events_.begin()->first <= now_) {
        const auto what = std::move(events_.begin()->second);
        events_.erase(events_.begin());
        what();
      }
      matcher_.on_deadline(now_);
      drain();
    }
    now_ = until;
  }

  void poll(std::size_t volunteer) {
    const auto key = ++last_key_;
    polls_[key] = volunteer;
    matcher_.add_proxy(now_, key,
                       {volunteers_[volunteer],
                        SelfTag::random(rng_),
                        kOpen,
                        wire::Families::V4,
                        {wire::kCommonCompartment},
                        1,
                        now_ + kHold});
    drain();
  }
  void ask(std::size_t number) {
    auto& client = clients_[number];
    if (client.asking || client.paths >= 3) return;
    client.asking = true;
    const auto key = ++last_key_;
    offers_[key] = number;
    WaitingOffer offer{SelfTag::random(rng_), wire::kCommonCompartment, kOpen, wire::Families::V4, 1, {}, now_ + kHold};
    offer.has_path = tells_ && client.paths > 0;
    ASSERT_TRUE(matcher_.add_offer(now_, key, std::move(offer)));
    drain();
  }
  void drain() {
    while (const auto event = matcher_.poll())
      std::visit(
          Overloaded{[&](const Paired& pair) { begin_path(offers_.at(pair.offer), polls_.at(pair.proxy), pair.offer); },
                     [&](const ProxyEnded& end) { soon([this, who = polls_.at(end.proxy)] { poll(who); }); },
                     [&](const OfferEnded& end) {
                       const auto who = offers_.at(end.offer);
                       clients_[who].asking = false;
                       soon([this, who] { ask(who); });
                     }},
          *event);
  }
  void begin_path(std::size_t client, std::size_t volunteer, RequestKey offer) {
    matcher_.remove_offer(offer);
    clients_[client].asking = false;
    ++clients_[client].paths;
    soon([this, client] { ask(client); });
    at(now_ + Millis{rng_.between(1'000, 239'000)}, [this, client, volunteer] {
      --clients_[client].paths;
      soon([this, client] { ask(client); });
      soon([this, volunteer] { poll(volunteer); });
    });
  }

  bool tells_;
  SeededRng rng_{11};
  Matcher matcher_;
  TimePoint now_{Seconds{1'000}};
  std::vector<Client> clients_;
  std::vector<ProxyId> volunteers_;
  RequestKey last_key_ = 0;
  std::map<RequestKey, std::size_t> polls_, offers_;
  std::multimap<TimePoint, std::function<void()>> events_;
};

TEST(MatcherScarcity, ServesAlmostEverybodyWhenClientsSayThatTheyHaveAPath) {
  for (const std::size_t volunteers : {80U, 110U}) {
    const auto silent = Scarcity(100, volunteers, false).share_with_a_path(Seconds{300}, Seconds{900});
    const auto telling = Scarcity(100, volunteers, true).share_with_a_path(Seconds{300}, Seconds{900});
    std::printf("%zu volunteers for 100 clients who want three: %.1f %% have a path, %.1f %% when they tell\n",
                volunteers, 100 * silent, 100 * telling);
    EXPECT_GT(telling, silent);
    EXPECT_GT(telling, volunteers < 100 ? 0.75 : 0.9)
        << "there is one for " << std::min<std::size_t>(volunteers, 100) << " %";
  }
}

struct Pairs : testing::Test {
  WaitingProxy proxy() {
    return {ProxyId::random(rng), SelfTag::random(rng), kOpen, wire::Families::V4, {wire::kCommonCompartment}, 1,
            now + kHold};
  }
  RequestKey wait(bool has_path, unsigned sdps = 1) {
    WaitingOffer offer{SelfTag::random(rng), wire::kCommonCompartment, kOpen, wire::Families::V4, sdps, {},
                       now + kHold};
    offer.has_path = has_path;
    EXPECT_TRUE(matcher.add_offer(now, ++last, std::move(offer)));
    return last;
  }
  // Whom the next volunteer is sold to.
  std::optional<Paired> sell() {
    matcher.add_proxy(now, ++last, proxy());
    const auto event = matcher.poll();
    return event ? std::optional(std::get<Paired>(*event)) : std::nullopt;
  }
  SeededRng rng{5};
  Matcher matcher;
  TimePoint now{Seconds{1'000}};
  RequestKey last = 0;
};

TEST_F(Pairs, WhoHasNoPathIsServedBeforeAllWhoHaveOneHoweverLongTheseHaveWaited) {
  const auto has = wait(true);
  const auto has_too = wait(true);
  const auto none = wait(false);
  const auto none_either = wait(false);
  for (const auto next : {none, none_either, has, has_too}) EXPECT_EQ(sell()->offer, next);
}

TEST_F(Pairs, WhoHasJustGotOneWaitsForHisNextBehindThoseWhoHaveNone) {
  const auto wants_two = wait(false, 2);
  EXPECT_EQ(sell()->offer, wants_two);
  const auto none = wait(false);
  EXPECT_EQ(sell()->offer, none) << "also when it came later";
  EXPECT_EQ(sell()->offer, wants_two);
}

TEST_F(Pairs, WhoseVolunteerDidNotAnswerHasNoneAgain) {
  const auto unlucky = wait(false);
  const auto pair = sell();
  ASSERT_EQ(pair->offer, unlucky);
  const auto none = wait(false);
  EXPECT_TRUE(matcher.reopen(now, unlucky, pair->sdp_index));
  EXPECT_EQ(sell()->offer, unlucky) << "it asked first";
  EXPECT_EQ(sell()->offer, none);
}

TEST_F(Pairs, WhoseVolunteerDidNotAnswerHasHisOldPlaceAgainBeforeAllWhoWaitedThen) {
  const auto unlucky = wait(false);
  const auto none = wait(false);
  const auto pair = sell();
  ASSERT_EQ(pair->offer, unlucky);
  EXPECT_TRUE(matcher.reopen(now, unlucky, pair->sdp_index));
  EXPECT_EQ(sell()->offer, unlucky) << "it asked first";
  EXPECT_EQ(sell()->offer, none);
}

TEST_F(Pairs, WhoseSecondVolunteerDidNotAnswerWaitsBehindAsBefore) {
  const auto wants_two = wait(false, 2);
  const auto none = wait(false);
  ASSERT_EQ(sell()->offer, wants_two);
  ASSERT_EQ(sell()->offer, none);
  const auto second = sell();
  ASSERT_EQ(second->offer, wants_two);
  const auto none_either = wait(false);
  EXPECT_TRUE(matcher.reopen(now, wants_two, second->sdp_index));
  EXPECT_EQ(sell()->offer, none_either) << "the first may still answer";
  EXPECT_EQ(sell()->offer, wants_two);
}

}  // namespace
}  // namespace footbridge::core
