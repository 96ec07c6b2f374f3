#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/egress/egress_policy.hpp"

namespace footbridge::core {
namespace {

const nlohmann::json& table() {
  static const auto read = [] {
    std::ifstream in(FB_SOURCE_DIR "/tests/vectors/hostile_targets.json");
    return nlohmann::json::parse(in);
  }();
  return read;
}

const EgressPolicy& policy() {
  static const EgressPolicy strict(PortPolicy::web(), AddressPolicy{{}});
  return strict;
}

TEST(HostileTargets, NoAddressIsAdmittedAsATargetOrAsAnAnswerOfTheDns) {
  std::size_t count = 0;
  for (const auto* family : {"ipv4", "ipv6"})
    for (const auto& text : table().at(family)) {
      const auto literal = text.get<std::string>();
      EXPECT_FALSE(policy().admit_target(literal, 80)) << literal;
      const auto address = IpAddress::parse(literal);
      ASSERT_TRUE(address) << literal;
      EXPECT_FALSE(policy().admit({*address, 80})) << literal;
      ++count;
    }
  EXPECT_GE(count, 100U);
}

TEST(HostileTargets, NoSpellingComesNearAResolver) {
  std::size_t count = 0;
  for (const auto* kind : {"spellings_of_addresses", "local_names", "no_names"})
    for (const auto& text : table().at(kind)) {
      const auto host = text.get<std::string>();
      const auto admitted = policy().admit_target(host, 80);
      ASSERT_FALSE(admitted) << host;
      EXPECT_TRUE(admitted.error() == PolicyErrc::Host || admitted.error() == PolicyErrc::Address) << host;
      ++count;
    }
  EXPECT_GE(count, 80U);
}

}  // namespace
}  // namespace footbridge::core
