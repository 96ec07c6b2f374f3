// Clients and volunteers that cheat with tickets, at a running egress with several workers: none of them is relayed,
// each hears why, and everybody else goes on.
#include <gtest/gtest.h>
#include <optional>
#include <string>

#include "contract/egress_world.hpp"
#include "crypto/shared_keys.hpp"

namespace footbridge::egress {
namespace {

using core::TicketRefusal;
using test::EgressClient;
using wire::RefusalCode;

struct EgressTickets : testing::Test {
  test::EgressWorld world;
  EgressClient& honest = world.client(1);

  // What the client hears of the path that it adds now; nullopt: it is let in.
  std::optional<RefusalCode> refusal(EgressClient& client) {
    const auto over = client.overs.size();
    if (world.add_path(client)) return std::nullopt;
    if (client.overs.size() == over) {
      ADD_FAILURE() << "neither let in nor refused";
      return std::nullopt;
    }
    EXPECT_FALSE(client.overs.back().was_carrying);
    return client.overs.back().refusal;
  }
  std::uint64_t counted(TicketRefusal why) { return world.metrics.tickets_refused[why].value(); }
  crypto::Ticket ticket(const MatchId& match) {
    crypto::Ticket out;
    out.match = match;
    out.expiry = UnixSeconds{count(io::unix_now()) + crypto::kTicketLifetimeSeconds};
    return out;
  }
  Bytes sealed(const crypto::Ticket& what) {
    return crypto::seal_ticket(what, crypto::ticket_key(world.leg_key), world.rng);
  }
  // Nobody who was refused has left anything, and the next honest one is served.
  void nothing_came_of_it(std::uint64_t sessions = 0) {
    EXPECT_EQ(world.budget.sessions(), sessions);
    EXPECT_EQ(world.metrics.sessions_begun.value(), sessions);
    EXPECT_TRUE(world.add_path(honest));
    EXPECT_TRUE(world.add_path(honest)) << "a second path of the same session has a ticket of its own";
    EXPECT_EQ(honest.paths(), 2U);
  }
};

TEST_F(EgressTickets, AClientThatDropsItsTicketIsNotRelayed) {
  auto& client = world.client(0);
  client.show = [](const MatchId&) { return Bytes{}; };
  EXPECT_EQ(refusal(client), RefusalCode::Admission);
  EXPECT_EQ(counted(TicketRefusal::Forged), 1U);
  nothing_came_of_it();
}

TEST_F(EgressTickets, AClientThatForgesOneIsNotRelayed) {
  auto& client = world.client(0);
  client.show = [&](const MatchId& match) {
    auto forged = client.sealed_ticket(match);
    forged[70] ^= std::byte{4};
    return forged;
  };
  EXPECT_EQ(refusal(client), RefusalCode::Admission);
  client.show = [&](const MatchId& match) { return crypto::seal_ticket(ticket(match), world.leg_key, world.rng); };
  EXPECT_EQ(refusal(client), RefusalCode::Admission) << "sealed with the key of leg tokens";
  EXPECT_EQ(counted(TicketRefusal::Forged), 2U);
  nothing_came_of_it();
}

TEST_F(EgressTickets, AClientThatShowsOneAgainIsNotRelayed) {
  auto& client = world.client(0);
  Bytes first;
  client.show = [&](const MatchId& match) { return first = client.sealed_ticket(match); };
  EXPECT_EQ(refusal(client), std::nullopt);
  client.show = [&](const MatchId&) { return first; };
  EXPECT_EQ(refusal(client), RefusalCode::Admission);
  EXPECT_EQ(refusal(client), RefusalCode::Admission);
  EXPECT_EQ(counted(TicketRefusal::OtherMatch), 2U);
  EXPECT_EQ(client.paths(), 1U) << "what it has stays";
  nothing_came_of_it(1);
}

TEST_F(EgressTickets, ClientsThatSwapTheirsAreNotRelayed) {
  auto& one = world.client(0);
  auto& other = world.client(2);
  const auto foreign = MatchId::random(world.rng);
  one.show = other.show = [&](const MatchId&) { return one.sealed_ticket(foreign); };
  EXPECT_EQ(refusal(one), RefusalCode::Admission);
  EXPECT_EQ(refusal(other), RefusalCode::Admission);
  EXPECT_EQ(counted(TicketRefusal::OtherMatch), 2U);
  nothing_came_of_it();
}

TEST_F(EgressTickets, AProxyThatSwapsItsClientsBringsNobodyIn) {
  auto& client = world.client(0);
  const auto others = MatchId::random(world.rng);
  client.leg_match = others;  // the leg of another client; this one says its own match, and has its ticket
  EXPECT_EQ(refusal(client), RefusalCode::WrongMatch);
  client.says_leg_match = true;  // and when the client is in league with the proxy
  client.leg_match = MatchId::random(world.rng);
  const auto own = MatchId::random(world.rng);
  client.show = [&](const MatchId&) { return client.sealed_ticket(own); };
  EXPECT_EQ(refusal(client), RefusalCode::Admission);
  EXPECT_EQ(counted(TicketRefusal::OtherMatch), 1U);
  nothing_came_of_it();
}

TEST_F(EgressTickets, AClientThatKeptItsTicketForTooLongAsksForANewMatch) {
  auto& client = world.client(0);
  auto age = crypto::kTicketLifetimeSeconds + crypto::kTicketSkewSeconds + 1;
  client.show = [&](const MatchId& match) {
    auto old = ticket(match);
    old.expiry = UnixSeconds{count(old.expiry) - age};
    return sealed(old);
  };
  EXPECT_EQ(refusal(client), RefusalCode::StaleTicket);
  EXPECT_EQ(counted(TicketRefusal::Expired), 1U);
  age = 0;
  EXPECT_EQ(refusal(client), std::nullopt);
}

TEST_F(EgressTickets, OfAnEarlierRunTellWhetherTheSessionIsOver) {
  auto& client = world.client(0);
  const auto of_another_run = [&](const MatchId& match) {
    auto old = ticket(match);
    old.boot = wire::BootEpoch::random(world.rng);
    return sealed(old);
  };
  client.show = of_another_run;
  EXPECT_EQ(refusal(client), RefusalCode::StaleTicket) << "it has nothing here that could be over";
  client.show = nullptr;
  EXPECT_EQ(refusal(client), std::nullopt);
  client.show = of_another_run;
  EXPECT_EQ(refusal(client), RefusalCode::StaleTicket) << "its session began in this run";
  client.forget_session();
  EXPECT_EQ(refusal(client), RefusalCode::EgressRestarted);
  EXPECT_EQ(counted(TicketRefusal::OtherBoot), 3U);
}

TEST_F(EgressTickets, AreLookedAtOverUdpToo) {
  world.address.udp_port = *world.pool->udp_port();
  auto& client = world.client(0);
  client.show = [](const MatchId&) { return Bytes{}; };
  EXPECT_EQ(refusal(client), RefusalCode::Admission);
  client.show = nullptr;
  EXPECT_EQ(refusal(client), std::nullopt);
}

}  // namespace
}  // namespace footbridge::egress
