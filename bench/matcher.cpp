// What the core matcher does by itself, without messages and sockets. Prints a line of JSON per sample:
// {"name", "unit", "value"}.
//
//   matcher [--samples N] [--waiting N]     N proxies wait instead of five million: smaller machines, smoke tests
//
// matches_per_s_100k  offers come, are matched and go, and each proxy that was sold polls again; 100,000 wait, mixed
// over
//                     compartments, address families and classes of NAT
// last_of_5m_us       the only fitting one of five million waiting proxies: from the offer's arrival until it is sold
// pairs_10k_s         10,000 offers and 10,000 proxies in random order, until all are matched
// beside_100k_p99_us  a common pair, while 100,000 offers of others wait for proxies that never come
#include "core/rendezvous/matcher.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

namespace footbridge::bench {
namespace {

using core::RequestKey;
using wire::Families;
using wire::NatBehaviour;

constexpr wire::Nat kNats[] = {{},
                               {NatBehaviour::EndpointIndependent, NatBehaviour::EndpointIndependent},
                               {NatBehaviour::EndpointIndependent, NatBehaviour::AddressAndPortDependent},
                               {NatBehaviour::AddressAndPortDependent, NatBehaviour::AddressAndPortDependent}};
constexpr std::size_t kCompartments = 50;
constexpr std::size_t kMixed = 100'000;
constexpr std::size_t kPairs = 10'000;
constexpr int kLookups = 2'000;
constexpr Seconds kHold{3'600};  // nobody's deadline comes while a figure is taken

double seconds_since(std::chrono::steady_clock::time_point began) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

void print(const char* name, const char* unit, double value) {
  std::printf("{\"name\": \"matcher.%s\", \"unit\": \"%s\", \"value\": %.4g}\n", name, unit, value);
  std::fflush(stdout);
}

class Crowd {
 public:
  explicit Crowd(std::uint64_t seed) : rng_(seed) {
    for (std::size_t i = 0; i < kCompartments; ++i) compartments_.push_back(wire::CompartmentId::random(rng_));
    compartments_.front() = wire::kCommonCompartment;
  }

  core::WaitingProxy proxy(const wire::CompartmentId& compartment) {
    core::WaitingProxy out;
    out.id = ProxyId::random(rng_);
    out.self_tag = SelfTag::random(rng_);
    out.compartments = {compartment};
    out.slots = 1;
    out.until = now_ + kHold;
    out.point = rng_.next_u64();
    return out;
  }
  core::WaitingOffer offer(const wire::CompartmentId& compartment) {
    core::WaitingOffer out;
    out.self_tag = SelfTag::random(rng_);
    out.compartment = compartment;
    out.until = now_ + kHold;
    if (compartment == wire::kCommonCompartment) out.point = rng_.next_u64();
    return out;
  }
  // Half of all in the common compartment, the others in one of the rest; any family, any NAT.
  core::WaitingProxy mixed_proxy() {
    auto out = proxy(compartment());
    out.families = families();
    out.nat = kNats[rng_.between(0, 3)];
    return out;
  }
  core::WaitingOffer mixed_offer() {
    auto out = offer(compartment());
    out.families = families();
    out.nat = kNats[rng_.between(0, 3)];
    return out;
  }

  RequestKey add(core::WaitingProxy proxy) {
    matcher_.add_proxy(now_, ++last_, std::move(proxy));
    return last_;
  }
  RequestKey add(core::WaitingOffer offer) {
    if (matcher_.add_offer(now_, ++last_, std::move(offer))) return last_;
    std::fprintf(stderr, "matcher: an offer was refused\n");
    std::exit(1);
  }
  // Takes what happened, ends the offers that were matched and answers how many.
  std::size_t settle() {
    std::size_t pairs = 0;
    while (const auto event = matcher_.poll())
      if (const auto* pair = std::get_if<core::Paired>(&*event)) {
        matcher_.remove_offer(pair->offer);
        ++pairs;
      }
    return pairs;
  }
  void end(RequestKey offer) { matcher_.remove_offer(offer); }
  SeededRng& rng() { return rng_; }

 private:
  const wire::CompartmentId& compartment() {
    return compartments_[rng_.between(0, 1) == 0 ? 0 : rng_.between(1, kCompartments - 1)];
  }
  Families families() {
    constexpr Families kMix[] = {Families::V4, Families::V4, Families::Both, Families::V6};
    return kMix[rng_.between(0, 3)];
  }

  SeededRng rng_;
  std::vector<wire::CompartmentId> compartments_;
  core::Matcher matcher_{{.max_proxies = 6'000'000, .max_offers = 200'000}};
  TimePoint now_{Seconds{1'000}};
  RequestKey last_ = 0;
};

void mixed(std::uint64_t seed) {
  Crowd crowd(seed);
  for (std::size_t i = 0; i < kMixed; ++i) crowd.add(crowd.mixed_proxy());
  // Made before, so that only the matcher's own time is in the figure.
  constexpr std::size_t kRounds = 100'000;
  std::vector<core::WaitingOffer> offers;
  std::vector<core::WaitingProxy> proxies;
  for (std::size_t i = 0; i < kRounds; ++i) {
    offers.push_back(crowd.mixed_offer());
    proxies.push_back(crowd.mixed_proxy());
  }
  std::size_t pairs = 0;
  const auto began = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < kRounds; ++i) {
    const auto key = crowd.add(std::move(offers[i]));
    const auto sold = crowd.settle();
    if (sold == 0) crowd.end(key);
    for (std::size_t k = 0; k < sold; ++k) crowd.add(std::move(proxies[pairs++]));
  }
  print("matches_per_s_100k", "1/s", static_cast<double>(pairs) / seconds_since(began));
}

void last_of(std::uint64_t seed, std::size_t waiting) {
  Crowd crowd(seed);
  for (std::size_t i = 1; i < waiting; ++i) crowd.add(crowd.proxy(wire::kCommonCompartment));
  const auto elsewhere = wire::CompartmentId::random(crowd.rng());
  std::vector<double> us;
  for (int i = 0; i < kLookups; ++i) {
    crowd.add(crowd.proxy(elsewhere));
    auto offer = crowd.offer(elsewhere);
    const auto began = std::chrono::steady_clock::now();
    crowd.add(std::move(offer));
    us.push_back(seconds_since(began) * 1e6);
    if (crowd.settle() != 1) std::exit(1);
  }
  std::nth_element(us.begin(), us.begin() + kLookups / 2, us.end());
  print("last_of_5m_us", "us", us[kLookups / 2]);
}

void pairs(std::uint64_t seed) {
  Crowd crowd(seed);
  const auto friends = wire::CompartmentId::random(crowd.rng());
  std::size_t offers = 0, proxies = 0, made = 0;
  const auto began = std::chrono::steady_clock::now();
  while (offers < kPairs || proxies < kPairs) {
    const bool offer = proxies == kPairs || (offers < kPairs && crowd.rng().between(0, 1) == 0);
    if (offer) {
      crowd.add(crowd.offer(friends));
      ++offers;
    } else {
      crowd.add(crowd.proxy(friends));
      ++proxies;
    }
    made += crowd.settle();
  }
  if (made != kPairs) std::exit(1);
  print("pairs_10k_s", "s", seconds_since(began));
}

void beside(std::uint64_t seed) {
  Crowd crowd(seed);
  for (std::size_t i = 0; i < kMixed; ++i) crowd.add(crowd.offer(wire::CompartmentId::random(crowd.rng())));
  std::vector<double> us;
  for (int i = 0; i < kLookups; ++i) {
    auto offer = crowd.offer(wire::kCommonCompartment);
    offer.point.reset();  // sees everybody: else most of the proxies that come would be in another slice
    auto proxy = crowd.proxy(wire::kCommonCompartment);
    const auto began = std::chrono::steady_clock::now();
    crowd.add(std::move(offer));
    crowd.add(std::move(proxy));
    if (crowd.settle() != 1) std::exit(1);
    us.push_back(seconds_since(began) * 1e6);
  }
  std::nth_element(us.begin(), us.begin() + kLookups * 99 / 100, us.end());
  print("beside_100k_p99_us", "us", us[kLookups * 99 / 100]);
}

int run(int count, char** words) {
  std::uint64_t samples = 3;
  std::size_t waiting = 5'000'000;
  for (int i = 1; i + 1 < count; i += 2) {
    if (std::strcmp(words[i], "--samples") == 0) samples = std::strtoull(words[i + 1], nullptr, 10);
    if (std::strcmp(words[i], "--waiting") == 0) waiting = std::strtoull(words[i + 1], nullptr, 10);
  }
  for (std::uint64_t seed = 1; seed <= samples; ++seed) {
    mixed(seed);
    pairs(seed);
    beside(seed);
  }
  last_of(1, waiting);  // once: filling it takes most of a minute
  return 0;
}

}  // namespace
}  // namespace footbridge::bench

int main(int count, char** words) { return footbridge::bench::run(count, words); }
