#include "programs/broker_keys.hpp"

#include <gtest/gtest.h>

#include "ops/errors.hpp"

namespace footbridge {
namespace {

constexpr std::uint64_t kHour = 3'600;
constexpr std::uint64_t kStart = 1'800'000'000;
UnixSeconds at(std::uint64_t hours) { return UnixSeconds{kStart + hours * kHour}; }

// Whatever the pause between two signings: each directory has a key at every second of its two days.
TEST(BrokerKeys, LastUntilTheDirectoryThatNamesThemEnds) {
  for (const std::uint64_t pause : {1U, 7U, 12U, 23U, 24U, 25U, 30U, 47U, 48U, 49U, 71U, 200U}) {
    SeededRng rng(pause);
    std::vector<BrokerSecret> keys;
    for (std::uint64_t hour = 0; hour < 400; hour += pause) {
      keys = renewed(std::move(keys), at(hour), rng);
      const auto told = announced(keys, at(hour));
      ASSERT_EQ(told.size(), 2U);
      for (std::uint64_t later = hour; later < hour + 48; ++later)
        EXPECT_TRUE(told[0].valid.holds(at(later)) || told[1].valid.holds(at(later))) << pause << " " << later - hour;
    }
  }
}

// A directory serves for two days and a stale one. A timer is never exact, and a clock may be set meanwhile.
TEST(BrokerKeys, OfADailyRunLastBeyondTheStaleDayAlsoWhenItIsEarly) {
  constexpr std::uint64_t kMinute = 60;
  for (const std::uint64_t early : {0U, 1U, 30U, 119U, 120U}) {
    SeededRng rng(early);
    std::vector<BrokerSecret> keys;
    for (std::uint64_t day = 0; day < 20; ++day) {
      const auto signed_at = kStart + day * (24 * kHour - early * kMinute);
      keys = renewed(std::move(keys), UnixSeconds{signed_at}, rng);
      const auto told = announced(keys, UnixSeconds{signed_at});
      for (auto later = signed_at; later < signed_at + 72 * kHour; later += kMinute)
        ASSERT_TRUE(told[0].valid.holds(UnixSeconds{later}) || told[1].valid.holds(UnixSeconds{later}))
            << "early by " << early << " min, day " << day << ", min " << (later - signed_at) / kMinute;
    }
  }
}

// Whoever still has the directory of the day before seals to the next key when that says so.
TEST(BrokerKeys, BeginEarlyUnderTheSecretThatWasAnnounced) {
  SeededRng rng(1);
  const auto first = renewed({}, at(0), rng);
  const auto second = renewed(first, at(23), rng);
  const auto before = announced(first, at(0))[1];
  const auto now = announced(second, at(23))[0];
  EXPECT_EQ(now.x25519, before.x25519);
  EXPECT_EQ(now.valid.from, at(23));
  EXPECT_EQ(now.valid.until, before.valid.until) << "as long as was said";
  EXPECT_EQ(announced(second, at(23))[1].valid.until, at(23 + 72));
}

TEST(BrokerKeys, AreErasedWhenTheyAreOverAndNeverManyTogether) {
  SeededRng rng(1);
  std::vector<BrokerSecret> keys;
  for (std::uint64_t hour = 0; hour < 1000; hour += 6) {
    keys = renewed(std::move(keys), at(hour), rng);
    EXPECT_LE(keys.size(), 3U) << "yesterday's, today's and tomorrow's";
    for (const auto& key : keys) {
      EXPECT_GT(key.valid.until, at(hour));
      EXPECT_EQ(key.valid.length(), kBrokerKeySeconds);
    }
  }
  for (std::uint64_t hour = 1000; hour < 2000; ++hour) {
    keys = renewed(std::move(keys), at(hour), rng);
    EXPECT_LE(keys.size(), 4U) << "each begins early; for a while, the one before yesterday's too";
    for (const auto& key : keys) EXPECT_LE(key.valid.length(), kBrokerKeySeconds + kBrokerKeySlackSeconds);
  }
}

TEST(BrokerKeys, StayTheSameForADay) {
  SeededRng rng(1);
  const auto first = renewed({}, at(0), rng);
  const auto second = renewed(first, at(21), rng);
  EXPECT_EQ(announced(first, at(0))[0].x25519, announced(second, at(21))[0].x25519);
  const auto third = renewed(second, at(24), rng);
  EXPECT_EQ(announced(first, at(0))[1].x25519, announced(third, at(24))[0].x25519) << "tomorrow's is today's now";
}

TEST(BrokerKeys, OfAClockThatWasWrongAreMadeAnew) {
  SeededRng rng(1);
  const auto ahead = renewed({}, at(10'000), rng);
  const auto keys = renewed(ahead, at(0), rng);
  EXPECT_TRUE(announced(keys, at(0))[0].valid.holds(at(0)));
  EXPECT_EQ(keys.size(), 2U);
  EXPECT_TRUE(announced(renewed(keys, at(10'000), rng), at(10'000))[0].valid.holds(at(10'000)));
}

TEST(BrokerKeys, SurviveTheirFile) {
  SeededRng rng(1);
  const auto keys = renewed({}, at(0), rng);
  const auto read = parse_broker_keys(broker_keys_text(keys).reveal_to_socket(), "b.keys");
  ASSERT_EQ(read.size(), keys.size());
  EXPECT_EQ(announced(read, at(1))[1].x25519, announced(keys, at(1))[1].x25519);
}

TEST(BrokerKeys, RefuseAFileThatIsNotTheirs) {
  for (const auto* bad : {"[[key]]\nsecret = \"00\"\nfrom = 1\nuntil = 2\n", "[[key]]\nfrom = 1\nuntil = 2\n", "x = 1",
                          "[[key]]\nsecret = \"zz\"\n", "nonsense"})
    EXPECT_THROW(parse_broker_keys(bad, "b.keys"), ops::UsageError) << bad;
}

}  // namespace
}  // namespace footbridge
