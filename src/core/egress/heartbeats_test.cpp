// An egress's reports and the broker's book of egresses, with nothing but time between them.
#include "core/egress/heartbeats.hpp"

#include <gtest/gtest.h>
#include <optional>
#include <set>

#include "core/rendezvous/egress_book.hpp"
#include "crypto/heartbeat_box.hpp"
#include "crypto/shared_keys.hpp"

namespace footbridge::core {
namespace {

using Echo = Heartbeats::Echo;

struct HeartbeatsTest : testing::Test {
  static constexpr std::uint64_t kUnix = 1'800'000'000;
  SeededRng rng{5};
  crypto::SecretKey shared = crypto::SecretKey::random(rng);
  std::vector<wire::EgressId> names{wire::EgressId::random(rng), wire::EgressId::random(rng)};
  EgressBook book{{{names[1], Private<std::string>("wss://egress.example/leg"), shared}}};
  std::optional<Heartbeats> heartbeats{started()};
  TimePoint now{Seconds{1'000}};
  std::int64_t skew = 0;  // of the egress's clock
  std::vector<wire::Receipt> taken;

  Heartbeats started() { return {{names, crypto::heartbeat_key(shared), wire::BootEpoch::random(rng)}, rng}; }
  UnixSeconds wall(std::int64_t off = 0) const {
    const auto since = std::chrono::duration_cast<Seconds>(now.time_since_epoch()).count();
    return UnixSeconds{static_cast<std::uint64_t>(static_cast<std::int64_t>(kUnix) + since + off)};
  }
  Heartbeats::Post beat(Heartbeats::Condition condition = {}, std::vector<wire::Receipt> receipts = {}) {
    return heartbeats->beat(now, wall(skew), condition, std::move(receipts));
  }
  // What the broker answers.
  Bytes answer(const Heartbeats::Post& post) {
    const auto request = wire::parse_request(post.body);
    auto heard = book.on_heartbeat(now, wall(), std::get<wire::Heartbeat>(request->body), rng);
    if (!heard) return wire::encode_response({.refusal = wire::Refusal::Malformed}, rng);
    taken = heard->receipts;
    return wire::encode_response({.body = wire::HeartbeatReply{heard->sealed_answer}}, rng);
  }
  Echo exchange(Heartbeats::Condition condition = {}, std::vector<wire::Receipt> receipts = {}) {
    const auto post = beat(condition, std::move(receipts));
    heartbeats->on_answer(now, post.id, answer(post));
    return heartbeats->echo();
  }
  std::vector<wire::Receipt> some() { return {{wire::ProxyMark::random(rng), true, 12}}; }
};

TEST_F(HeartbeatsTest, BeginAtOnceAndGoOnEveryFifteenSecondsAbout) {
  EXPECT_LE(heartbeats->deadline(), now);
  std::set<Duration> waits;
  for (int i = 0; i < 50; ++i) {
    ASSERT_EQ(exchange(), Echo::Taken);
    const auto wait = heartbeats->deadline() - now;
    EXPECT_GE(wait, Seconds{12});
    EXPECT_LE(wait, Seconds{18});
    waits.insert(wait);
    now += wait;
    book.on_deadline(now);
    EXPECT_TRUE(book.takes_clients(0));
  }
  EXPECT_GT(waits.size(), 40U);
}

TEST_F(HeartbeatsTest, TryAgainSoonUntilTheBrokerHasTakenOne) {
  for (int i = 0; i < 20; ++i) {
    heartbeats->on_failed(now, beat().id);
    const auto wait = heartbeats->deadline() - now;
    EXPECT_GE(wait, Seconds{1});
    EXPECT_LE(wait, Seconds{2});
    now += wait;
  }
  ASSERT_EQ(exchange(), Echo::Taken);
  EXPECT_GE(heartbeats->deadline() - now, Seconds{12});
  heartbeats->on_failed(now, beat().id);
  EXPECT_GE(heartbeats->deadline() - now, Seconds{12}) << "it was heard once";
}

TEST_F(HeartbeatsTest, TellThatTheEgressLeavesAtOnce) {
  exchange();
  heartbeats->hurry(now);
  EXPECT_EQ(heartbeats->deadline(), now);
  EXPECT_EQ(exchange({wire::LoadClass::Half, true}), Echo::Taken);
  EXPECT_FALSE(book.takes_clients(0));
}

TEST_F(HeartbeatsTest, TellItRightAfterTheReportThatWasOut) {
  const auto post = beat();
  heartbeats->hurry(now);
  EXPECT_GT(heartbeats->deadline(), now) << "one at a time";
  heartbeats->on_answer(now, post.id, answer(post));
  EXPECT_EQ(heartbeats->deadline(), now + Heartbeats::kSoon);
}

TEST_F(HeartbeatsTest, RepeatReceiptsUntilTheyAreTakenAndTheyCountOnce) {
  const auto receipts = some();
  auto post = beat({}, receipts);
  EXPECT_FALSE(heartbeats->wants_receipts());
  heartbeats->on_failed(now, post.id);  // it never came there
  post = beat();
  static_cast<void>(answer(post));
  EXPECT_EQ(taken, receipts);
  now += Heartbeats::kAnswerLimit;
  heartbeats->on_deadline(now);  // the answer never came here
  EXPECT_EQ(heartbeats->echo(), Echo::Nobody);
  EXPECT_FALSE(heartbeats->wants_receipts());
  EXPECT_EQ(exchange(), Echo::Taken);
  EXPECT_TRUE(taken.empty());
  EXPECT_TRUE(heartbeats->wants_receipts());
  exchange({}, some());
  EXPECT_EQ(taken.size(), 1U);
}

TEST_F(HeartbeatsTest, BelieveNobodyButTheirBroker) {
  auto post = beat({}, some());
  auto forged = answer(post);
  forged[forged.size() / 2] ^= std::byte{1};
  heartbeats->on_answer(now, post.id, forged);
  EXPECT_EQ(heartbeats->echo(), Echo::Nobody);
  post = beat();
  const auto old = answer(post);
  heartbeats->on_answer(now, post.id, old);
  EXPECT_EQ(heartbeats->echo(), Echo::Taken);
  post = beat({}, some());
  heartbeats->on_answer(now, post.id, old);
  EXPECT_EQ(heartbeats->echo(), Echo::Nobody) << "the answer to another report";
  EXPECT_FALSE(heartbeats->wants_receipts());
  heartbeats->on_answer(now, post.id, answer(post));
  EXPECT_EQ(heartbeats->echo(), Echo::Nobody) << "too late";
  post = beat();
  heartbeats->on_answer(now, post.id, wire::encode_response({.refusal = wire::Refusal::Draining}, rng));
  EXPECT_EQ(heartbeats->echo(), Echo::Nobody);
}

// Our own broker's, sealed for another run of this egress that had come as far.
TEST_F(HeartbeatsTest, BelieveNoAnswerToAnotherRun) {
  const auto post = beat();
  const auto request = wire::parse_request(post.body);
  auto ids = to_bytes(names[0].view());
  append(ids, names[1].view());
  const auto key = crypto::heartbeat_key(shared);
  const auto report = wire::parse_egress_report(
      *crypto::open_heartbeat(crypto::HeartbeatBox::Report, ids, std::get<wire::Heartbeat>(request->body).sealed, key));
  wire::ReportAnswer said{wire::BootEpoch::random(rng), report->sequence, wire::ReportVerdict::Taken, report->sequence};
  const auto sealed =
      crypto::seal_heartbeat(crypto::HeartbeatBox::Answer, ids, wire::encode_report_answer(said), key, rng);
  heartbeats->on_answer(now, post.id, wire::encode_response({.body = wire::HeartbeatReply{sealed}}, rng));
  EXPECT_EQ(heartbeats->echo(), Echo::Nobody);
}

TEST_F(HeartbeatsTest, GoOnAfterARestartAlsoWhenTheClockWasSetBackMeanwhile) {
  skew = 20;
  EXPECT_EQ(exchange(), Echo::Taken);
  heartbeats.emplace(started());
  skew = -20;
  EXPECT_EQ(exchange(), Echo::Nobody) << "an older report, as far as the broker knows";
  EXPECT_EQ(heartbeats->deadline(), now + Heartbeats::kSoon) << "it has heard how to go on";
  now = heartbeats->deadline();
  EXPECT_EQ(exchange(), Echo::Taken);
}

TEST_F(HeartbeatsTest, SayWhenTheClocksDisagree) {
  skew = 90;
  EXPECT_EQ(exchange({}, some()), Echo::WrongTime);
  skew = 0;
  EXPECT_FALSE(heartbeats->wants_receipts());
}

TEST(LoadClassTest, GoesByTheShareThatIsTaken) {
  EXPECT_EQ(load_class(0), wire::LoadClass::Light);
  EXPECT_EQ(load_class(0.5), wire::LoadClass::Half);
  EXPECT_EQ(load_class(0.8), wire::LoadClass::High);
  EXPECT_EQ(load_class(0.98), wire::LoadClass::Full);
  EXPECT_EQ(load_class(1), wire::LoadClass::Full);
}

}  // namespace
}  // namespace footbridge::core
