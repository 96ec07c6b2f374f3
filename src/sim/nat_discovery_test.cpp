// Behaviour discovery (core/nat) through every kind of translator, with and without loss, on a virtual clock.
#include "core/nat/nat_discovery.hpp"

#include <functional>
#include <gtest/gtest.h>
#include <set>

#include "core/rendezvous/nat_pairs.hpp"
#include "sim/event_queue.hpp"
#include "sim/link.hpp"
#include "sim/nat.hpp"

namespace footbridge::sim {
namespace {

using core::NatVerdict;
using wire::NatBehaviour;
using wire::StunChange;

constexpr std::uint32_t kHome = 0x0d000001;  // 13.0.0.1, outside
constexpr std::uint32_t kFirst = 0x0b000001;
constexpr std::uint32_t kSecond = 0x0b000002;
constexpr std::uint32_t kPlain = 0x0c000001;
constexpr std::uint32_t kPlainToo = 0x0c000101;
constexpr std::uint16_t kPort = 3478;
constexpr std::uint16_t kOtherPort = 3479;
constexpr std::uint16_t kInsidePort = 5'000;  // of the first socket; the others follow
constexpr NatBehaviour kBehaviours[] = {NatBehaviour::EndpointIndependent, NatBehaviour::AddressDependent,
                                        NatBehaviour::AddressAndPortDependent};
constexpr std::uint64_t kSeeds = 100;

Endpoint endpoint(Place place) { return {IpAddress::v4(place.host), place.port}; }
Place place(const Endpoint& at) { return {at.address.v4_host_order(), at.port}; }

struct Terms {
  NatTerms nat{};
  std::vector<std::uint32_t> servers{kFirst, kPlain};
  bool own_address_outside = false;
  double loss = 0;
  bool cut = false;
  core::NatTests tests = core::NatTests::Full;
};

// One machine behind one box, and the STUN servers of the world: kFirst with kSecond as its other address, and plain
// ones.
class World {
 public:
  World(const Terms& terms, std::uint64_t seed)
      : nat_(kHome, terms.nat), rng_(seed), discovery_(discovery_terms(terms), rng_) {
    LinkWeather weather;
    weather.loss = terms.loss;
    weather.jitter = Millis{40};
    weather.keeps_order = false;
    out_.emplace(weather, seed * 2 + 1);
    in_.emplace(weather, seed * 2 + 2);
    out_->cut(terms.cut);
  }

  core::NatReport run() {
    discovery_.start(queue_.now());
    settle();
    while (!discovery_.done()) {
      if (auto event = queue_.pop_until(discovery_.deadline().value_or(queue_.now())))
        (*event)();
      else
        discovery_.on_deadline(queue_.now());
      settle();
    }
    return discovery_.report();
  }
  TimePoint now() const { return queue_.now(); }
  std::size_t sent() const { return sent_; }

 private:
  static core::NatDiscoveryTerms discovery_terms(const Terms& terms) {
    core::NatDiscoveryTerms out;
    for (const auto server : terms.servers) out.servers.push_back(endpoint({server, kPort}));
    out.tests = terms.tests;
    if (terms.own_address_outside) out.own.push_back(IpAddress::v4(kHome));
    return out;
  }

  void settle() {
    while (auto send = discovery_.poll(queue_.now())) {
      ++sent_;
      const auto to = place(send->to.reveal_to_socket());
      const auto source = nat_.send(queue_.now(), static_cast<std::uint16_t>(kInsidePort + send->socket), to);
      if (out_->is_cut()) continue;
      for (const auto at : out_->send(queue_.now(), send->datagram.size()))
        queue_.at(at, [this, to, source, question = send->datagram] { serve(to, source, question); });
    }
  }

  void serve(Place to, Place from, const Bytes& question) {
    const bool two_places = to.host == kFirst || to.host == kSecond;
    const auto change = question.size() == 20 ? StunChange::None : static_cast<StunChange>(question.back());
    wire::StunAnswer answer;
    answer.transaction = wire::parse_stun_header(question)->transaction;
    answer.mapped = endpoint(from);
    if (two_places) {
      if (change != StunChange::None) to.port = to.port == kPort ? kOtherPort : kPort;
      if (change == StunChange::AddressAndPort) to.host = to.host == kFirst ? kSecond : kFirst;
      answer.origin = endpoint(to);
      answer.other = endpoint({to.host == kFirst ? kSecond : kFirst, to.port == kPort ? kOtherPort : kPort});
    }
    const auto bytes = wire::encode_stun_answer(answer);
    for (const auto at : in_->send(queue_.now(), bytes.size()))
      queue_.at(at, [this, to, from, bytes] {
        const auto inside = nat_.receive(queue_.now(), from.port, to);
        if (!inside) return;
        discovery_.on_datagram(queue_.now(), static_cast<core::NatSocket>(*inside - kInsidePort), endpoint(to), bytes);
      });
  }

