#include "core/sealing/ticket_ratchet.hpp"

#include <gtest/gtest.h>

namespace footbridge::core {
namespace {

struct TicketRatchetTest : testing::Test {
  static constexpr std::uint64_t kHour = 500'000 * 3600ULL;
  SeededRng rng{1};
  TicketRatchet ratchet{UnixSeconds{kHour}, rng};

  Bytes ticket() {
    return ratchet.seal({std::nullopt, {crypto::SecretKey::random(rng), crypto::SecretKey::random(rng)}, {}}, rng);
  }
};

TEST_F(TicketRatchetTest, TakesTicketsOfThisHourAndTheOneBefore) {
  const auto old = ticket();
  ratchet.advance(UnixSeconds{kHour + 3599});
  EXPECT_TRUE(ratchet.open(old));
  ratchet.advance(UnixSeconds{kHour + 3600});
  EXPECT_TRUE(ratchet.open(old));
  const auto newer = ticket();
  ratchet.advance(UnixSeconds{kHour + 7199});
  EXPECT_TRUE(ratchet.open(old));
  ratchet.advance(UnixSeconds{kHour + 7200});
  EXPECT_FALSE(ratchet.open(old)) << "its key is wiped";
  EXPECT_TRUE(ratchet.open(newer));
}

TEST_F(TicketRatchetTest, GoesForwardOnlyAndAnyDistance) {
  const auto made = ticket();
  ratchet.advance(UnixSeconds{0});
  EXPECT_TRUE(ratchet.open(made));
  ratchet.advance(UnixSeconds{UINT64_MAX});
  EXPECT_FALSE(ratchet.open(made));
  const auto later = ticket();
  ratchet.advance(UnixSeconds{kHour});
  EXPECT_TRUE(ratchet.open(later));
}

TEST_F(TicketRatchetTest, StepsOverQuietHours) {
  const auto made = ticket();
  ratchet.advance(UnixSeconds{kHour + 2 * 3600});
  EXPECT_FALSE(ratchet.open(made));
}

TEST_F(TicketRatchetTest, HasAKeyOfItsOwnInEachProcess) {
  const auto made = ticket();
  EXPECT_FALSE(TicketRatchet(UnixSeconds{kHour}, rng).open(made));
}

}  // namespace
}  // namespace footbridge::core
