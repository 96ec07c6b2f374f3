#include "core/proxy/relay_allow_list.hpp"

#include <gtest/gtest.h>

namespace footbridge::core {
namespace {

const Private<Bytes> kToken(Bytes(72));

bool dials(const std::string& listed, bool allow_private, const std::string& asked) {
  return RelayAllowList({listed}, allow_private).dial_url(Private<std::string>(asked), kToken).has_value();
}
bool dials(const std::string& url, bool allow_private = false) { return dials(url, allow_private, url); }

TEST(RelayAllowList, PutsTheTokenAtTheEndOfThePath) {
  const RelayAllowList list({"wss://egress.example/leg"}, false);
  EXPECT_EQ(list.dial_url(Private<std::string>("wss://egress.example/leg"), kToken),
            Private<std::string>("wss://egress.example/leg/" + std::string(96, 'A')));
}

TEST(RelayAllowList, DialsExactlyWhatIsListed) {
  for (const auto* other : {"wss://egress.example/leg/", "wss://egress.example/", "wss://egress.example/leg2",
                            "wss://EGRESS.example/leg", "wss://egress.example:443/leg", "ws://egress.example/leg",
                            "wss://egress.example.evil/leg", "wss://user@egress.example/leg", ""})
    EXPECT_FALSE(dials("wss://egress.example/leg", true, other)) << other;
}

TEST(RelayAllowList, NeverDialsAPrivateAddressEvenIfItIsListed) {
  for (const auto* inner :
       {"wss://127.0.0.1/leg", "wss://10.1.2.3/leg", "wss://192.168.0.1:8443/leg", "wss://169.254.169.254/leg",
        "wss://100.64.0.1/leg", "wss://[::1]/leg", "wss://[fe80::1]/leg", "wss://[fd00:ec2::254]/leg",
        "wss://[::ffff:127.0.0.1]/leg", "wss://[64:ff9b::7f00:1]/leg", "wss://localhost/leg",
        "wss://relay.localhost/leg", "ws://egress.example/leg", "https://egress.example/leg", "wss://127.1/leg"})
    EXPECT_FALSE(dials(inner)) << inner;
  EXPECT_TRUE(dials("wss://egress.example/leg"));
  EXPECT_TRUE(dials("wss://9.9.9.9/leg"));
}

TEST(RelayAllowList, DialsThemWhereTheDemoAsksForIt) {
  for (const auto* inner : {"ws://127.0.0.1:8080/leg", "wss://localhost/leg", "ws://[::1]:9/leg"})
    EXPECT_TRUE(dials(inner, true)) << inner;
  EXPECT_FALSE(dials("http://127.0.0.1:8080/leg", true));
}

TEST(RelayAllowList, ListsNothingItCannotExtendByAToken) {
  EXPECT_FALSE(dials("wss://egress.example/leg?a=b"));
  EXPECT_FALSE(dials("wss://egress.example/leg/"));
  EXPECT_FALSE(dials("not a url"));
}

}  // namespace
}  // namespace footbridge::core
