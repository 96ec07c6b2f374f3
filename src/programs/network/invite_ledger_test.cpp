#include "programs/network/invite_ledger.hpp"

#include <algorithm>
#include <gtest/gtest.h>

#include "ops/errors.hpp"

namespace footbridge::network {
namespace {

using Added = InviteLedger::Added;

constexpr std::uint64_t kDay = 86'400;
UnixSeconds day(std::uint64_t number) { return UnixSeconds{1'800'000'000 + number * kDay}; }

LedgerEntry entry(std::string name, std::uint64_t from, std::uint64_t days) {
  SeededRng rng(from);
  return {.name = std::move(name),
          .id = wire::InviteId::random(rng),
          .made = day(from),
          .until = day(from + days),
          .revoked = {}};
}

TEST(InviteLedger, GivesOnePersonOneInviteAtATime) {
  InviteLedger ledger;
  EXPECT_EQ(ledger.add(entry("sara", 0, 7), day(0)), Added::Yes);
  EXPECT_EQ(ledger.add(entry("sara", 1, 7), day(1)), Added::HasOne);
  EXPECT_EQ(ledger.add(entry("reza", 1, 7), day(1)), Added::Yes);
  EXPECT_EQ(ledger.add(entry("sara", 8, 7), day(8)), Added::Yes) << "the first one is over";
  EXPECT_EQ(ledger.entries().size(), 3U);
}

TEST(InviteLedger, KeepsWhichInviteIsATesters) {
  InviteLedger ledger;
  auto tester = entry("tester", 0, 7);
  tester.tester = true;
  ledger.add(tester, day(0));
  ledger.add(entry("sara", 1, 7), day(1));
  const auto read = InviteLedger::parse(ledger.text().reveal_to_socket(), "f");
  EXPECT_TRUE(read.entries().front().tester);
  EXPECT_FALSE(read.entries().back().tester);
}

TEST(InviteLedger, TakesBackWhatIsOverToo) {
  InviteLedger ledger;
  ledger.add(entry("sara", 0, 7), day(0));
  EXPECT_FALSE(ledger.revoke("reza", day(1)));
  EXPECT_TRUE(ledger.revoke("sara", day(8))) << "over, but somebody may have joined with it";
  EXPECT_FALSE(ledger.entries().front().holds(day(2)));
  EXPECT_FALSE(ledger.revoke("sara", day(9))) << "taken back already";
  EXPECT_EQ(ledger.add(entry("sara", 9, 7), day(9)), Added::Yes);
}

TEST(InviteLedger, ForgetsWhatWasRevokedAMonthAgoAndNothingElse) {
  InviteLedger ledger;
  ledger.add(entry("over", 0, 1), day(0));
  ledger.add(entry("taken-back", 0, 300), day(0));
  ledger.revoke("taken-back", day(1));
  ledger.add(entry("sara", 30, 7), day(30));
  EXPECT_EQ(ledger.entries().size(), 3U);
  ledger.add(entry("reza", 32, 7), day(32));
  ASSERT_EQ(ledger.entries().size(), 3U);
  EXPECT_EQ(ledger.entries().front().name, "over");
}

TEST(InviteLedger, SurvivesItsFileAtFullSize) {
  InviteLedger ledger;
  for (std::size_t i = 0; i < kMaxLedgerEntries; ++i)
    ASSERT_EQ(ledger.add(entry("person \"" + std::to_string(i) + "\" \\ \xd8\xaf", i, 900), day(0)), Added::Yes);
  EXPECT_EQ(ledger.add(entry("one more", 0, 9), day(0)), Added::Full);
  EXPECT_TRUE(ledger.revoke("person \"7\" \\ \xd8\xaf", day(3)));
  const auto read = InviteLedger::parse(ledger.text().reveal_to_socket(), "invites.toml");
  ASSERT_EQ(read.entries().size(), kMaxLedgerEntries);
  EXPECT_EQ(read.text().reveal_to_socket(), ledger.text().reveal_to_socket());
  EXPECT_EQ(read.entries()[7].revoked, day(3));
  EXPECT_FALSE(read.entries()[8].revoked);
}

TEST(InviteLedger, ForgetsWhatWasRevokedFirstWhenItIsFull) {
  InviteLedger ledger;
  for (std::size_t i = 0; i < kMaxLedgerEntries; ++i)
    ASSERT_EQ(ledger.add(entry("person " + std::to_string(i), 0, 300), day(0)), Added::Yes);
  ASSERT_TRUE(ledger.revoke("person 3", day(2)));
  ASSERT_TRUE(ledger.revoke("person 7", day(1)));
  EXPECT_EQ(ledger.add(entry("first", 3, 300), day(3)), Added::Yes);
  EXPECT_EQ(ledger.entries().size(), kMaxLedgerEntries);
  const auto knows = [&](const char* name) {
    return std::ranges::any_of(ledger.entries(), [&](const LedgerEntry& one) { return one.name == name; });
  };
  EXPECT_TRUE(knows("person 3"));
  EXPECT_FALSE(knows("person 7"));
  EXPECT_EQ(ledger.add(entry("second", 3, 300), day(3)), Added::Yes);
  EXPECT_FALSE(knows("person 3"));
  EXPECT_EQ(ledger.add(entry("third", 3, 300), day(3)), Added::Full) << "what is not revoked is never forgotten";
  EXPECT_TRUE(knows("person 0") && knows("first") && knows("second"));
}

TEST(InviteLedger, RefusesAFileThatIsNotOne) {
  for (const auto* bad :
       {"x = 1", "[[invite]]\nname = \"a\"\n", "[[invite]]\nid = \"00\"\nname = \"a\"\n", "[[guest]]\na = 1\n"})
    EXPECT_THROW(InviteLedger::parse(bad, "invites.toml"), ops::UsageError) << bad;
}

}  // namespace
}  // namespace footbridge::network
