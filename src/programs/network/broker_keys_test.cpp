#include "programs/network/broker_keys.hpp"

#include <gtest/gtest.h>

#include "ops/errors.hpp"

namespace footbridge::network {
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
}

TEST(BrokerKeys, StayTheSameForADay) {
  SeededRng rng(1);
  const auto first = renewed({}, at(0), rng);
  const auto second = renewed(first, at(23), rng);
  EXPECT_EQ(announced(first, at(0))[0].x25519, announced(second, at(23))[0].x25519);
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
}  // namespace footbridge::network
