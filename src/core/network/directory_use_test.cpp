#include "core/network/directory_use.hpp"

#include <gtest/gtest.h>

#include "core/proxy/relay_allow_list.hpp"

namespace footbridge::core {
namespace {

wire::Directory listing(const std::vector<std::pair<std::string, std::uint16_t>>& relays) {
  wire::Directory out{.version = 1};
  for (const auto& [url, port] : relays) out.egresses.push_back({"e", Private<std::string>(url), port, {}});
  return out;
}

RelayAllowList allow_list(const wire::Directory& directory) {
  auto listed = relays_of(directory);
  return {listed.urls, false, std::move(listed.udp_ports)};
}

Private<std::string> url(const char* text) { return Private<std::string>(text); }

// T8: what a seized broker says moves no volunteer anywhere else.
TEST(ListedRelays, AreAllThatAVolunteerDialsAndNeverPrivate) {
  const auto list =
      allow_list(listing({{"wss://egress.example/leg", 8911}, {"wss://10.0.0.1/leg", 1}, {"ws://a/b", 0}}));
  const Private<Bytes> token(Bytes(72));
  EXPECT_TRUE(list.dial_url(url("wss://egress.example/leg"), token));
  for (const auto* other :
       {"wss://victim.example/leg", "wss://egress.example:8443/leg", "wss://10.0.0.1/leg", "ws://a/b"})
    EXPECT_FALSE(list.dial_url(url(other), token)) << other;
  EXPECT_EQ(list.size(), 1U);
}

TEST(ListedRelays, SayWhichEgressIsBehindEach) {
  wire::Directory directory;
  wire::SpkiSha256 pin;
  pin.raw[0] = std::byte{7};
  directory.egresses = {{.name = "a", .relay_url = url("wss://a.example/leg"), .pin = pin}};
  EXPECT_EQ(relays_of(directory).pins.at("wss://a.example/leg"), pin);
}

TEST(ListedRelays, SayAtWhichPortDatagramsGo) {
  const auto list = allow_list(listing({{"wss://egress.example/leg", 8911}, {"wss://other.example/leg", 0}}));
  EXPECT_EQ(list.udp_port(url("wss://egress.example/leg"), 8911), 8911);
  EXPECT_EQ(list.udp_port(url("wss://egress.example/leg"), 53), 0) << "a port that only the broker knows";
  EXPECT_EQ(list.udp_port(url("wss://other.example/leg"), 8911), 0);
  auto off = listing({{"wss://egress.example/leg", 8911}});
  off.tactics.udp_legs_off = true;
  EXPECT_EQ(allow_list(off).udp_port(url("wss://egress.example/leg"), 8911), 0) << "tactics";
}

TEST(BrokerKeyAt, IsTheNewestThatItsBrokerSurelyHas) {
  constexpr std::uint64_t kDay = 86'400;
  constexpr std::uint64_t kStart = 1'800'000'000;
  const auto at = [](std::uint64_t seconds) { return UnixSeconds{kStart + seconds}; };
  wire::BrokerEntry broker{.name = "b", .addresses = {}, .keys = {}};
  broker.keys = {{{}, {at(0), at(2 * kDay)}}, {{}, {at(kDay), at(3 * kDay)}}};
  for (int turn = 0; turn < 2; ++turn) {
    const auto* first = turn == 0 ? &broker.keys[0] : &broker.keys[1];
    const auto* second = turn == 0 ? &broker.keys[1] : &broker.keys[0];
    EXPECT_EQ(broker_key_at(broker, at(0)), first) << "new, and the only one";
    EXPECT_EQ(broker_key_at(broker, at(kDay + 3'599)), first) << "this clock may be ahead";
    EXPECT_EQ(broker_key_at(broker, at(kDay + 3'600)), second);
    EXPECT_EQ(broker_key_at(broker, at(2 * kDay)), second);
    EXPECT_EQ(broker_key_at(broker, at(3 * kDay)), nullptr);
    std::swap(broker.keys[0], broker.keys[1]);
  }
}

}  // namespace
}  // namespace footbridge::core
