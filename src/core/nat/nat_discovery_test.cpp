// The machine by itself: what it sends, whom it believes, when it ends. Whether it classifies translators rightly is
// shown in src/sim/nat_discovery_test.cpp, with translators.
#include "core/nat/nat_discovery.hpp"

#include <gtest/gtest.h>
#include <map>
#include <optional>
#include <set>

namespace footbridge::core {
namespace {

using wire::NatBehaviour;
using wire::StunChange;

const Endpoint kFirst = *Endpoint::parse("11.0.0.1:3478");
const Endpoint kSecond = *Endpoint::parse("11.0.0.2:3479");
const Endpoint kPlain = *Endpoint::parse("12.0.0.1:3478");
const Endpoint kOutside = *Endpoint::parse("13.0.0.1:40000");

StunChange change_of(const Bytes& question) {
  return question.size() == 20 ? StunChange::None : static_cast<StunChange>(question.back());
}

wire::StunAnswer answer_to(const Bytes& question, const Endpoint& mapped) {
  wire::StunAnswer out;
  out.transaction = wire::parse_stun_header(question)->transaction;
  out.mapped = mapped;
  return out;
}

// A machine, its clock, and what it has sent.
struct Bench {
  explicit Bench(NatDiscoveryTerms terms) : discovery(std::move(terms), rng) { discovery.start(now); }

  std::vector<NatDiscovery::Send> sends() {
    std::vector<NatDiscovery::Send> out;
    while (auto send = discovery.poll(now)) out.push_back(std::move(*send));
    sent += out.size();
    return out;
  }
  void hear(const NatDiscovery::Send& send, const Endpoint& from, const wire::StunAnswer& answer) {
    discovery.on_datagram(now, send.socket, from, wire::encode_stun_answer(answer));
  }
  // To the next deadline.
  void wait() {
    now = *discovery.deadline();
    discovery.on_deadline(now);
  }
  // Answers whatever `respond` has an answer for, until the end.
  template <class Respond>
  void run(Respond respond) {
    while (!discovery.done()) {
      auto waiting = sends();
      for (const auto& send : waiting) respond(send);
      if (!discovery.done() && waiting.empty()) wait();
    }
  }

