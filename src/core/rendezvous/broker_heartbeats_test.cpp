// What a broker makes of its egresses' reports, and what it seals for them.
#include <array>

#include "core/rendezvous/broker_fixture.hpp"
#include "crypto/heartbeat_box.hpp"
#include "crypto/shared_keys.hpp"

namespace footbridge::core {
namespace {

struct BrokerHeartbeats : BrokerFixture {
  wire::EgressReport report{wire::BootEpoch::random(rng), 1, kBrokerTestUnix, wire::LoadClass::Light, false, 0, {}};

  RequestKey tell() {
    wire::Heartbeat heartbeat{
        {egress},
        crypto::seal_heartbeat(crypto::HeartbeatBox::Report, egress.view(), wire::encode_egress_report(report),
                               crypto::heartbeat_key(leg_key), rng)};
    ++report.sequence;
    return post(std::move(heartbeat));
  }
  crypto::Ticket match_with(const Volunteer& v) {
    const auto poll = post(poll_of(v));
    const auto offer = post(offer_of());
    answer(v, assignment(poll).match);
    pass(Broker::kSettle);
    const auto& match = offer_reply(offer).matches.at(0);
    const auto ticket =
        crypto::open_ticket(match.ticket.reveal_to_socket(), std::array{crypto::ticket_key(leg_key)}, kBrokerTestUnix);
    EXPECT_TRUE(ticket && ticket->match == match.match);
    return ticket.value();
  }
};

TEST_F(BrokerHeartbeats, GiveTheTicketsOfMatchesTheBootOfTheEgress) {
  EXPECT_EQ(match_with(volunteer()).boot, wire::BootEpoch{});
  const auto told = tell();
  EXPECT_TRUE(std::holds_alternative<wire::HeartbeatReply>(replies.at(told).body));
  const auto v = volunteer();
  const auto ticket = match_with(v);
  EXPECT_EQ(ticket.boot, report.boot);
  EXPECT_EQ(ticket.proxy, crypto::proxy_mark(v.id));
}

TEST_F(BrokerHeartbeats, CountReceiptsOfProxiesThatItKnows) {
  const auto v = volunteer();
  match_with(v);
  report.batch = 1;
  report.receipts = {{crypto::proxy_mark(v.id), true, 20}, {wire::ProxyMark::random(rng), true, 20}};
  tell();
  EXPECT_EQ(broker.stats().receipts, 1U);
}

TEST_F(BrokerHeartbeats, SendOffersAwayThatWaitForAnEgressThatLeaves) {
  tell();
  auto wish = offer_of();
  wish.egress = egress;
  const auto for_it = post(wish, 7);
  const auto for_any = post(offer_of(), 8);
  report.draining = true;
  tell();
  EXPECT_EQ(refusal(for_it), wire::Refusal::EgressGone);
  EXPECT_EQ(refusal(for_any), wire::Refusal::Busy);
  EXPECT_EQ(broker.egresses_up(), 0U);
  EXPECT_EQ(refusal(post(wish, 9)), wire::Refusal::EgressGone);
  report.draining = false;
  tell();
  EXPECT_FALSE(answered(post(wish, 10))) << "it is back";
  pass(EgressBook::kSilentAfter);
  EXPECT_EQ(broker.egresses_up(), 0U);
}

TEST_F(BrokerHeartbeats, OfNobodyAreAnsweredAsWhatCannotBeRead) {
  const auto told = post(wire::Heartbeat{{egress}, rng.bytes(1'100)});
  EXPECT_EQ(refusal(told), wire::Refusal::Malformed);
  EXPECT_EQ(broker.stats().heartbeats_forged, 1U);
}

}  // namespace
}  // namespace footbridge::core
