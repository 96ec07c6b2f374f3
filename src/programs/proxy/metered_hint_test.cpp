#include "programs/proxy/metered_hint.hpp"

#include <gtest/gtest.h>

#include "io/own_addresses.hpp"
#include "ops/scratch_dir.hpp"

namespace footbridge::proxy {
namespace {

struct MeteredHint : testing::Test {
  ops::ScratchDir root;

  void device(const std::string& uevent, const std::string& name = "net0", const std::string& type = "1") {
    std::filesystem::create_directories(root.path("sys/class/net/" + name));
    root.write("sys/class/net/" + name + "/uevent", uevent);
    root.write("sys/class/net/" + name + "/type", type + "\n");
  }
  void vpn() { device("IFINDEX=9\n", "vpn0", "65534"); }
  void lease(const std::string& text) {
    std::filesystem::create_directories(root.path("run/systemd/netif/leases"));
    root.write("run/systemd/netif/leases/7", text);
  }
  void told(const std::string& word, const std::string& name = "net0") {
    std::filesystem::create_directories(root.path("run/footbridge-metered"));
    root.write("run/footbridge-metered/" + name, word);
  }
  bool metered(const std::string& name = "net0", const std::vector<io::WorldRoute>& routes = {}) const {
    return looks_metered(name, routes, root.path(""));
  }
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

TEST_F(MeteredHint, IsFirstOfAllTheWordOfWhoManagesTheNetwork) {
  device("DEVTYPE=wlan\nIFINDEX=7\n");
  told("yes\n");
  EXPECT_TRUE(metered());
  EXPECT_FALSE(metered("net1")) << "of another interface";
  device("DEVTYPE=wwan\nIFINDEX=7\n");
  EXPECT_TRUE(metered());
  told("no\n");
  EXPECT_FALSE(metered()) << "a modem with a flat rate";
  told("maybe\n");
  EXPECT_TRUE(metered()) << "no word of his";
  vpn();
  EXPECT_TRUE(metered("vpn0", {{"net0", std::nullopt, 700}}));
  told("no\n");
  EXPECT_FALSE(metered("vpn0", {{"net0", std::nullopt, 700}})) << "what the VPN goes over";
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

TEST_F(MeteredHint, IsWhatAVpnGoesOver) {
  vpn();
  device("DEVTYPE=wwan\nIFINDEX=7\n", "net0", "65534");
  device("DEVTYPE=wlan\nIFINDEX=8\n", "net1");
  const io::WorldRoute modem{"net0", std::nullopt, 700}, home{"net1", std::nullopt, 600},
      tunnel{"vpn0", std::nullopt, 50};
  EXPECT_TRUE(metered("vpn0", {tunnel, modem}));
  EXPECT_TRUE(metered("vpn0", {modem})) << "a VPN with a table of routes of its own";
  EXPECT_FALSE(metered("vpn0", {tunnel, home, modem})) << "the modem is in reserve";
  EXPECT_FALSE(metered("vpn0", {tunnel})) << "nothing is known";
  EXPECT_FALSE(metered("net1", {modem, home})) << "sent from an address there";
}

TEST(WorldRoutes, HaveANextHopOrNone) {
  const auto routes = io::world_routes_of(
      "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
      "wwan0\t00000000\t00000000\t0001\t0\t0\t700\t00000000\t0\t0\t0\n"
      "eth0\t00000000\t0102A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n"
      "eth0\t0002A8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n"
      "*\t00000000\t00000000\t0201\t0\t0\t1\t00000000\t0\t0\t0\n");
  ASSERT_EQ(routes.size(), 2U);
  EXPECT_EQ(routes[0].device, "eth0");
  EXPECT_EQ(routes[1].device, "wwan0");
  EXPECT_FALSE(routes[1].router);
}

TEST(Interface, IsKnownByTheAddressThatIsSentFrom) {
  const auto here = io::interface_of(IpAddress::v4(0x7F000001));
  ASSERT_TRUE(here);
  EXPECT_EQ(here->reveal_to_socket(), "lo");
  EXPECT_FALSE(io::interface_of(IpAddress::v4(0xC0000201))) << "not ours";
}

}  // namespace
}  // namespace footbridge::proxy
