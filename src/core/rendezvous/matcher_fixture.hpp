// A Matcher on a virtual clock, with the cards of ordinary proxies and clients. For the tests of this folder.
#pragma once

#include <gtest/gtest.h>
#include <optional>
#include <utility>

#include "base/rng.hpp"
#include "core/rendezvous/matcher.hpp"

namespace footbridge::core {

struct MatcherFixture : testing::Test {
  SeededRng rng{9};
  Matcher matcher;
  TimePoint now{Seconds{1'000}};
  RequestKey last = 0;  // the first is 1

  WaitingProxy proxy(std::uint64_t prefix = 0) {
    WaitingProxy out;
    out.id = ProxyId::random(rng);
    out.self_tag = SelfTag::random(rng);
    out.compartments = {wire::kCommonCompartment};
    out.slots = 1;
    out.until = now + Seconds{25};
    out.point = rng.next_u64();
    out.prefix = prefix;
    return out;
  }
  WaitingOffer offer() {
    WaitingOffer out;
    out.self_tag = SelfTag::random(rng);
    out.compartment = wire::kCommonCompartment;
    out.until = now + Seconds{25};
    return out;
  }
  RequestKey add(WaitingProxy card) {
    matcher.add_proxy(now, ++last, std::move(card));
    return last;
  }
  RequestKey add(WaitingOffer card) {
    EXPECT_TRUE(matcher.add_offer(now, ++last, std::move(card)));
    return last;
  }
  // The pair that was made; whatever else has happened is forgotten.
  std::optional<Paired> next_pair() {
    std::optional<Paired> found;
    while (const auto event = matcher.poll())
      if (const auto* pair = std::get_if<Paired>(&*event)) found = *pair;
    return found;
  }
  // Its proxy; 0: none was made.
  RequestKey next_sold() {
    const auto pair = next_pair();
    return pair ? pair->proxy : 0;
  }
  // The proxy that this offer gets at once; 0: none.
  RequestKey got(WaitingOffer card) {
    add(std::move(card));
    return next_sold();
  }
};

}  // namespace footbridge::core
