// What a broker makes of its egresses' reports, and what it seals for them.
#include <array>

#include "base/encoding.hpp"
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
  void tell_receipt(const Volunteer& v, bool carried) {
    ++report.batch;
    report.receipts = {{crypto::proxy_mark(v.id), carried, 20}};
    tell();
    report.receipts.clear();
  }
  // A client comes to it, and it says that it carries.
  void serve(const Volunteer& v, unsigned sdps = 1, bool has_path = false) {
    const auto poll = post(poll_of(v));
    auto client = offer_of(sdps);
    client.has_path = has_path;
    const auto offer = post(client, rng.next_u64());
    answer(v, assignment(poll).match);
    pass(Broker::kSettle);
    ASSERT_TRUE(answered(offer));
    this->BrokerFixture::report(v, assignment(poll).match, wire::OutcomeKind::Opened);
  }
  // How many of three clients that come at once it gets.
  std::size_t sold(const Volunteer& v) {
    std::vector<RequestKey> offers;
    for (int i = 0; i < 3; ++i) offers.push_back(post(offer_of(), rng.next_u64()));
    const auto poll = post(poll_of(v, 3));
    const auto count = answered(poll) ? poll_reply(poll).assignments.size() : 0;
    gone(poll);
    for (const auto offer : offers) gone(offer);
    return count;
  }
  // Of this one and another, both of whom wait: does a client who has nobody get this one?
  bool comes_before(const Volunteer& v, const Volunteer& other) {
    const auto later = post(poll_of(other)), poll = post(poll_of(v));
    const auto offer = post(offer_of(), rng.next_u64());
    const bool first = answered(poll);
    for (const auto key : {later, poll, offer}) gone(key);
    return first;
  }
  void keep_reporting(Duration span) {
    for (const auto end = now + span; now < end; pass(EgressBook::kSilentAfter / 2)) tell();
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

TEST_F(BrokerHeartbeats, OfAnEgressThatReportsMakeReceiptsTheProof) {
  tell();
  const auto v = volunteer();
  serve(v);
  EXPECT_EQ(sold(v), 0U) << "its own word";
  tell_receipt(v, true);
  EXPECT_EQ(broker.stats().receipts, 1U);
  EXPECT_EQ(sold(v), 3U);
}

// Only of a client with one link, who has nobody else, does it mean anything that he did not come back.
TEST_F(BrokerHeartbeats, UntilReceiptsComeAClientThatHasNobodyElseIsTheFirstProof) {
  const auto after = [&](unsigned sdps, bool has_path) {
    tell();
    const auto v = volunteer();
    serve(v, sdps, has_path);
    pass(ProxyQuality::kTrial);
    tell();
    return v;
  };
  EXPECT_TRUE(comes_before(after(1, false), volunteer()));
  EXPECT_FALSE(comes_before(after(1, true), volunteer())) << "he had another path, and would not complain";
  EXPECT_FALSE(comes_before(after(2, false), volunteer())) << "he asked for two at once";
}

TEST_F(BrokerHeartbeats, ThatNeverCameLeaveItAtTheProxysWord) {
  const auto v = volunteer();
  serve(v);
  EXPECT_EQ(sold(v), 3U);
}

TEST_F(BrokerHeartbeats, CountReceiptsOnlyOfMatchesThatWereMadeWithThatEgress) {
  tell();
  tell_receipt(volunteer(), true);
  const auto v = volunteer();
  serve(v);
  tell_receipt(v, true);
  for (int i = 0; i < 30; ++i) tell_receipt(v, false);
  EXPECT_EQ(broker.stats().receipts, 1U);
  EXPECT_EQ(broker.stats().receipts_unexpected, 31U);
  EXPECT_EQ(sold(v), 3U);
}

// Ten clients of ten networks: as many as would bar it if each counted.
TEST_F(BrokerHeartbeats, ThatStopDoNotMakeTheProxiesLookBad) {
  tell();
  const auto v = volunteer();
  serve(v);
  tell_receipt(v, true);
  for (std::size_t i = 0; i < ProxyQuality::kRow; ++i) serve(v);
  pass(EgressBook::kSilentAfter);
  EXPECT_EQ(broker.egresses_up(), 0U);
  pass(ProxyQuality::kReceiptBy);
  tell();
  EXPECT_EQ(sold(v), 3U);
}

TEST_F(BrokerHeartbeats, WithoutTheReceiptsThatAreOwedLeaveANewProxyUnproven) {
  tell();
  const auto v = volunteer();
  serve(v);
  keep_reporting(ProxyQuality::kReceiptBy);
  post(poll_of(volunteer()));  // a quiet broker looks at what is owed when somebody comes or goes
  keep_reporting(Seconds{60});
  EXPECT_EQ(sold(v), 1U);
  tell_receipt(v, true);
  EXPECT_EQ(broker.stats().receipts_unexpected, 1U) << "too late";
}

TEST_F(BrokerHeartbeats, TellTheOperatorWhoCameAndWhoFellSilent) {
  EXPECT_FALSE(broker.poll_egress_change());
  tell();
  EXPECT_EQ(broker.poll_egress_change()->state, EgressState::Heard);
  pass(EgressBook::kSilentAfter);
  const auto change = broker.poll_egress_change();
  ASSERT_TRUE(change);
  EXPECT_EQ(change->egress, egress);
  EXPECT_EQ(change->state, EgressState::Silent);
  EXPECT_FALSE(broker.poll_egress_change());
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

TEST_F(BrokerHeartbeats, AreNotNeededToMoveOffersFromAnEgressThatIsTakenOut) {
  const auto other = wire::EgressId::random(rng);
  const auto entry = [&](const wire::EgressId& id) {
    return EgressEntry{id, Private<std::string>("wss://" + encode_hex(id.view()) + ".example/leg"), leg_key};
  };
  auto wish = offer_of();
  wish.egress = egress;
  const auto for_it = post(wish, 7);
  const auto for_any = post(offer_of(), 8);
  const auto replaced = broker.set_egresses(now, kBrokerTestUnix, {entry(other)});
  collect();
  EXPECT_EQ(replaced.added, 1U);
  EXPECT_EQ(refusal(for_it), wire::Refusal::EgressGone);
  EXPECT_FALSE(answered(for_any)) << "it goes on waiting, for the other one";
  const auto poll = post(poll_of(volunteer()));
  EXPECT_EQ(assignment(poll).relay_url.reveal_to_socket(), entry(other).relay_url.reveal_to_socket());
}

TEST_F(BrokerHeartbeats, LeaveParkedPollsWhereTheyAreWhenEgressesChange) {
  const auto v = volunteer();
  const auto poll = post(poll_of(v));
  broker.set_egresses(now, kBrokerTestUnix,
                      {{egress, Private<std::string>("wss://moved.example/leg"), leg_key},
                       {wire::EgressId::random(rng), Private<std::string>("wss://new.example/leg"), leg_key}});
  collect();
  EXPECT_FALSE(answered(poll));
  EXPECT_EQ(broker.egresses_up(), 2U);
  post(offer_of());
  EXPECT_TRUE(answered(poll));
}

TEST_F(BrokerHeartbeats, OfNobodyAreAnsweredAsWhatCannotBeRead) {
  const auto told = post(wire::Heartbeat{{egress}, rng.bytes(1'100)});
  EXPECT_EQ(refusal(told), wire::Refusal::Malformed);
  EXPECT_EQ(broker.stats().heartbeats_forged, 1U);
}

}  // namespace
}  // namespace footbridge::core
