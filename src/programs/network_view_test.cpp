#include "programs/network_view.hpp"

#include <gtest/gtest.h>

namespace footbridge {
namespace {

wire::BrokerAddress address(const char* url) { return {.url = Private<std::string>(url), .front = {}}; }

wire::Invite invite() {
  wire::Invite out;
  out.brokers = {address("https://a.example/"), address("https://c.example/")};
  return out;
}

wire::Directory directory() {
  wire::Directory out{.version = 1, .valid = {UnixSeconds{1}, UnixSeconds{2}}};
  out.brokers.push_back({"b", {address("https://a.example/"), address("http://192.0.2.1/")}, {{}}});
  out.egresses.push_back(
      {.name = "e", .relay_url = Private<std::string>("wss://e.example/leg"), .relay_udp_port = 7, .pin = {}});
  out.stun_servers.push_back(Private<std::string>("stun.example:3478"));
  out.tactics.most_paths = 2;
  return out;
}

TEST(NetworkView, OfAnInviteKnowsOnlyWhomToAskForADirectory) {
  const auto view = network_view(invite(), nullptr);
  ASSERT_EQ(view.brokers.ways.size(), 2U);
  EXPECT_TRUE(view.brokers.seals[0].keys.empty()) << "an offer cannot be sealed";
  EXPECT_TRUE(view.pins.empty());
  EXPECT_TRUE(view.relays.urls.empty());
}

TEST(NetworkView, OfADirectoryAsksItsBrokersFirstAndEachWayOnce) {
  const auto known = directory();
  const auto view = network_view(invite(), &known);
  ASSERT_EQ(view.brokers.ways.size(), 2U) << "a.example once; nobody elsewhere in the clear";
  EXPECT_EQ(view.brokers.ways[0].url.host.reveal_to_socket(), "a.example");
  EXPECT_FALSE(view.brokers.seals[0].keys.empty());
  EXPECT_EQ(view.brokers.ways[1].url.host.reveal_to_socket(), "c.example");
  EXPECT_EQ(view.pins.size(), 1U);
  EXPECT_EQ(view.relays.udp_ports.at("wss://e.example/leg"), 7);
  EXPECT_EQ(view.stun.front().reveal_to_socket().port, 3478);
  EXPECT_EQ(view.tactics.most_paths, 2U);
}

// U33: several operators.
TEST(NetworkView, HasStunServersThatNobodyHasToFetch) { EXPECT_GE(built_in_stun().size(), 4U); }

}  // namespace
}  // namespace footbridge
