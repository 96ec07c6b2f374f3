#include "programs/proxy/troubles.hpp"

#include <gtest/gtest.h>

#include "observe/logger.hpp"
#include "ops/scratch_dir.hpp"

namespace footbridge::proxy {
namespace {

constexpr UnixSeconds kToday{1'790'000'000};

struct TorHere : testing::Test {
  ops::ScratchDir root;
  void torrc(const std::string& folder, const std::string& text) {
    std::filesystem::create_directories(root.path(folder));
    root.write(folder + "/torrc", text);
  }
  bool seen() const { return look_around(true, root.path("")).tor_here; }
};

TEST_F(TorHere, IsARelayOrBridgeAsItsFileSays) {
  EXPECT_FALSE(seen());
  torrc("etc/tor", "SocksPort 9050\n#ORPort 9001\n");
  EXPECT_FALSE(seen()) << "a client";
  torrc("etc/tor", "ORPort 0\n");
  EXPECT_FALSE(seen()) << "switched off";
  torrc("etc/tor", "SocksPort 0\n  orport 192.0.2.1:9001 # public\n");
  EXPECT_TRUE(seen());
}

TEST_F(TorHere, IsAnInstanceToo) {
  torrc("etc/tor/instances/one", "Nickname x\n");
  EXPECT_FALSE(seen());
  torrc("etc/tor/instances/two", "BridgeRelay 1\nORPort auto\n");
  EXPECT_TRUE(seen());
}

TEST(Troubles, AreNoneOnAMachineAsItShouldBe) {
  EXPECT_TRUE(troubles_of({.tor_here = false, .root = false, .clock = kToday, .has_stun = true}).empty());
}

TEST(Troubles, AreSeenEach) {
  EXPECT_EQ(troubles_of({.tor_here = true, .root = true, .clock = UnixSeconds{0}, .has_stun = false}),
            (std::vector{Trouble::TorHere, Trouble::Root, Trouble::ClockUnset, Trouble::NoStun}));
}

TEST(Troubles, AreListedByNameOnceTheyWereTold) {
  const observe::LogCapture log;
  Troubles troubles;
  EXPECT_EQ(troubles.text(), "");
  troubles.tell(Trouble::NoStun);
  troubles.tell(Trouble::TorHere);
  troubles.tell(Trouble::NoStun);
  EXPECT_EQ(troubles.text(), "tor-here, no-stun");
}

TEST(Troubles, AreSaidOnceEach) {
  const observe::LogCapture log;
  Troubles troubles;
  for (int i = 0; i < 2; ++i)
    for (std::size_t each = 0; each < kTroubles; ++each) troubles.tell(static_cast<Trouble>(each));
  for (std::size_t each = 0; each < kTroubles; ++each)
    EXPECT_EQ(log.count(name(static_cast<Trouble>(each))), 1U) << name(static_cast<Trouble>(each));
}

}  // namespace
}  // namespace footbridge::proxy
