#include "io/attached_network.hpp"

#include <gtest/gtest.h>

namespace footbridge::io {
namespace {

const DefaultRoute kRoute{Private(IpAddress::v4(0xC0A80201)), Private(IpAddress::v4(0xC0A80207)),
                          Private(std::string("wlan0"))};
constexpr std::string_view kHead = "IP address       HW type     Flags       HW address            Mask     Device\n";

std::optional<Private<std::string>> behind(const std::string& rows) {
  return network_behind(kRoute, std::string(kHead) + rows);
}
std::string row(std::string_view hardware, std::string_view flags = "0x2", std::string_view device = "wlan0") {
  return "192.168.2.1      0x1         " + std::string(flags) + "         " + std::string(hardware) + "     *        " +
         std::string(device) + "\n";
}

TEST(AttachedNetwork, IsToldByBothAddressesOfItsRouter) {
  const auto home = behind(row("3c:a6:2f:00:00:01"));
  ASSERT_TRUE(home);
  EXPECT_EQ(behind("192.168.2.9 0x1 0x2 3c:a6:2f:00:00:07 * wlan0\n" + row("3c:a6:2f:00:00:01")), home);
  EXPECT_NE(behind(row("3c:a6:2f:00:00:02")), home) << "another router with the same private address";
}

TEST(AttachedNetwork, IsNotToldWhereWeHaveNotSpokenWithTheRouter) {
  EXPECT_FALSE(behind(""));
  EXPECT_FALSE(behind(row("00:00:00:00:00:00", "0x0"))) << "asked for, and no answer yet";
  EXPECT_FALSE(behind(row("00:00:00:00:00:00")));
  EXPECT_FALSE(behind(row("3c:a6:2f:00:00:01", "0x2", "eth0"))) << "at another interface";
  EXPECT_FALSE(behind("192.168.2.1 0x1 0x2 x * wlan0\n192.168.2.1\n\n \n")) << "nonsense";
  EXPECT_FALSE(network_behind(kRoute, ""));
}

TEST(AttachedNetwork, IsNotToldByAnAddressThatManyRoutersHave) {
  EXPECT_FALSE(behind(row("00:00:5e:00:01:01"))) << "a router that stands in for others";
  EXPECT_FALSE(behind(row("52:54:00:12:35:02"))) << "of a virtual machine, wherever its host goes";
  EXPECT_FALSE(behind(row("02:42:ac:11:00:01"))) << "of a container";
}

}  // namespace
}  // namespace footbridge::io
