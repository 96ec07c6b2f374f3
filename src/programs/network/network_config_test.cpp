#include "programs/network/network_config.hpp"

#include <gtest/gtest.h>

#include "ops/errors.hpp"

namespace footbridge::network {
namespace {

const std::string kPin(64, 'a');
const std::string kEgress =
    "[[egress]]\nid = \"one\"\nrelay = \"wss://egress.example/leg\"\nspki_sha256 = \"" + kPin + "\"\n";

std::string refusal(const std::string& text) {
  try {
    parse_network_config(text, "network.toml");
  } catch (const ops::UsageError& error) {
    return error.what();
  }
  return "accepted";
}

Private<ops::HttpUrl> url(const char* text) { return Private(ops::ValueType<ops::HttpUrl>::parse(text).value()); }

TEST(NetworkConfig, IsReadAsItIsMade) {
  const auto text =
      new_network_config("Friends of \"Sara\" \xd8\xaf", {url("https://a.example/p"), url("http://192.0.2.1:8900/")});
  const auto config = parse_network_config(text + kEgress, "network.toml");
  EXPECT_EQ(config.name, "Friends of \"Sara\" \xd8\xaf");
  ASSERT_EQ(config.brokers.size(), 2U);
  EXPECT_EQ(config.brokers[1].name, "broker-2");
  EXPECT_EQ(config.brokers[1].addresses.front().url.reveal_to_socket(), "http://192.0.2.1:8900/");
  ASSERT_EQ(config.egresses.size(), 1U);
  EXPECT_EQ(config.egresses.front().relay_udp_port, 0);
  EXPECT_FALSE(config.brokers[0].addresses.front().tls_pin);
}

TEST(NetworkConfig, PinsTheKeyOfABrokerForWhichNobodyVouches) {
  const auto pin = ops::ValueType<ops::Pin>::parse(kPin).value();
  const auto config = parse_network_config(
      new_network_config("N", {url("https://192.0.2.1/")}, wire::SpkiSha256{pin.sha256}), "network.toml");
  EXPECT_EQ(config.brokers[0].addresses.front().tls_pin, wire::SpkiSha256{pin.sha256});
}

TEST(NetworkConfig, HasAFrontACertificateAndTactics) {
  const auto config = parse_network_config(
      "name = \"N\"\n[[broker]]\nname = \"b\"\n[[broker.address]]\nurl = \"https://a.example/\"\nfront = "
      "\"f.example\"\n"
      "[[broker.address]]\nurl = \"https://192.0.2.1/\"\ntls_spki_sha256 = \"" +
          kPin + "\"\n" + kEgress + "relay_udp_port = 8911\nrelay_tls_spki_sha256 = \"" + kPin +
          "\"\n[stun]\nservers = [\"stun.example:3478\"]\n[tactics]\ndtls_sensitive = [\"IR\", "
          "\"RU\"]\n"
          "native_links_off = [\"CN\"]\nrisky_to_help = [\"BY\"]\nmost_paths = 2\nudp_legs_off = true\n",
      "network.toml");
  EXPECT_EQ(config.brokers[0].addresses[0].front.reveal_to_socket(), "f.example");
  EXPECT_TRUE(config.brokers[0].addresses[1].tls_pin.has_value());
  EXPECT_EQ(config.egresses[0].relay_udp_port, 8911);
  EXPECT_TRUE(config.egresses[0].tls_pin.has_value());
  EXPECT_EQ(config.tactics.dtls_sensitive.size(), 2U);
  EXPECT_EQ(config.tactics.risky_to_help, std::vector{*Country::parse("BY")});
  EXPECT_EQ(config.tactics.most_paths, 2U);
  EXPECT_TRUE(config.tactics.udp_legs_off);
  EXPECT_EQ(config.stun_servers.size(), 1U);
}

TEST(NetworkConfig, SaysInOneLineWhatIsWrongWithoutRepeatingAddresses) {
  const std::string name = "name = \"N\"\n";
  EXPECT_EQ(refusal(""), "network.toml: the network has no name; write name = \"…\" at the top");
  EXPECT_EQ(refusal(name + "[[broker]]\nname = \"b\"\n"),
            "network.toml: the broker b needs a [[broker.address]] with a url");
  EXPECT_EQ(refusal(name + "[[egress]]\nid = \"one\"\n"),
            "network.toml: the egress one needs relay and spki_sha256; footbridge egress --descriptor-out writes them");
  EXPECT_EQ(refusal(name + kEgress + kEgress), "network.toml: two egresses are called \"one\"");
  EXPECT_EQ(refusal(name + "[tactics]\nmost_path = 1\n"),
            "network.toml:3:1: unknown key tactics.most_path; did you mean tactics.most_paths?");
  EXPECT_EQ(refusal(name + "[tactics]\ndtls_sensitive = [\"Iran\"]\n"),
            "network.toml:3:1: dtls_sensitive: not two capital letters of a country, as in [\"IR\", \"RU\"]");
  const std::string broker = name + "[[broker]]\nname = \"b\"\n[[broker.address]]\nurl = \"http://a/\"\n";
  EXPECT_EQ(refusal(broker + "front = \"m\xc3\xbcnchen.example\"\n"),
            "network.toml:6:1: front: has a blank, or a letter that is not ASCII; write names as xn--…");
  const auto said = refusal(name + "[[broker]]\nname = \"b\"\n[[broker.address]]\nurl = \"secret.example\"\n");
  EXPECT_TRUE(said.starts_with("network.toml:5:1: url: the value is ")) << said;
  EXPECT_EQ(said.find("secret"), std::string::npos) << said;
}

TEST(NetworkConfig, HasNoMoreThanADirectoryHolds) {
  std::string many = "name = \"N\"\n";
  for (std::size_t i = 0; i <= wire::kMaxDirectoryBrokers; ++i)
    many += "[[broker]]\nname = \"b" + std::to_string(i) + "\"\n[[broker.address]]\nurl = \"http://a/\"\n";
  EXPECT_NE(refusal(many).find("more than 16 of these tables"), std::string::npos) << refusal(many);
}

}  // namespace
}  // namespace footbridge::network
