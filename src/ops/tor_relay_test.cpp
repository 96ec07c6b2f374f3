#include "ops/tor_relay.hpp"

#include <fstream>
#include <gtest/gtest.h>
#include <sstream>

#include "ops/scratch_dir.hpp"

namespace footbridge::ops {
namespace {

bool is_relay(const std::string& text) {
  std::istringstream in(text);
  return is_relays_torrc(in);
}

TEST(TorRelay, IsWhoOpensAnOrPort) {
  EXPECT_TRUE(is_relay("Nickname x\nORPort 9001\n"));
  EXPECT_TRUE(is_relay("  orport auto # for a bridge\n"));
  EXPECT_TRUE(is_relay("+ORPort 9001\n"));
  EXPECT_FALSE(is_relay("SocksPort 9050\n#ORPort 9001\nORPort 0\n"));
  EXPECT_FALSE(is_relay(""));
}

TEST(TorRelay, IsFoundWhereInstancesHaveTheirFiles) {
  const ScratchDir scratch;
  const std::filesystem::path root(scratch.path(""));
  EXPECT_FALSE(has_tor_relay(root));
  std::filesystem::create_directories(root / "etc/tor/instances/one");
  std::ofstream(root / "etc/tor/instances/one/torrc") << "ORPort 443\n";
  EXPECT_TRUE(has_tor_relay(root));
}

TEST(TorRelay, IsFoundInWhatAFileIncludes) {
  for (const auto* how :
       {"/etc/torrc.d/*.conf", "/etc/torrc.d", "\"/etc/torrc.d/relay.conf\"", "../torrc.d/relay.conf"}) {
    const ScratchDir scratch;
    const std::filesystem::path root(scratch.path(""));
    std::filesystem::create_directories(root / "etc/tor");
    std::filesystem::create_directories(root / "etc/torrc.d");
    std::ofstream(root / "etc/tor/torrc") << "SocksPort 0\n%include " << how << "\n";
    EXPECT_FALSE(has_tor_relay(root)) << how;
    std::ofstream(root / "etc/torrc.d/relay.conf") << "ORPort 9001\n";
    EXPECT_TRUE(has_tor_relay(root)) << how;
  }
}

}  // namespace
}  // namespace footbridge::ops
