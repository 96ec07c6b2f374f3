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

}  // namespace
}  // namespace footbridge::ops
