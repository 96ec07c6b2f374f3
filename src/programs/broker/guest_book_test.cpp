#include "programs/broker/guest_book.hpp"

#include <fstream>
#include <gtest/gtest.h>

#include "base/rng.hpp"
#include "ops/errors.hpp"
#include "ops/scratch_dir.hpp"

namespace footbridge::broker {
namespace {

namespace fs = std::filesystem;
using core::Guest;

struct GuestBookTest : testing::Test {
  Guest guest() { return {core::InviteMark::random(rng), core::InstallationMark::random(rng)}; }
  fs::path file() const { return folder / "guests-0123456789abcdef"; }
  const ops::ScratchDir scratch;
  const fs::path folder = scratch.path("state/broker");
  GuestBook book{folder, "0123456789abcdef"};
  SeededRng rng{9};
};

TEST_F(GuestBookTest, RemembersWhoWasAddedForItsOwnerOnly) {
  const std::vector<Guest> first{guest(), guest()};
  EXPECT_TRUE(book.read().empty());
  book.replace(first);
  const auto third = guest();
  EXPECT_TRUE(book.add(third));
  EXPECT_EQ(GuestBook(folder, "0123456789abcdef").read(), (std::vector<Guest>{first[0], first[1], third}));
  EXPECT_TRUE(GuestBook(folder, "fedcba9876543210").read().empty()) << "another network";
  EXPECT_EQ(fs::status(file()).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_EQ(fs::status(folder).permissions(), fs::perms::owner_all);
}

TEST_F(GuestBookTest, ForgetsHalfARecordAndNothingElse) {
  const std::vector<Guest> all{guest(), guest()};
  book.replace(all);
  std::ofstream(file(), std::ios::app | std::ios::binary) << "half a record";
  EXPECT_EQ(book.read(), all);
}

TEST_F(GuestBookTest, SaysThatItCannotWrite) {
  EXPECT_FALSE(book.add(guest())) << "there is no file yet";
  EXPECT_THROW(GuestBook("/dev/null/state", "0123456789abcdef"), ops::UsageError);
}

}  // namespace
}  // namespace footbridge::broker
