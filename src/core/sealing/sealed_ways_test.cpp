#include "core/sealing/sealed_ways.hpp"

#include "core/sealing/sealing_fixture.hpp"

namespace footbridge::core {
namespace {

struct SealedWaysTest : SealingTest {
  static constexpr std::uint64_t kDay = 86'400;

  wire::BrokerKey key(const crypto::X25519KeyPair& pair, std::uint64_t from, std::uint64_t until) {
    return {{pair.public_key.raw}, {UnixSeconds{from}, UnixSeconds{until}}};
  }
  WaySeal seal() { return {secret, {key(broker_key, count(kStart) - kDay, count(kStart) + kDay)}}; }
  SealedWays two_ways() { return {{seal(), seal()}, std::nullopt}; }

  // What the broker took it for; nullopt: it was refused.
  std::optional<crypto::RequestKind> exchange(SealedWays& ways, std::size_t way) {
    auto sealed = ways.seal(now, way, as_bytes("question"), rng);
    if (!sealed) return std::nullopt;
    auto opened = open(sealed->bytes);
    if (!opened) {
      ways.refused(*sealed);
      return std::nullopt;
    }
    const auto kind = opened->kind;
    const auto answer = broker->seal(now, std::move(opened->reply), as_bytes("answer"));
    EXPECT_TRUE(ways.opened(now, std::move(*sealed), answer));
    return kind;
  }
};

using crypto::RequestKind;

TEST_F(SealedWaysTest, UsesATicketThatItGotOnAnotherWayToTheSameBroker) {
  auto ways = two_ways();
  EXPECT_EQ(exchange(ways, 0), RequestKind::Client);
  EXPECT_EQ(exchange(ways, 1), RequestKind::Resumed);
  ways.forget_tickets();
  EXPECT_EQ(exchange(ways, 0), RequestKind::Client) << "another network: nobody may join the two";
}

TEST_F(SealedWaysTest, AProxyIsWhoItsKeySays) {
  SealedWays ways({seal()}, proxy_key);
  const auto sealed = ways.seal(now, 0, as_bytes("poll"), rng);
  ASSERT_TRUE(sealed);
  EXPECT_EQ(open(sealed->bytes)->proxy, proxy_id());
}

TEST_F(SealedWaysTest, MakesAHandshakeAfterARefusedTicket) {
  auto ways = two_ways();
  EXPECT_EQ(exchange(ways, 0), RequestKind::Client);
  EXPECT_EQ(exchange(ways, 0), RequestKind::Resumed);
  restart(now + -60);
  EXPECT_EQ(exchange(ways, 0), std::nullopt);
  EXPECT_EQ(exchange(ways, 1), RequestKind::Client);
}

TEST_F(SealedWaysTest, TakesTheKeyOfTheTimeAndNoneWithoutOne) {
  const auto next = crypto::X25519KeyPair::random(rng);
  const auto from = count(now) + 100;
  SealedWays ways({{secret, {key(broker_key, 0, from + 2 * kDay), key(next, from, from + kDay)}}}, std::nullopt);
  EXPECT_EQ(exchange(ways, 0), RequestKind::Client);
  now = UnixSeconds{from + 3'600};
  EXPECT_EQ(exchange(ways, 0), std::nullopt) << "this broker does not have the new key yet";
  broker->keys().add(next, now);
  EXPECT_EQ(exchange(ways, 0), RequestKind::Client);
  now = UnixSeconds{from + 3 * kDay};
  EXPECT_FALSE(ways.seal(now, 0, as_bytes("late"), rng)) << "none holds";
  SealedWays nothing({{secret, {}}}, std::nullopt);
  EXPECT_FALSE(nothing.seal(now, 0, as_bytes("offer"), rng));
}

TEST_F(SealedWaysTest, AnotherDirectoryKeepsTheTicketsOfWhomItNames) {
  auto ways = two_ways();
  EXPECT_EQ(exchange(ways, 0), RequestKind::Client);
  ways.replace({seal()});
  EXPECT_EQ(exchange(ways, 0), RequestKind::Resumed);
  auto sealed = ways.seal(now, 0, as_bytes("question"), rng);
  auto opened = open(sealed->bytes);
  ways.replace({{secret, {}}});
  ASSERT_TRUE(opened);
  EXPECT_TRUE(ways.opened(now, std::move(*sealed), broker->seal(now, std::move(opened->reply), as_bytes("late"))))
      << "what was under way is opened all the same";
  ways.replace({seal()});
  EXPECT_EQ(exchange(ways, 0), RequestKind::Client) << "and nothing was kept for a broker that was not named";
}

TEST_F(SealedWaysTest, AsksForTheDirectoryWithoutAnyKey) {
  SealedWays ways({{secret, {}}}, std::nullopt);
  const auto envelope_of_way = ways.envelope(0);
  const auto question = ways.directory_question(now, envelope_of_way, rng);
  auto opened = open(question.bytes);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->kind, RequestKind::Directory);
  const auto answer = broker->seal(now, std::move(opened->reply), as_bytes("signed"));
  EXPECT_EQ(open_directory_answer(envelope_of_way, question.nonce, answer), to_bytes("signed"));
}

TEST_F(SealedWaysTest, StampsByTheTimeThatItHeard) {
  for (const std::int64_t wrong : {-7'200, 7'200}) {
    auto ways = two_ways();
    const auto ours = now + wrong;
    EXPECT_FALSE(open(ways.seal(ours, 0, as_bytes("x"), rng)->bytes)) << "two hours away";
    ways.clock().heard(ours, now + 1);
    EXPECT_TRUE(open(ways.seal(ours, 0, as_bytes("x"), rng)->bytes));
    EXPECT_TRUE(open(ways.directory_question(ours, envelope, rng).bytes));
  }
}

TEST(AskerClockTest, BelievesADayAndDoubtsNoGoodClock) {
  const UnixSeconds at{1'800'000'000};
  AskerClock clock;
  for (const std::int64_t off : {4, -4, 0}) {
    clock.heard(at, at + off);
    EXPECT_EQ(clock.offset(), Seconds{0}) << "an answer may be that slow";
  }
  for (const std::int64_t off : {5, -5, 86'400, -86'400}) {
    clock.heard(at, at + off);
    EXPECT_EQ(clock.offset(), Seconds{off});
    EXPECT_EQ(clock.corrected(at), at + off);
  }
  for (const std::int64_t off : {86'401, -86'401, -1'800'000'000}) {
    clock.heard(at, at + off);
    EXPECT_EQ(clock.offset(), Seconds{-86'400}) << "what is not believed changes nothing";
  }
  clock.heard(at, UnixSeconds{UINT64_MAX});
  EXPECT_EQ(clock.corrected(at), at + -86'400);
  EXPECT_EQ(clock.corrected(UnixSeconds{1}), UnixSeconds{0});
}

}  // namespace
}  // namespace footbridge::core
