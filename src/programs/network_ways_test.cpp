#include "programs/network_ways.hpp"

#include <gtest/gtest.h>

#include "core/network/personal_compartment.hpp"
#include "core/rendezvous/way_order.hpp"

namespace footbridge {
namespace {

wire::BrokerAddress at(const std::string& url, const std::string& front = "", bool pinned = false) {
  return {Private(url), Private(front), pinned ? std::optional(wire::SpkiSha256{}) : std::nullopt};
}

TEST(NetworkWays, AreEveryAddressOfEachBrokerWithItsSeal) {
  SeededRng rng(1);
  const std::vector<wire::BrokerEntry> brokers{
      {"one", {at("https://one.example/"), at("https://one.example/", "front.example:8443")}, {{}, {}}},
      {"two",
       {at("https://192.0.2.1:444/p", "", true), at("gopher://two.example/"), at("http://x.example/", "f.example")},
       {{}}}};
  const auto found = network_ways(brokers, crypto::SecretKey::random(rng));
  ASSERT_EQ(found.ways.size(), 3U) << "what is no URL of ours, or a front without TLS, is left out";
  ASSERT_EQ(found.seals.size(), 3U);
  EXPECT_FALSE(found.ways[0].front);
  EXPECT_EQ(found.ways[1].front->host.reveal_to_socket(), "front.example");
  EXPECT_EQ(found.ways[1].front->port, 8443);
  EXPECT_TRUE(found.ways[1].front->tls);
  EXPECT_TRUE(found.ways[2].pin);
  EXPECT_EQ(found.seals[0].keys.size(), 2U);
  EXPECT_EQ(found.seals[2].keys.size(), 1U);
}

TEST(NetworkWays, OfAGroupStandInItsOrder) {
  SeededRng rng(1);
  const std::vector<wire::BrokerEntry> brokers{{"broker-1", {at("https://one.example/")}, {{}}},
                                               {"broker-2", {at("https://two.example/")}, {{}}},
                                               {"broker-3", {at("https://three.example/")}, {{}}}};
  const auto secret = crypto::SecretKey::random(rng);
  const auto group = wire::CompartmentId::random(rng);
  const auto order = core::broker_order(group, std::vector<std::string>{"broker-1", "broker-2", "broker-3"});
  const auto found = network_ways(brokers, secret, group);
  for (std::size_t i = 0; i < order.size(); ++i)
    EXPECT_EQ(found.ways[i].url.host.reveal_to_socket(),
              network_ways(brokers, secret).ways[order[i]].url.host.reveal_to_socket());
}

TEST(NetworkWays, AreNotMoreThanAnybodyTries) {
  SeededRng rng(1);
  const std::vector<wire::BrokerEntry> brokers(
      16, {"b", std::vector<wire::BrokerAddress>(8, at("https://one.example/")), {{}}});
  EXPECT_EQ(network_ways(brokers, crypto::SecretKey::random(rng)).ways.size(), core::kMaxWays);
}

}  // namespace
}  // namespace footbridge
