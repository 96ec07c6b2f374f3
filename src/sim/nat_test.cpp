// The translator by itself, and what the matcher believes about pairs of them (core/rendezvous/nat_pairs.hpp) against
// what ICE would find out.
#include "sim/nat.hpp"

#include <gtest/gtest.h>

#include "core/rendezvous/nat_pairs.hpp"

namespace footbridge::sim {
namespace {

using wire::NatBehaviour;

constexpr Place kFriend{7, 70};
constexpr Place kSameHost{7, 71};
constexpr Place kStranger{8, 80};

Nat nat(NatBehaviour mapping, NatBehaviour filtering, std::uint32_t host = 100) {
  return Nat(host, {.kind = {mapping, filtering}});
}

TEST(Nat, MapsAsFarAsItsKindLooks) {
  auto same = nat(NatBehaviour::EndpointIndependent, NatBehaviour::EndpointIndependent);
  EXPECT_EQ(same.send({}, 1, kFriend), same.send({}, 1, kStranger));
  auto by_host = nat(NatBehaviour::AddressDependent, NatBehaviour::EndpointIndependent);
  EXPECT_EQ(by_host.send({}, 1, kFriend), by_host.send({}, 1, kSameHost));
  EXPECT_NE(by_host.send({}, 1, kFriend), by_host.send({}, 1, kStranger));
  auto by_port = nat(NatBehaviour::AddressAndPortDependent, NatBehaviour::EndpointIndependent);
  EXPECT_NE(by_port.send({}, 1, kFriend), by_port.send({}, 1, kSameHost));
}

TEST(Nat, LetsInWhomItsFilterKnows) {
  const auto lets_in = [](NatBehaviour filtering, Place from) {
    auto box = nat(NatBehaviour::EndpointIndependent, filtering);
    const auto outside = box.send({}, 1, kFriend);
    return box.receive({}, outside.port, from).has_value();
  };
  EXPECT_TRUE(lets_in(NatBehaviour::EndpointIndependent, kStranger));
  EXPECT_TRUE(lets_in(NatBehaviour::AddressDependent, kSameHost));
  EXPECT_FALSE(lets_in(NatBehaviour::AddressDependent, kStranger));
  EXPECT_TRUE(lets_in(NatBehaviour::AddressAndPortDependent, kFriend));
  EXPECT_FALSE(lets_in(NatBehaviour::AddressAndPortDependent, kSameHost));
}

TEST(Nat, ForgetsABindingThatNobodyUses) {
  auto box = nat(NatBehaviour::EndpointIndependent, NatBehaviour::EndpointIndependent);
  const auto outside = box.send({}, 1, kFriend);
  EXPECT_TRUE(box.receive(TimePoint{Seconds{119}}, outside.port, kFriend));
  EXPECT_FALSE(box.receive(TimePoint{Seconds{120}}, outside.port, kFriend));
}

TEST(Nat, HairpinsOnlyIfItCan) {
  for (const bool hairpins : {false, true}) {
    Nat box(100,
            {.kind = {NatBehaviour::EndpointIndependent, NatBehaviour::EndpointIndependent}, .hairpins = hairpins});
    EXPECT_EQ(can_meet({}, box, box), hairpins);
  }
}

// For every kind of client and proxy: a pair that the matcher takes for good meets. One that it takes for bad fails,
// except where a translator maps more strictly than it filters; such boxes are rare, and their users only wait a
// little.
TEST(Nat, AgreesWithWhatTheMatcherBelievesAboutPairs) {
  constexpr NatBehaviour kAll[] = {NatBehaviour::EndpointIndependent, NatBehaviour::AddressDependent,
                                   NatBehaviour::AddressAndPortDependent};
  const auto odd = [](const Nat& box) { return box.terms().kind.filtering < box.terms().kind.mapping; };
  const auto compare = [&](Nat a, Nat b) {
    const auto rank = core::nat_rank(core::classify(a.terms().kind), core::classify(b.terms().kind));
    const bool meet = can_meet({}, a, b);
    if (rank <= core::kLastGoodNatRank) EXPECT_TRUE(meet);
    if (rank > core::kLastGoodNatRank) EXPECT_TRUE(!meet || odd(a) || odd(b));
  };
  for (const auto mapping_a : kAll)
    for (const auto filtering_a : kAll)
      for (const auto mapping_b : kAll)
        for (const auto filtering_b : kAll) {
          SCOPED_TRACE(testing::Message() << static_cast<int>(mapping_a) << static_cast<int>(filtering_a) << " against "
                                          << static_cast<int>(mapping_b) << static_cast<int>(filtering_b));
          compare(nat(mapping_a, filtering_a, 100), nat(mapping_b, filtering_b, 200));
        }
}

}  // namespace
}  // namespace footbridge::sim
