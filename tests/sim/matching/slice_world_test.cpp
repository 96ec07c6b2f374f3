// A censor with a hundred networks asks for a day: how many of ten thousand volunteers does it know at any moment, and
// does everybody else find one (threat T1)?
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>
#include <gtest/gtest.h>
#include <map>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "base/overloaded.hpp"
#include "core/rendezvous/matcher.hpp"

namespace footbridge::core {
namespace {

using wire::NatBehaviour;

constexpr std::size_t kProxies = 10'000;
constexpr Seconds kMeanLife{7'200};
constexpr std::size_t kCensorPrefixes = 100;
constexpr Seconds kCensorAsks{60};      // each network, for four proxies that it does not know yet
constexpr Seconds kUnopened{20};        // a slot that nobody opens
constexpr Seconds kMeanStay{1'200};     // of an honest client
constexpr double kHonestPerSecond = 8;  // half of all slots are in use then
constexpr Seconds kHonestFor{1'800};    // and they come in the last half hour only
constexpr Seconds kDay{86'400};

class SliceWorld {
 public:
  explicit SliceWorld(std::uint64_t seed) : rng_(seed) {
    for (std::size_t i = 0; i < kProxies; ++i) be_born();
    for (std::size_t i = 0; i < kCensorPrefixes; ++i) {
      const auto point = rng_.next_u64();
      at(now_ + Millis{rng_.between(0, 60'000)}, [this, point] { spy(point); });
    }
    at(now_ + kDay - kHonestFor, [this] { honest_client(); });
  }

  void run() {
    const auto end = now_ + kDay;
    auto look = now_;
    for (;;) {
      auto next = matcher_.deadline();
      if (!events_.empty()) next = earlier(next, events_.begin()->first);
      if (!next || *next > end) return;
      now_ = std::max(now_, *next);
      while (!events_.empty() && events_.begin()->first <= now_) {
        const auto what = std::move(events_.begin()->second);
        events_.erase(events_.begin());
        what();
      }
      matcher_.on_deadline(now_);
      drain();
      if (now_ < look) continue;
      look = now_ + Seconds{600};
      most_known_ = std::max(most_known_, known_share());
    }
  }
  double known_share() const { return static_cast<double>(known_) / static_cast<double>(alive_); }
  double most_known() const { return most_known_; }
  double honest_rate() const { return static_cast<double>(served_) / static_cast<double>(asked_); }
  std::size_t asked() const { return asked_; }

 private:
  struct Volunteer {
    WaitingProxy card;
    unsigned slots = 1, used = 0;
    RequestKey poll = 0;
    bool known = false;  // to the censor
  };
  using Number = std::uint64_t;

  void at(TimePoint when, std::function<void()> what) { events_.emplace(when, std::move(what)); }
  Duration lifetime(Seconds mean) {
    const auto unit = static_cast<double>(rng_.between(1, 1'000'000)) / 1e6;
    return Duration(
        static_cast<Duration::rep>(-std::log(unit) * std::chrono::duration<double, std::nano>(mean).count()));
  }
  bool percent(std::uint64_t of) { return rng_.between(1, 100) <= of; }

  wire::Nat proxy_nat() {
    const auto draw = rng_.between(1, 100);
    if (draw <= 20) return {NatBehaviour::EndpointIndependent, NatBehaviour::EndpointIndependent};
    if (draw <= 55) return {};
    if (draw <= 80) return {NatBehaviour::EndpointIndependent, NatBehaviour::AddressAndPortDependent};
    return {NatBehaviour::AddressAndPortDependent, NatBehaviour::AddressAndPortDependent};
  }
  wire::Nat client_nat() {
    const auto draw = rng_.between(1, 100);
    if (draw <= 30) return {NatBehaviour::AddressAndPortDependent, NatBehaviour::AddressAndPortDependent};
    if (draw <= 70) return {NatBehaviour::EndpointIndependent, NatBehaviour::AddressAndPortDependent};
    return {NatBehaviour::EndpointIndependent, NatBehaviour::EndpointIndependent};
  }

  void be_born() {
    const auto number = ++last_;
    auto& born = volunteers_[number];
    born.card.id = ProxyId::random(rng_);
    born.card.self_tag = SelfTag::random(rng_);
    born.card.nat = proxy_nat();
    born.card.compartments = {wire::kCommonCompartment};
    born.card.point = rng_.next_u64();
    born.card.prefix = rng_.next_u64();
    born.slots = percent(70) ? 1 : percent(80) ? 3 : 10;
    ++alive_;
    poll(number);
    at(now_ + lifetime(kMeanLife), [this, number] { die(number); });
  }
  void die(Number number) {
    const auto found = volunteers_.find(number);
    if (found->second.poll != 0) matcher_.remove_proxy(now_, found->second.poll);
    polls_.erase(found->second.poll);
    if (found->second.known) --known_;
    --alive_;
    volunteers_.erase(found);
    be_born();
  }
  void poll(Number number) {
    const auto found = volunteers_.find(number);
    if (found == volunteers_.end() || found->second.poll != 0 || found->second.used >= found->second.slots) return;
    auto& volunteer = found->second;
    auto card = volunteer.card;
    card.slots = std::min(volunteer.slots - volunteer.used, 3U);
    card.until = TimePoint::max();
    volunteer.poll = ++last_;
    polls_[volunteer.poll] = number;
    matcher_.add_proxy(now_, volunteer.poll, std::move(card));
    drain();
  }

  RequestKey ask(std::optional<RingPoint> point, unsigned sdps, wire::Nat nat, std::vector<ProxyId> avoid, bool spy) {
    WaitingOffer offer;
    offer.self_tag = SelfTag::random(rng_);
    offer.compartment = wire::kCommonCompartment;
    offer.nat = nat;
    offer.sdps = sdps;
    offer.avoid = std::move(avoid);
    offer.until = now_ + Seconds{25};
    offer.point = point;
    const auto key = ++last_;
    offers_[key] = {spy, *point, nat};
    EXPECT_TRUE(matcher_.add_offer(now_, key, std::move(offer)));
    drain();
    return key;
  }
  // It says it is behind the worst of NATs, or none, and avoids whom it has met.
  void spy(RingPoint point) {
    auto& met = met_[point];
    while (met.size() > wire::kMaxAvoided) met.erase(met.begin());
    ask(point, 4,
        percent(50) ? wire::Nat{NatBehaviour::AddressAndPortDependent, NatBehaviour::AddressAndPortDependent}
                    : wire::Nat{NatBehaviour::EndpointIndependent, NatBehaviour::EndpointIndependent},
        met, true);
    at(now_ + kCensorAsks, [this, point] { spy(point); });
  }
  void honest_client() {
    ++asked_;
    ask(rng_.next_u64(), 1, client_nat(), {}, false);
    at(now_ + Duration(static_cast<Duration::rep>(1e9 / kHonestPerSecond)), [this] { honest_client(); });
  }

  void drain() {
    while (const auto event = matcher_.poll())
      std::visit(Overloaded{[&](const Paired& pair) { on_pair(pair); }, [](const ProxyEnded&) {},
                            [&](const OfferEnded& end) { offers_.erase(end.offer); }},
                 *event);
  }
  void on_pair(const Paired& pair) {
    const auto number = polls_.at(pair.proxy);
    auto& volunteer = volunteers_.at(number);
    const auto& who = offers_.at(pair.offer);
    ++volunteer.used;
    if (who.spy) {
      met_[who.point].push_back(volunteer.card.id);
      if (!volunteer.known) ++known_;
      volunteer.known = true;
    } else {
      // A pair of NATs known to fail is nobody's way out.
      if (pair_rank(classify(who.nat), classify(volunteer.card.nat), wire::Families::V4) <= kLastGoodNatRank) ++served_;
      matcher_.remove_offer(pair.offer);
    }
    at(now_ + (who.spy ? Duration(kUnopened) : lifetime(kMeanStay)), [this, number] {
      const auto left = volunteers_.find(number);
      if (left == volunteers_.end()) return;
      --left->second.used;
      poll(number);
    });
    if (!who.spy) offers_.erase(pair.offer);
    // The poll is answered; the next one says what is free now. It may have been sold twice in this turn.
    matcher_.remove_proxy(now_, pair.proxy);
    volunteer.poll = 0;
    at(now_ + Millis{100}, [this, number] { poll(number); });
  }

  struct Who {
    bool spy = false;
    RingPoint point = 0;
    wire::Nat nat = {};
  };
  SeededRng rng_;
  Matcher matcher_;
  TimePoint now_{Seconds{1'000}};
  std::uint64_t last_ = 0;
  std::multimap<TimePoint, std::function<void()>> events_;
  std::unordered_map<Number, Volunteer> volunteers_;
  std::unordered_map<RequestKey, Number> polls_;
  std::unordered_map<RequestKey, Who> offers_;
  std::map<RingPoint, std::vector<ProxyId>> met_;
  std::size_t alive_ = 0, known_ = 0, asked_ = 0, served_ = 0;
  double most_known_ = 0;
};

TEST(SliceWorld, ACensorWithAHundredNetworksKnowsAnEighthOfThePoolAndEverybodyElseIsServed) {
  SliceWorld world(1);
  world.run();
  std::printf(
      "known of the live pool: %.1f %% at most, %.1f %% after a day; of %zu honest offers %.2f %% were served\n",
      100 * world.most_known(), 100 * world.known_share(), world.asked(), 100 * world.honest_rate());
  EXPECT_LE(world.most_known(), 0.12);
  EXPECT_GE(world.honest_rate(), 0.99);
}

}  // namespace
}  // namespace footbridge::core