  SeededRng rng{7};
  TimePoint now{};
  NatDiscovery discovery;
  std::size_t sent = 0;
};

TEST(NatDiscovery, SaysNoUdpWhenNobodyAnswers) {
  Bench bench({.servers = {kFirst, kPlain}, .own = {}});
  bench.run([](const NatDiscovery::Send&) {});
  EXPECT_EQ(bench.discovery.report().verdict(), NatVerdict::NoUdp);
  EXPECT_EQ(bench.sent, 2 * kStunTries);
  EXPECT_EQ(bench.now, TimePoint{} + (kStunTries - 1) * kStunTryInterval + kStunLastWait);
}

TEST(NatDiscovery, IsDoneAtOnceWithoutAServer) {
  Bench bench({.servers = {}, .own = {}});
  EXPECT_TRUE(bench.discovery.done());
  EXPECT_EQ(bench.discovery.report().verdict(), NatVerdict::Unmeasured);
  EXPECT_FALSE(bench.discovery.deadline());
}

std::vector<Endpoint> servers_of(std::uint32_t count) {
  std::vector<Endpoint> out;
  for (std::uint32_t i = 0; i < count; ++i) out.push_back({IpAddress::v4(0x0b000001 + i), 3478});
  return out;
}

TEST(NatDiscovery, AsksOthersOnlyWhereThoseBeforeAreSilent) {
  const auto servers = servers_of(20);
  Bench bench({.servers = servers, .own = {}, .tests = NatTests::MappingOnly});
  const auto first = bench.sends();
  ASSERT_EQ(first.size(), kMaxNatServers);
  bench.hear(first[3], servers[3], answer_to(first[3].datagram, kOutside));
  std::set<Endpoint> asked;
  bench.run([&](const NatDiscovery::Send& send) { asked.insert(send.to.reveal_to_socket()); });
  EXPECT_EQ(asked, (std::set{servers[0], servers[1], servers[2]})) << "again, and nobody else";

  Bench lonely({.servers = servers, .own = {}});
  asked.clear();
  lonely.run([&](const NatDiscovery::Send& send) { asked.insert(send.to.reveal_to_socket()); });
  EXPECT_EQ(asked.size(), kMaxNatAsked);
}

// U32: the last of ten answers, the others are dead.
TEST(NatDiscovery, FindsTheOneServerInTenThatAnswersWithinASecond) {
  const auto servers = servers_of(10);
  Bench bench({.servers = servers, .own = {}});
  std::optional<TimePoint> found;
  std::map<Endpoint, bool> news;
  bench.run([&](const NatDiscovery::Send& send) {
    if (send.to.reveal_to_socket() == servers[9]) bench.hear(send, servers[9], answer_to(send.datagram, kOutside));
    while (const auto told = bench.discovery.poll_server()) {
      news[told->server] = told->answers;
      if (told->answers && !found) {
        found = bench.now;
        EXPECT_EQ(news.size(), 10U) << "with it all others are known to be silent";
      }
    }
  });
  EXPECT_EQ(found, TimePoint{} + 2 * kNatNextServers);
  for (const auto& [server, answers] : news) EXPECT_EQ(answers, server == servers[9]);
  EXPECT_LE(bench.now, TimePoint{} + kNatDiscoveryLimit);
}

TEST(NatDiscovery, SaysOfNoServerThatItIsSilentBeforeItsTime) {
  const auto servers = servers_of(3);
  Bench bench({.servers = servers, .own = {}});
  for (const auto& send : bench.sends())
    if (send.to.reveal_to_socket() == servers[1]) bench.hear(send, servers[1], answer_to(send.datagram, kOutside));
  EXPECT_EQ(bench.discovery.poll_server(), (NatDiscovery::ServerNews{servers[1], true}));
  EXPECT_EQ(bench.discovery.poll_server(), std::nullopt);
  bench.run([](const NatDiscovery::Send&) {});
  EXPECT_EQ(bench.discovery.poll_server(), (NatDiscovery::ServerNews{servers[0], false}));
  EXPECT_EQ(bench.discovery.poll_server(), (NatDiscovery::ServerNews{servers[2], false}));
}

TEST(NatDiscovery, ComparesTwoPlainServersAndLeavesFilteringOpen) {
  for (const bool same : {true, false}) {
    Bench bench({.servers = {kFirst, kPlain}, .own = {}});
    bench.run([&](const NatDiscovery::Send& send) {
      auto mapped = kOutside;
      if (!same && send.to.reveal_to_socket() == kPlain) ++mapped.port;
      bench.hear(send, send.to.reveal_to_socket(), answer_to(send.datagram, mapped));
    });
    EXPECT_EQ(bench.discovery.report().nat.mapping,
              same ? NatBehaviour::EndpointIndependent : NatBehaviour::AddressAndPortDependent);
    EXPECT_EQ(bench.discovery.report().nat.filtering, NatBehaviour::Unknown);
    EXPECT_EQ(bench.sent, 2U) << "answered questions are not asked again";
  }
}

TEST(NatDiscovery, KnowsNothingFromOnePlainServerButWhetherWeAreTranslated) {
  for (const bool own : {true, false}) {
    Bench bench({.servers = {kPlain}, .own = own ? std::vector{kOutside.address} : std::vector<IpAddress>{}});
    bench.run([&](const NatDiscovery::Send& send) { bench.hear(send, kPlain, answer_to(send.datagram, kOutside)); });
    EXPECT_EQ(bench.discovery.report().verdict(), NatVerdict::Unmeasured);
    EXPECT_EQ(bench.discovery.report().translated, !own);
  }
}

// What a server with two addresses does on the open internet.
void serve(Bench& bench, const NatDiscovery::Send& send, std::optional<Endpoint> other = kSecond,
           std::optional<Endpoint> origin = std::nullopt) {
  auto from = send.to.reveal_to_socket();
  const auto change = change_of(send.datagram);
  if (change != StunChange::None) from.port = from.port == kFirst.port ? kSecond.port : kFirst.port;
  if (change == StunChange::AddressAndPort) from.address = kSecond.address;
  auto answer = answer_to(send.datagram, kOutside);
  answer.other = other;
  answer.origin = origin;
  bench.hear(send, from, answer);
}

TEST(NatDiscovery, BeginsEachRoundOnAFreshPortAndNamesNoneBeforeItsTurn) {
  Bench bench({.servers = {kFirst}, .own = {}});
  std::map<NatDiscovery::State, std::vector<NatSocket>> sockets;
  bench.run([&](const NatDiscovery::Send& send) {
    sockets[bench.discovery.state()].push_back(send.socket);
    serve(bench, send);
  });
  EXPECT_EQ(sockets[NatDiscovery::State::Probing], std::vector<NatSocket>({0}));
  EXPECT_EQ(sockets[NatDiscovery::State::Filtering], std::vector<NatSocket>({1, 1}));
  EXPECT_EQ(sockets[NatDiscovery::State::Mapping], std::vector<NatSocket>({2, 2, 2, 2, 1, 1}));
  EXPECT_EQ(bench.discovery.report().verdict(), NatVerdict::Open);
}

TEST(NatDiscovery, SendsNoChangeRequestWhenOnlyTheMappingIsWanted) {
  Bench bench({.servers = {kFirst}, .own = {}, .tests = NatTests::MappingOnly});
  bench.run([&](const NatDiscovery::Send& send) {
    EXPECT_EQ(send.datagram.size(), 20U);
    serve(bench, send);
  });
  EXPECT_EQ(bench.discovery.report().nat.mapping, NatBehaviour::EndpointIndependent);
  EXPECT_EQ(bench.discovery.report().nat.filtering, NatBehaviour::Unknown);
}

TEST(NatDiscovery, GoesToNoBogusOtherAddress) {
  for (const auto* bogus : {"11.0.0.1:3479", "11.0.0.2:3478", "192.168.1.1:3479", "127.0.0.1:3479", "224.0.0.1:3479",
                            "255.255.255.255:3479", "0.0.0.0:3479", "100.64.0.1:3479", "169.254.169.254:3479",
                            "11.0.0.2:53", "11.0.0.2:0", "13.0.0.9:3479", "[2a02:1::1]:3479"}) {
    SCOPED_TRACE(bogus);
    Bench bench({.servers = {kFirst}, .own = {*IpAddress::parse("13.0.0.9")}});
    bench.run([&](const NatDiscovery::Send& send) {
      EXPECT_EQ(send.to.reveal_to_socket(), kFirst);
      serve(bench, send, *Endpoint::parse(bogus));
    });
    EXPECT_EQ(bench.discovery.report().nat, wire::Nat{});
    EXPECT_EQ(bench.sent, 1U);
  }
}

TEST(NatDiscovery, DoesNotUseAServerThatSeesItselfElsewhere) {
  Bench bench({.servers = {kFirst}, .own = {}});
  bench.run([&](const NatDiscovery::Send& send) { serve(bench, send, kSecond, *Endpoint::parse("10.0.0.1:3478")); });
  EXPECT_EQ(bench.sent, 1U);
}

TEST(NatDiscovery, BelievesOnlyAnswersToItsQuestionsFromWhereTheyMustCome) {
  Bench bench({.servers = {kFirst, kPlain}, .own = {}});
  const auto sends = bench.sends();
  auto other = answer_to(sends[0].datagram, kOutside);
  other.transaction[0] ^= std::byte{1};
  bench.hear(sends[0], kFirst, other);
  bench.hear(sends[0], kSecond, answer_to(sends[0].datagram, kOutside));
  bench.discovery.on_datagram(bench.now, 1, kFirst, wire::encode_stun_answer(answer_to(sends[0].datagram, kOutside)));
  bench.discovery.on_datagram(bench.now, 0, kFirst, sends[0].datagram);
  bench.discovery.on_datagram(bench.now, 0, kFirst, {});
  EXPECT_FALSE(bench.discovery.outside());
  bench.hear(sends[0], kFirst, answer_to(sends[0].datagram, kOutside));
  EXPECT_TRUE(bench.discovery.outside());
}

TEST(NatDiscovery, TakesSilenceOfADeadAddressForNoFilter) {
  // The second address is dead, or the second port of the first, or the network is once the filters were asked.
  enum class Dead : std::uint8_t { Address, Port, Network };
  for (const auto dead : {Dead::Address, Dead::Port, Dead::Network}) {
    SCOPED_TRACE(static_cast<int>(dead));
    Bench bench({.servers = {kFirst}, .own = {}});
    bench.run([&](const NatDiscovery::Send& send) {
      const auto to = send.to.reveal_to_socket();
      const auto change = change_of(send.datagram);
      const bool to_second = to.address == kSecond.address || change == StunChange::AddressAndPort;
      const bool to_port = !to_second && (to.port == kSecond.port || change == StunChange::Port);
      const bool answers = dead == Dead::Address ? !to_second
                           : dead == Dead::Port  ? !to_port && change == StunChange::None
                                                 : send.socket != 1;
      if (answers) serve(bench, send);
    });
    EXPECT_EQ(bench.discovery.report().nat.filtering, NatBehaviour::Unknown);
  }
}

TEST(NatDiscovery, EndsAtOnceWhenTheMachineWasAsleep) {
  Bench bench({.servers = {kFirst}, .own = {}});
  bench.sends();
  bench.now += kNatDiscoveryLimit;
  bench.discovery.on_deadline(bench.now);
  EXPECT_TRUE(bench.discovery.done());
}

TEST(NatDiscovery, TakesAServerThatIgnoresChangesForNoFilter) {
  Bench bench({.servers = {kFirst}, .own = {}});
  bench.run([&](const NatDiscovery::Send& send) {
    auto answer = answer_to(send.datagram, kOutside);
    answer.other = kSecond;
    bench.hear(send, send.to.reveal_to_socket(), answer);
  });
  EXPECT_EQ(bench.discovery.report().nat.mapping, NatBehaviour::EndpointIndependent);
  EXPECT_EQ(bench.discovery.report().nat.filtering, NatBehaviour::Unknown);
}

TEST(NatDiscovery, EndsInTenSecondsAndItsDatagramsWhateverHappens) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    SeededRng chance(seed);
    auto servers = servers_of(12);
    servers[static_cast<std::size_t>(chance.between(0, 11))] = kFirst;
    Bench bench({.servers = std::move(servers), .own = {}});
    bench.run([&](const NatDiscovery::Send& send) {
      if (chance.between(0, 9) == 0) serve(bench, send);
    });
    EXPECT_LE(bench.now, TimePoint{} + kNatDiscoveryLimit);
    EXPECT_LE(bench.sent, kMaxNatDatagrams);
  }
}

TEST(NatDiscovery, StopsAskingWhenSomebodyKnowsAlready) {
  Bench bench({.servers = {kFirst}, .own = {}});
  serve(bench, bench.sends().at(0));
  EXPECT_EQ(bench.discovery.outside()->reveal_to_socket(), kOutside.address);
  const NatReport known{.nat = {NatBehaviour::AddressDependent, NatBehaviour::AddressDependent}, .heard = true};
  bench.discovery.settle_with(known);
  EXPECT_TRUE(bench.discovery.done());
  EXPECT_EQ(bench.discovery.report(), known);
  EXPECT_TRUE(bench.sends().empty());
}

}  // namespace
}  // namespace footbridge::core
