#include "programs/joined_networks.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "ops/errors.hpp"
#include "ops/scratch_dir.hpp"
#include "programs/made_network.hpp"
#include "programs/state_directory.hpp"

namespace footbridge {
namespace {

namespace fs = std::filesystem;

constexpr UnixSeconds kNow{1'800'000'000};

MadeNetwork made(std::uint64_t seed) { return {seed, kNow, 3'600}; }

std::string refusal(const std::function<void()>& action) {
  try {
    action();
  } catch (const ops::UsageError& error) {
    return error.what();
  }
  return "accepted";
}

unsigned mode_of(const fs::path& path) { return static_cast<unsigned>(fs::status(path).permissions()); }

TEST(JoinedNetworks, AreNoneWhereNothingWasJoined) {
  const ops::ScratchDir scratch;
  EXPECT_TRUE(JoinedNetworks(scratch.path("state")).all().empty());
  EXPECT_FALSE(fs::exists(scratch.path("state"))) << "looking makes nothing";
}

TEST(JoinedNetworks, KeepTheInviteForTheirOwnerOnly) {
  const ops::ScratchDir scratch;
  const JoinedNetworks networks(scratch.path("state"));
  auto one = made(1);
  auto two = made(2);
  const auto before = ::umask(0);
  const auto joined = networks.join(one.invite("One"));
  networks.join(two.invite("Two"));
  ::umask(before);
  EXPECT_EQ(mode_of(joined.folder), 0700U);
  EXPECT_EQ(mode_of(joined.folder / "invite"), 0600U);
  EXPECT_EQ(mode_of(scratch.path("state/networks")), 0700U);
  EXPECT_EQ(networks.all().size(), 2U);
  EXPECT_EQ(networks.find(core::root_key(one.root))->invite.network, "One");
}

TEST(JoinedNetworks, KeepTheDirectoryWhenAnotherInviteComes) {
  const ops::ScratchDir scratch;
  const JoinedNetworks networks(scratch.path("state"));
  auto network = made(1);
  auto joined = networks.join(network.invite("Old"));
  ASSERT_TRUE(joined.keeper.take(kNow, network.directory(5)).ok());
  networks.keep_directory(joined);
  networks.join(network.invite("New"));
  const auto found = networks.find(core::root_key(network.root)).value();
  EXPECT_EQ(found.invite.network, "New");
  EXPECT_EQ(found.keeper.serving(kNow)->version, 5U);
  EXPECT_EQ(networks.all().size(), 1U);
}

TEST(JoinedNetworks, LeaveNothingOfANetworkThatIsForgottenNotEvenOfItsWays) {
  const ops::ScratchDir scratch;
  const JoinedNetworks networks(scratch.path("state"));
  const auto joined = networks.join(made(1).invite("Friends"));
  networks.join(made(2).invite("Others"));
  scratch.write("state/" + std::string(kWayOrderFile), "which lines are of which network nobody can tell");
  networks.forget(joined);
  EXPECT_FALSE(fs::exists(joined.folder));
  EXPECT_FALSE(fs::exists(scratch.path("state/" + std::string(kWayOrderFile))));
  EXPECT_EQ(networks.all().size(), 1U);
}

TEST(JoinedNetworks, SayWhatIsNoLongerWhatWasKept) {
  const ops::ScratchDir scratch;
  const JoinedNetworks networks(scratch.path("state"));
  auto one = made(1);
  auto two = made(2);
  auto joined = networks.join(one.invite("Friends"));
  ASSERT_TRUE(joined.keeper.take(kNow, one.directory(5)).ok());
  networks.keep_directory(joined);
  const auto other = networks.join(two.invite("Friends"));
  fs::copy_file(joined.folder / "directory", other.folder / "directory");
  EXPECT_NE(refusal([&] { networks.all(); }).find("is no longer the directory"), std::string::npos)
      << "another network's directory";
  fs::remove(other.folder / "directory");
  fs::copy_file(joined.folder / "invite", other.folder / "invite", fs::copy_options::overwrite_existing);
  EXPECT_NE(refusal([&] { networks.all(); }).find("is no longer the invite"), std::string::npos)
      << "another network's invite";
  fs::permissions(joined.folder / "invite", fs::perms(0644));
  EXPECT_NE(refusal([&] { networks.find(core::root_key(one.root)); }).find("can be read by others"), std::string::npos);
}

// Who may not look must not hear that nothing is there. Tests run as root, too, who may look everywhere.
TEST(JoinedNetworks, AreNotTakenForNoneWhereTheyCannotBeRead) {
  const ops::ScratchDir scratch;
  const JoinedNetworks networks(scratch.path("state"));
  auto network = made(1);
  const auto joined = networks.join(network.invite("Friends"));
  fs::remove(joined.folder / "invite");
  fs::create_symlink("invite", joined.folder / "invite");  // leads to itself
  EXPECT_NE(refusal([&] { networks.all(); }).find("/invite cannot be read: "), std::string::npos);
  EXPECT_NE(refusal([&] { networks.find(core::root_key(network.root)); }).find("cannot be read: "), std::string::npos);
  networks.join(made(2).invite("Others"));
  EXPECT_EQ(networks.all().size(), 1U) << "one that cannot be read keeps nobody from another";
  fs::remove_all(scratch.path("state/networks"));
  scratch.write("state/networks", "");
  EXPECT_NE(refusal([&] { networks.all(); }).find("/networks cannot be read: Not a directory; run this as the user"),
            std::string::npos);
}

}  // namespace
}  // namespace footbridge
