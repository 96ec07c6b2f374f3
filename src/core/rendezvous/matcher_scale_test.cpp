// What one more request costs a matcher that is full: nothing in it may look at everybody who waits.
#include <ctime>
#include <gtest/gtest.h>

#include "core/rendezvous/matcher.hpp"

namespace footbridge::core {
namespace {

// A tree of 65,536 is 17 levels deep and misses the cache, one of 64 is 7 deep and does not: seven times as long, ten
// where others use the machine. A list is 1,000 times longer.
constexpr double kMostTimesAsLong = 30;
constexpr int kRounds = 3000;

struct MatcherScale : testing::Test {
  Matcher matcher;
  SeededRng rng{11};
  TimePoint now{Seconds{1000}};
  RequestKey last_key = 0;
  std::size_t pairs = 0;

  void add_proxy() {
    WaitingProxy proxy;
    proxy.id = ProxyId::random(rng);
    proxy.self_tag = SelfTag::random(rng);
    proxy.compartments = {wire::kCommonCompartment};
    proxy.slots = 1;
    proxy.until = now + Seconds{25};
    matcher.add_proxy(now, ++last_key, std::move(proxy));
    drain();
  }
  // One that nobody of the above fits: it shares no address family with them.
  WaitingOffer lonely_offer() {
    WaitingOffer offer = fitting_offer();
    offer.families = wire::Families::V6;
    return offer;
  }
  WaitingOffer fitting_offer() {
    WaitingOffer offer;
    offer.self_tag = SelfTag::random(rng);
    offer.compartment = wire::kCommonCompartment;
    offer.until = now + Seconds{25};
    return offer;
  }
  void add(WaitingOffer offer) {
    EXPECT_TRUE(matcher.add_offer(now, ++last_key, std::move(offer)));
    drain();
  }
  void drain() {
    while (const auto event = matcher.poll())
      if (const auto* pair = std::get_if<Paired>(&*event)) {
        ++pairs;
        matcher.remove_offer(pair->offer);
      }
  }
  // Everything that happens to a matcher: a match, a poll, an offer that waits and goes, a look at the clock.
  double seconds_of_rounds() {
    const auto began = std::clock();
    for (int i = 0; i < kRounds; ++i) {
      add(fitting_offer());
      add_proxy();
      add(lonely_offer());
      matcher.remove_offer(last_key);
      now += Millis{1};
      matcher.on_deadline(now);
    }
    return static_cast<double>(std::clock() - began) / CLOCKS_PER_SEC;
  }
};

TEST_F(MatcherScale, AFullTableIsHardlySlowerThanAnAlmostEmptyOne) {
  for (int i = 0; i < 64; ++i) add_proxy();
  seconds_of_rounds();  // warms up
  const auto small = seconds_of_rounds();
  while (matcher.proxies() < Matcher::kMaxProxies) add_proxy();
  while (matcher.offers() < Matcher::kMaxOffers - 1) add(lonely_offer());
  pairs = 0;
  const auto full = seconds_of_rounds();
  EXPECT_EQ(pairs, static_cast<std::size_t>(kRounds));
  EXPECT_EQ(matcher.proxies(), Matcher::kMaxProxies);
  std::printf("  a round: %.2f us with 64 waiting, %.2f us with %zu\n", small / kRounds * 1e6, full / kRounds * 1e6,
              matcher.proxies() + matcher.offers());
  EXPECT_LT(full, small * kMostTimesAsLong);
}

}  // namespace
}  // namespace footbridge::core
