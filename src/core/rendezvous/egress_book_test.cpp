#include "core/rendezvous/egress_book.hpp"

#include <gtest/gtest.h>
#include <map>

#include "core/rendezvous/mark_table.hpp"
#include "crypto/heartbeat_box.hpp"
#include "crypto/shared_keys.hpp"

namespace footbridge::core {
namespace {

using wire::LoadClass;
using wire::ReportVerdict;

constexpr UnixSeconds kUnix{1'800'000'000};

struct EgressBookTest : testing::Test {
  SeededRng rng{7};
  std::vector<crypto::SecretKey> keys{crypto::SecretKey::random(rng), crypto::SecretKey::random(rng)};
  std::vector<wire::EgressId> ids{wire::EgressId::random(rng), wire::EgressId::random(rng)};
  EgressBook book{{{ids[0], Private<std::string>("wss://one.example/leg"), keys[0]},
                   {ids[1], Private<std::string>("wss://two.example/leg"), keys[1]}}};
  TimePoint now{Seconds{1'000}};
  wire::BootEpoch boot = wire::BootEpoch::random(rng);

  wire::EgressReport report(std::uint64_t sequence) { return {boot, sequence, kUnix, LoadClass::Light, false, 0, {}}; }
  wire::Heartbeat sealed(std::size_t egress, const wire::EgressReport& report) {
    return {{ids[egress]},
            crypto::seal_heartbeat(crypto::HeartbeatBox::Report, ids[egress].view(), wire::encode_egress_report(report),
                                   crypto::heartbeat_key(keys[egress]), rng)};
  }
  ReportVerdict tell(std::size_t egress, const wire::EgressReport& report) { return show(sealed(egress, report)); }
  ReportVerdict show(const wire::Heartbeat& heartbeat) {
    const auto heard = book.on_heartbeat(now, kUnix, heartbeat, rng);
    receipts = heard ? heard->receipts : std::vector<wire::Receipt>{};
    return heard ? heard->verdict : ReportVerdict::Unknown;
  }
  void pass(Duration by) {
    now += by;
    book.on_deadline(now);
  }
  crypto::Ticket ticket(std::size_t egress) {
    const auto bytes =
        book.ticket(egress, kUnix, MatchId::random(rng), ProxyId::random(rng), {}, rng).reveal_to_socket();
    return crypto::open_ticket(bytes, std::array{crypto::ticket_key(keys[egress])}, kUnix).value();
  }
  std::map<std::size_t, int> drawn(int times = 400) {
    std::map<std::size_t, int> out;
    for (int i = 0; i < times; ++i)
      if (const auto egress = book.choose(std::nullopt, rng)) ++out[*egress];
    return out;
  }
  std::vector<wire::Receipt> receipts;
};

TEST_F(EgressBookTest, GivesClientsToAnEgressThatNeverSaysAnything) {
  EXPECT_TRUE(book.takes_clients(0));
  EXPECT_FALSE(book.deadline());
  pass(Seconds{100'000});
  EXPECT_EQ(book.choose(ids[0], rng), 0U);
  EXPECT_EQ(ticket(0).boot, wire::BootEpoch{}) << "zero: not checked";
}

TEST_F(EgressBookTest, PutsTheBootItHeardOfIntoTickets) {
  EXPECT_EQ(tell(0, report(1)), ReportVerdict::Taken);
  EXPECT_EQ(ticket(0).boot, boot);
  EXPECT_EQ(ticket(1).boot, wire::BootEpoch{});
  boot = wire::BootEpoch::random(rng);
  EXPECT_EQ(tell(0, report(2)), ReportVerdict::Taken);
  EXPECT_EQ(ticket(0).boot, boot) << "it has restarted";
}

TEST_F(EgressBookTest, SealsTheClientsCountryAndTheProxysMark) {
  const auto proxy = ProxyId::random(rng);
  const auto match = MatchId::random(rng);
  const auto bytes = book.ticket(1, kUnix, match, proxy, {*Country::parse("DE"), crypto::PrefixClass::V4}, rng);
  const auto opened =
      crypto::open_ticket(bytes.reveal_to_socket(), std::array{crypto::ticket_key(keys[1])}, kUnix).value();
  EXPECT_EQ(opened.match, match);
  EXPECT_EQ(opened.proxy, crypto::proxy_mark(proxy));
  EXPECT_EQ(opened.country, Country::parse("DE"));
  EXPECT_EQ(opened.prefix, crypto::PrefixClass::V4);
  EXPECT_EQ(count(opened.expiry), count(kUnix) + crypto::kTicketLifetimeSeconds);
  EXPECT_FALSE(crypto::open_ticket(bytes.reveal_to_socket(), std::array{crypto::ticket_key(keys[0])}, kUnix))
      << "another egress cannot read it";
}

TEST_F(EgressBookTest, GivesNobodyToAnEgressThatFellSilentUntilItSpeaksAgain) {
  tell(0, report(1));
  pass(EgressBook::kSilentAfter - Millis{1});
  EXPECT_TRUE(book.takes_clients(0));
  pass(Millis{1});
  EXPECT_FALSE(book.takes_clients(0));
  EXPECT_FALSE(book.choose(ids[0], rng));
  EXPECT_EQ(drawn().count(0), 0U);
  EXPECT_EQ(tell(0, report(2)), ReportVerdict::Taken);
  EXPECT_TRUE(book.takes_clients(0));
}

TEST_F(EgressBookTest, GivesNobodyToAnEgressThatLeaves) {
  auto leaving = report(1);
  leaving.draining = true;
  tell(0, leaving);
  tell(1, report(1));
  EXPECT_FALSE(book.takes_clients(0));
  EXPECT_EQ(drawn().count(0), 0U);
  tell(0, report(2));
  EXPECT_TRUE(book.takes_clients(0)) << "it is back";
}

TEST_F(EgressBookTest, SendsFewerToAFullerOneAndNobodyToAFullOneWhileAnotherHasRoom) {
  auto high = report(1);
  high.load = LoadClass::High;
  tell(0, report(1));
  tell(1, high);
  auto half = report(2);
  half.load = LoadClass::Half;
  tell(0, half);
  auto count = drawn();
  EXPECT_GT(2 * count[0], 3 * count[1]);
  tell(0, report(3));
  tell(1, half);
  count = drawn();
  EXPECT_GT(2 * count[0], 3 * count[1]);
  high.sequence = 3;
  tell(1, high);
  count = drawn();
  EXPECT_GT(count[0], 2 * count[1]);
  EXPECT_GT(count[1], 20);
  high = report(4);
  high.load = LoadClass::Full;
  tell(1, high);
  EXPECT_EQ(drawn().count(1), 0U);
  tell(0, high);
  count = drawn();
  EXPECT_GT(count[0], 100) << "all are full: then it does not matter";
  EXPECT_GT(count[1], 100);
}

TEST_F(EgressBookTest, TakesNoReportTwiceNorAnOlderOne) {
  const auto first = sealed(0, report(10));
  EXPECT_EQ(show(first), ReportVerdict::Taken);
  EXPECT_EQ(show(first), ReportVerdict::Stale);
  EXPECT_EQ(tell(0, report(9)), ReportVerdict::Stale);
  EXPECT_EQ(tell(0, report(11)), ReportVerdict::Taken);
  EXPECT_EQ(show(first), ReportVerdict::Stale);
  auto old_goodbye = report(5);
  old_goodbye.draining = true;
  EXPECT_EQ(tell(0, old_goodbye), ReportVerdict::Stale) << "what an earlier run said, shown again by somebody";
  EXPECT_TRUE(book.takes_clients(0));
}

TEST_F(EgressBookTest, TakesNoReportOfAnotherTime) {
  auto late = report(1);
  late.sent_at = UnixSeconds{count(kUnix) - 61};
  EXPECT_EQ(tell(0, late), ReportVerdict::WrongTime);
  late.sent_at = UnixSeconds{count(kUnix) + 61};
  EXPECT_EQ(tell(0, late), ReportVerdict::WrongTime);
  EXPECT_EQ(ticket(0).boot, wire::BootEpoch{});
  late.sent_at = UnixSeconds{count(kUnix) + 60};
  EXPECT_EQ(tell(0, late), ReportVerdict::Taken);
}

TEST_F(EgressBookTest, HearsOnlyItsOwnEgressesAndEachForItself) {
  auto foreign = sealed(0, report(1));
  foreign.names = {wire::EgressId::random(rng)};
  EXPECT_EQ(show(foreign), ReportVerdict::Unknown);
  foreign.names = {ids[1]};
  EXPECT_EQ(show(foreign), ReportVerdict::Unknown) << "sealed with the key of one, in the name of another";
  foreign = sealed(0, report(1));
  foreign.sealed[40] ^= std::byte{1};
  EXPECT_EQ(show(foreign), ReportVerdict::Unknown);
  EXPECT_FALSE(book.deadline()) << "nothing was learnt of any of them";
}

TEST_F(EgressBookTest, KnowsAnEgressByEitherOfItsNames) {
  const auto unknown = wire::EgressId::random(rng);
  auto names = to_bytes(unknown.view());
  append(names, ids[0].view());
  const wire::Heartbeat heartbeat{
      {unknown, ids[0]},
      crypto::seal_heartbeat(crypto::HeartbeatBox::Report, names, wire::encode_egress_report(report(1)),
                             crypto::heartbeat_key(keys[0]), rng)};
  EXPECT_EQ(show(heartbeat), ReportVerdict::Taken);
}

TEST_F(EgressBookTest, HandsEachBatchOfReceiptsOverOnce) {
  auto with = report(1);
  with.batch = 1;
  with.receipts = {{wire::ProxyMark::random(rng), true, 20}};
  tell(0, with);
  EXPECT_EQ(receipts, with.receipts);
  with.sequence = 2;
  EXPECT_EQ(tell(0, with), ReportVerdict::Taken);
  EXPECT_TRUE(receipts.empty()) << "the egress did not hear that they were taken, and says them again";
  with.sequence = 3;
  with.batch = 2;
  tell(0, with);
  EXPECT_EQ(receipts.size(), 1U);
  EXPECT_EQ(show(sealed(0, with)), ReportVerdict::Stale);
  EXPECT_TRUE(receipts.empty());
  with.sequence = 4;
  with.batch = 1;
  EXPECT_EQ(tell(0, with), ReportVerdict::Taken);
  EXPECT_TRUE(receipts.empty()) << "one of before the last";
  with.sequence = 5;
  with.batch = 2;
  EXPECT_EQ(tell(0, with), ReportVerdict::Taken);
  EXPECT_TRUE(receipts.empty());
  with.sequence = 6;
  with.batch = 1;
  with.boot = wire::BootEpoch::random(rng);
  tell(0, with);
  EXPECT_EQ(receipts.size(), 1U) << "the first batch of another run is another one";
  with.sequence = 7;
  with.batch = 2;
  tell(0, with);
  EXPECT_EQ(receipts.size(), 1U);
}

TEST_F(EgressBookTest, TellsRunsOfReportsApart) {
  EXPECT_FALSE(book.run(0).reporting());
  EXPECT_FALSE(book.lasts(book.run(0)));
  tell(0, report(1));
  const auto first = book.run(0);
  EXPECT_TRUE(first.reporting());
  EXPECT_FALSE(book.run(1).reporting());
  tell(1, report(1));
  EXPECT_NE(book.run(1).number, first.number);
  auto leaving = report(2);
  leaving.draining = true;
  tell(0, leaving);
  EXPECT_TRUE(book.lasts(first)) << "who leaves says what he owes";
  pass(EgressBook::kSilentAfter);
  EXPECT_FALSE(book.lasts(first));
  EXPECT_FALSE(book.run(0).reporting());
  tell(0, report(3));
  const auto second = book.run(0);
  EXPECT_TRUE(second.reporting());
  EXPECT_FALSE(book.lasts(first)) << "there was a gap";
  boot = wire::BootEpoch::random(rng);
  tell(0, report(4));
  EXPECT_FALSE(book.lasts(second)) << "it has restarted, and forgotten what it owed";
  EXPECT_TRUE(book.run(0).reporting());
  EXPECT_FALSE(book.lasts({}));
}

TEST_F(EgressBookTest, KeepsWhatItHeardOfWhoIsStillServed) {
  const auto entry = [&](std::size_t i, const char* url) {
    return EgressEntry{ids[i], Private<std::string>(url), keys[i], static_cast<std::uint16_t>(i)};
  };
  tell(0, report(7));
  tell(1, report(7));
  const auto run = book.run(0);
  const auto gone = book.run(1);
  const auto replaced = book.replace({entry(0, "wss://moved.example/leg")});
  EXPECT_EQ(replaced.added, 0U);
  EXPECT_EQ(replaced.removed, 1U);
  EXPECT_EQ(book.at(0).relay_url.reveal_to_socket(), "wss://moved.example/leg");
  EXPECT_TRUE(book.lasts(run));
  EXPECT_FALSE(book.lasts(gone));
  EXPECT_EQ(tell(0, report(7)), ReportVerdict::Stale);
  EXPECT_EQ(book.up(), 1U);
  EXPECT_EQ(book.poll_change()->egress, ids[0]);
  EXPECT_FALSE(book.poll_change()) << "that it had come is no news any more";
  EXPECT_FALSE(book.takes_clients(1));
  EXPECT_FALSE(book.choose(ids[1], rng));
  EXPECT_EQ(drawn().count(1), 0U);
  EXPECT_EQ(tell(1, report(8)), ReportVerdict::Unknown) << "nobody of ours any more";
  EXPECT_EQ(ticket(1).boot, boot) << "its last matches go on";
  pass(EgressBook::kSilentAfter);
  EXPECT_EQ(book.poll_change()->egress, ids[0]);
  EXPECT_FALSE(book.poll_change()) << "the silence of who was taken out is no news";

  EXPECT_EQ(book.replace({entry(0, "wss://one.example/leg"), entry(1, "wss://two.example/leg")}).added, 1U);
  EXPECT_TRUE(book.takes_clients(1));
  EXPECT_EQ(tell(1, report(7)), ReportVerdict::Stale) << "said before it was taken out";
  EXPECT_EQ(tell(1, report(8)), ReportVerdict::Taken);
}

TEST_F(EgressBookTest, TakesAnEgressWithAnotherKeyForAnotherOne) {
  tell(0, report(7));
  const auto run = book.run(0);
  const auto key = crypto::SecretKey::random(rng);
  const auto replaced = book.replace({{ids[0], Private<std::string>("wss://one.example/leg"), key}});
  EXPECT_EQ(replaced.added, 1U);
  EXPECT_EQ(replaced.removed, 2U);
  EXPECT_FALSE(book.lasts(run));
  EXPECT_EQ(tell(0, report(8)), ReportVerdict::Unknown) << "sealed with the old key";
  EXPECT_EQ(book.choose(ids[0], rng), 2U);
  keys[0] = key;
  EXPECT_EQ(tell(0, report(1)), ReportVerdict::Taken);
}

TEST_F(EgressBookTest, SaysOnceWhichEgressCameLeavesOrFellSilent) {
  EXPECT_FALSE(book.poll_change());
  const auto next = [&] {
    const auto change = book.poll_change();
    EXPECT_TRUE(change && change->egress == ids[0]);
    EXPECT_FALSE(book.poll_change());
    return change->state;
  };
  tell(0, report(1));
  EXPECT_EQ(next(), EgressState::Heard);
  tell(0, report(2));
  EXPECT_FALSE(book.poll_change()) << "nothing new";
  pass(EgressBook::kSilentAfter);
  EXPECT_EQ(next(), EgressState::Silent);
  auto leaving = report(3);
  leaving.draining = true;
  tell(0, leaving);
  EXPECT_EQ(next(), EgressState::Leaving);
}

TEST_F(EgressBookTest, AnswersSoThatOnlyTheEgressKnowsWhat) {
  const auto heartbeat = sealed(0, report(41));
  const auto heard = book.on_heartbeat(now, kUnix, heartbeat, rng);
  const auto plain = crypto::open_heartbeat(crypto::HeartbeatBox::Answer, ids[0].view(), heard->sealed_answer,
                                            crypto::heartbeat_key(keys[0]));
  ASSERT_TRUE(plain);
  const auto answer = wire::parse_report_answer(*plain);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->boot, boot);
  EXPECT_EQ(answer->sequence, 41U);
  EXPECT_EQ(answer->verdict, ReportVerdict::Taken);
  EXPECT_EQ(answer->last_sequence, 41U);
}

TEST(MarkTableTest, FindsTheProxyOfAMarkAndForgetsTheOldest) {
  SeededRng rng(1);
  MarkTable marks;
  const auto first = ProxyId::random(rng);
  marks.keep(crypto::proxy_mark(first), first);
  marks.keep(crypto::proxy_mark(first), first);
  EXPECT_EQ(marks.find(crypto::proxy_mark(first)), first);
  EXPECT_FALSE(marks.find(crypto::proxy_mark(ProxyId::random(rng))));
  for (std::size_t i = 1; i < MarkTable::kMaxMarks; ++i) marks.keep(wire::ProxyMark::random(rng), first);
  EXPECT_TRUE(marks.find(crypto::proxy_mark(first)));
  marks.keep(wire::ProxyMark::random(rng), first);
  EXPECT_FALSE(marks.find(crypto::proxy_mark(first)));
  EXPECT_EQ(marks.size(), MarkTable::kMaxMarks);
}

}  // namespace
}  // namespace footbridge::core