  EventQueue<std::function<void()>> queue_;
  Nat nat_;
  SeededRng rng_;
  core::NatDiscovery discovery_;
  std::optional<Link> out_;
  std::optional<Link> in_;
  std::size_t sent_ = 0;
};

// Calls back with every kind of translator.
template <class Visit>
void for_each_nat(Visit visit) {
  for (const auto mapping : kBehaviours)
    for (const auto filtering : kBehaviours) {
      SCOPED_TRACE(testing::Message() << "mapping " << static_cast<int>(mapping) << " filtering "
                                      << static_cast<int>(filtering));
      visit(wire::Nat{mapping, filtering});
    }
}

// P27, and with a fifth of the packets lost each way.
TEST(NatDiscoverySim, ClassifiesNineNatsRightlyWhateverTheSeed) {
  for (const double loss : {0.0, 0.2})
    for_each_nat([&](wire::Nat kind) {
      Terms terms;
      terms.nat.kind = kind;
      terms.loss = loss;
      for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
        World world(terms, seed);
        const auto report = world.run();
        ASSERT_EQ(report.nat, kind) << "seed=" << seed << " loss=" << loss;
        ASSERT_EQ(report.translated, true);
        ASSERT_LE(world.now(), TimePoint{} + core::kNatDiscoveryLimit);
        ASSERT_LE(world.sent(), core::kMaxNatDatagrams);
      }
    });
}

TEST(NatDiscoverySim, TellsTheOpenInternetAndFirewallsFromTranslators) {
  for (const double loss : {0.0, 0.2})
    for (const auto filtering : kBehaviours)
      for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
        Terms terms;
        terms.nat = {.kind = {NatBehaviour::EndpointIndependent, filtering}, .translates = false};
        terms.own_address_outside = true;
        terms.loss = loss;
        const auto report = World(terms, seed).run();
        ASSERT_EQ(report.nat, terms.nat.kind) << "seed=" << seed << " loss=" << loss;
        ASSERT_EQ(report.translated, false);
        ASSERT_EQ(report.verdict(),
                  filtering == NatBehaviour::AddressAndPortDependent ? NatVerdict::Moderate : NatVerdict::Open);
      }
}

TEST(NatDiscoverySim, SaysNoUdpWhereNothingGetsThrough) {
  Terms terms;
  terms.nat.kind = {NatBehaviour::AddressAndPortDependent, NatBehaviour::AddressAndPortDependent};
  terms.cut = true;
  World world(terms, 1);
  const auto report = world.run();
  EXPECT_EQ(report.verdict(), NatVerdict::NoUdp);
  EXPECT_EQ(report.nat, wire::Nat{}) << "nothing is claimed that nobody has seen";
  EXPECT_LE(world.now(), TimePoint{Seconds{3}});
}

TEST(NatDiscoverySim, JudgesMappingByTwoPlainServersWhereNoneHasTwoAddresses) {
  for (const double loss : {0.0, 0.2})
    for_each_nat([&](wire::Nat kind) {
      Terms terms;
      terms.nat.kind = kind;
      terms.servers = {kPlain, kPlainToo};
      terms.loss = loss;
      for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
        const auto nat = World(terms, seed).run().nat;
        ASSERT_EQ(nat.mapping == NatBehaviour::EndpointIndependent, kind.mapping == NatBehaviour::EndpointIndependent)
            << "seed=" << seed << " loss=" << loss;
        ASSERT_NE(nat.mapping, NatBehaviour::Unknown);
        ASSERT_EQ(nat.filtering, NatBehaviour::Unknown);
      }
    });
}

TEST(NatDiscoverySim, AsksAboutMappingAloneInFiveDatagramsAtMost) {
  for_each_nat([](wire::Nat kind) {
    Terms terms;
    terms.nat.kind = kind;
    terms.servers = {kFirst};
    terms.tests = core::NatTests::MappingOnly;
    World world(terms, 1);
    const auto report = world.run();
    EXPECT_EQ(report.nat.mapping, kind.mapping);
    EXPECT_EQ(report.nat.filtering, NatBehaviour::Unknown);
    EXPECT_EQ(world.sent(), 5U);
    EXPECT_LE(world.now(), TimePoint{Millis{250}});
  });
}

// Where a knock from outside takes the port, a link's first check may be such a knock: who is behind this router can
// only meet those who are open, and is told so.
TEST(NatDiscoverySim, TakesARouterOnWhichKnocksTakePortsForStrict) {
  for (const double loss : {0.0, 0.2})
    for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
      Terms terms;
      terms.nat = {.kind = {NatBehaviour::EndpointIndependent, NatBehaviour::AddressAndPortDependent},
                   .knocks_take_ports = true};
      terms.loss = loss;
      ASSERT_EQ(World(terms, seed).run().verdict(), NatVerdict::Strict) << "seed=" << seed << " loss=" << loss;
    }
}

// The end of it all: whom the matcher may pair by what discovery found out, meets.
TEST(NatDiscoverySim, FindsOutWhatMakesGoodPairs) {
  std::vector<std::pair<Nat, wire::Nat>> measured;
  for_each_nat([&](wire::Nat kind) {
    Terms terms;
    terms.nat.kind = kind;
    measured.emplace_back(Nat(static_cast<std::uint32_t>(kHome + measured.size()), terms.nat),
                          World(terms, 3).run().nat);
  });
  for (auto [a, nat_a] : measured)
    for (auto [b, nat_b] : measured) {
      if (core::nat_rank(core::classify(nat_a), core::classify(nat_b)) > core::kLastGoodNatRank) continue;
      Nat other(b.host() + 100, b.terms());
      EXPECT_TRUE(can_meet({}, a, other));
    }
}

}  // namespace
}  // namespace footbridge::sim
