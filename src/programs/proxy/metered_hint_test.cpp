#include "programs/proxy/metered_hint.hpp"

#include <gtest/gtest.h>

#include "ops/scratch_dir.hpp"

namespace footbridge::proxy {
namespace {

struct MeteredHint : testing::Test {
  ops::ScratchDir root;

  void device(const std::string& uevent) {
    std::filesystem::create_directories(root.path("sys/class/net/net0"));
    root.write("sys/class/net/net0/uevent", uevent);
  }
  void lease(const std::string& text) {
    std::filesystem::create_directories(root.path("run/systemd/netif/leases"));
    root.write("run/systemd/netif/leases/7", text);
  }
  bool metered() const { return looks_metered("net0", root.path("")); }
};

TEST_F(MeteredHint, IsAMobileModemOrAPhonesBluetooth) {
  device("DEVTYPE=wwan\nINTERFACE=net0\nIFINDEX=7\n");
  EXPECT_TRUE(metered());
  device("DEVTYPE=bluetooth\nIFINDEX=7\n");
  EXPECT_TRUE(metered());
}

TEST_F(MeteredHint, IsALeaseOfAPhoneThatSaysSo) {
  device("DEVTYPE=wlan\nIFINDEX=7\n");
  lease("ADDRESS=192.0.2.7\nVENDOR_SPECIFIC=414e44524f49445f4d455445524544\n");
  EXPECT_TRUE(metered());
}

TEST_F(MeteredHint, IsNothingElse) {
  EXPECT_FALSE(metered()) << "nothing can be read";
  device("DEVTYPE=wlan\nIFINDEX=7\n");
  EXPECT_FALSE(metered()) << "no lease";
  lease("ADDRESS=192.0.2.7\nVENDOR_SPECIFIC=0104c0000201\nDEVTYPE=wwan\n");
  EXPECT_FALSE(metered()) << "a lease that says something else";
  device("INTERFACE=net0\n");
  EXPECT_FALSE(metered()) << "wired, and of no number";
}

}  // namespace
}  // namespace footbridge::proxy
