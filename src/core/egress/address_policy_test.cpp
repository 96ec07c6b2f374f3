#include "core/egress/address_policy.hpp"

#include <gtest/gtest.h>

#include "core/egress/egress_policy.hpp"

namespace footbridge::core {
namespace {

IpAddress ip(std::string_view text) { return IpAddress::parse(text).value(); }

const AddressPolicy& strict() {
  static const AddressPolicy policy{{}};
  return policy;
}

TEST(AddressPolicy, RefusesEverySpecialPurposeIpv4Block) {
  // First, some middle and last address of each block.
  for (const auto* hostile :
       {"0.0.0.0",         "0.0.0.1",         "0.255.255.255",   "10.0.0.0",        "10.1.2.3",       "10.255.255.255",
        "100.64.0.0",      "100.100.100.200", "100.127.255.255", "127.0.0.0",       "127.0.0.1",      "127.0.1.1",
        "127.255.255.255", "168.63.129.16",   "169.254.0.0",     "169.254.169.254", "169.254.170.2",  "169.254.255.255",
        "172.16.0.0",      "172.17.0.1",      "172.31.255.255",  "192.0.0.0",       "192.0.0.8",      "192.0.0.192",
        "192.0.0.255",     "192.0.2.0",       "192.0.2.255",     "192.88.99.0",     "192.88.99.1",    "192.88.99.255",
        "192.168.0.0",     "192.168.1.1",     "192.168.255.255", "198.18.0.0",      "198.19.255.255", "198.51.100.0",
        "198.51.100.255",  "203.0.113.0",     "203.0.113.255",   "224.0.0.0",       "224.0.0.251",    "232.1.1.1",
        "239.255.255.255", "240.0.0.0",       "250.1.1.1",       "255.255.255.254", "255.255.255.255"})
    EXPECT_EQ(strict().check({ip(hostile), 80}), AddressVerdict::Special) << hostile;
}

TEST(AddressPolicy, RefusesEveryIpv6AddressThatIsNotGlobalUnicast) {
  for (const auto* hostile : {"::",
                              "::1",
                              "::2",
                              "100::",
                              "100::1",
                              "100:0:0:1::",
                              "fc00::",
                              "fc00::1",
                              "fd00:ec2::254",
                              "fd20:ce::254",
                              "fdff::1",
                              "fe80::",
                              "fe80::1",
                              "febf::1",
                              "fec0::1",
                              "fee0::1",
                              "ff00::",
                              "ff02::1",
                              "ff02::fb",
                              "ff05::1:3",
                              "ff0e::1",
                              "2001:db8::",
                              "2001:db8::1",
                              "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
                              "3fff::",
                              "3fff:fff::1",
                              "4000::1",
                              "5f00::1",
                              "1fff::1",
                              "8000::1",
                              "64:ff9b:1::1",
                              "64:ff9b:1::a00:1",
                              "64:ff9b:0:1::808:808",
                              "::1:0:0",
                              "::ffff:0:7f00:1",
                              "::fffe:127.0.0.1",
                              "0:0:0:0:1:ffff:a00:1",
                              "64:ff9a::808:808",
                              "64:ff9c::808:808",
                              "200::1"})
    EXPECT_EQ(strict().check({ip(hostile), 80}), AddressVerdict::Special) << hostile;
}

TEST(AddressPolicy, LooksInsideIpv6ThatCarriesIpv4) {
  struct Form {
    const char* before;
    AddressVerdict verdict;
  };
  const Form forms[] = {{"::ffff:", AddressVerdict::Special},
                        {"0:0:0:0:0:ffff:", AddressVerdict::Special},
                        {"::", AddressVerdict::Special},
                        {"64:ff9b::", AddressVerdict::Embedded},
                        {"64:ff9b:0:0:0:0:", AddressVerdict::Embedded},
                        {"2606:4700::5efe:", AddressVerdict::Embedded},
                        {"2606:4700::200:5efe:", AddressVerdict::Embedded},
                        {"fe80::5efe:", AddressVerdict::Embedded},
                        {"fe80::200:5efe:", AddressVerdict::Embedded}};
  for (const auto& form : forms)
    for (const auto* v4 : {"127.0.0.1", "10.0.0.1", "169.254.169.254", "192.168.0.1", "172.16.0.1", "100.64.0.1",
                           "0.0.0.0", "255.255.255.255", "168.63.129.16", "224.0.0.1"}) {
      const auto text = std::string(form.before) + v4;
      EXPECT_EQ(strict().check({ip(text), 80}), form.verdict) << text;
    }
}

TEST(AddressPolicy, RefusesTransitionBlocksWhole) {
  for (const auto* hostile : {"2002::", "2002:7f00:1::", "2002:a00:1::1", "2002:a9fe:a9fe::1", "2002:808:808::1",
                              "2002:ffff:ffff::1", "2001::", "2001:0:7f00:1::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2",
                              "2001:0:808:808:0:0:80ff:fffe", "2001:2::1", "2001:10::1", "2001:20::1", "2001:30::1",
                              "2001:1::1", "2001:3::1", "2001:4:112::1", "2001:1ff::1"})
    EXPECT_EQ(strict().check({ip(hostile), 80}), AddressVerdict::Embedded) << hostile;
}

TEST(AddressPolicy, AllowsThePublicInternet) {
  for (const auto* good : {"1.1.1.1",
                           "8.8.8.8",
                           "9.255.255.255",
                           "11.0.0.0",
                           "100.63.255.255",
                           "100.128.0.0",
                           "126.255.255.255",
                           "128.0.0.0",
                           "168.63.129.15",
                           "168.63.129.17",
                           "169.253.255.255",
                           "169.255.0.0",
                           "172.15.255.255",
                           "172.32.0.0",
                           "192.0.1.0",
                           "192.0.3.0",
                           "192.88.98.255",
                           "192.88.100.0",
                           "192.167.255.255",
                           "192.169.0.0",
                           "198.17.255.255",
                           "198.20.0.0",
                           "198.51.99.255",
                           "198.51.101.0",
                           "203.0.112.255",
                           "203.0.114.0",
                           "223.255.255.255",
                           "192.31.196.1",
                           "2606:4700:4700::1111",
                           "2001:200::1",
                           "2001:4860:4860::8888",
                           "2003::1",
                           "2001:db7::1",
                           "2001:db9::1",
                           "3fff:1000::1",
                           "3ffe::1",
                           "2a00:1450::1",
                           "2000::1",
                           "64:ff9b::8.8.8.8",
                           "2606:4700::5efe:8.8.8.8"})
    EXPECT_EQ(strict().check({ip(good), 80}), AddressVerdict::Allowed) << good;
}

TEST(AddressPolicy, ConnectsToTheCanonicalAddressThatItChecked) {
  EXPECT_EQ(strict().admit({ip("::ffff:8.8.8.8"), 80}), (Endpoint{ip("8.8.8.8"), 80}));
  EXPECT_EQ(strict().admit({ip("::8.8.8.8"), 80}), (Endpoint{ip("8.8.8.8"), 80}));
  EXPECT_EQ(strict().admit({ip("64:ff9b::8.8.8.8"), 80}), (Endpoint{ip("64:ff9b::8.8.8.8"), 80}));
  EXPECT_FALSE(strict().admit({ip("::ffff:10.0.0.1"), 80}));
}

TEST(AddressPolicy, RefusesItsOwnInterfacesInEveryForm) {
  const AddressPolicy policy{{.own = {ip("8.8.4.4"), ip("2a00:1450::5"), ip("::ffff:9.9.9.9")}}};
  for (const auto* own :
       {"8.8.4.4", "::ffff:8.8.4.4", "::8.8.4.4", "64:ff9b::8.8.4.4", "2a00::5efe:8.8.4.4", "2a00:1450::5", "9.9.9.9"})
    EXPECT_EQ(policy.check({ip(own), 443}), AddressVerdict::Own) << own;
  EXPECT_EQ(policy.check({ip("8.8.4.5"), 443}), AddressVerdict::Allowed);
}

TEST(AddressPolicy, LetsTheOperatorDenyAndExcept) {
  const AddressPolicy policy{
      {.deny = {*Prefix::parse("1.2.3.0/24"), *Prefix::parse("10.9.0.0/16")}, .allow = {*Prefix::parse("10.0.0.0/8")}}};
  EXPECT_EQ(policy.check({ip("1.2.3.4"), 80}), AddressVerdict::Denied);
  EXPECT_EQ(policy.check({ip("64:ff9b::1.2.3.4"), 80}), AddressVerdict::Denied);
  EXPECT_EQ(policy.check({ip("::ffff:1.2.3.4"), 80}), AddressVerdict::Denied);
  EXPECT_EQ(policy.check({ip("10.1.0.1"), 80}), AddressVerdict::Allowed);
  EXPECT_EQ(policy.check({ip("10.9.0.1"), 80}), AddressVerdict::Denied) << "deny wins over allow";
  EXPECT_EQ(policy.check({ip("64:ff9b::10.1.0.1"), 80}), AddressVerdict::Embedded)
      << "only plain addresses are excepted";
  EXPECT_EQ(policy.check({ip("127.0.0.1"), 80}), AddressVerdict::Special);
}

TEST(AddressPolicy, AnEndpointExceptionAdmitsExactlyThatEndpoint) {
  const AddressPolicy policy{{.own = {ip("127.0.0.1")}, .endpoints = {*Endpoint::parse("127.0.0.1:7000")}}};
  EXPECT_TRUE(policy.admit(*Endpoint::parse("127.0.0.1:7000")));
  EXPECT_FALSE(policy.admit(*Endpoint::parse("127.0.0.1:7001")));
  EXPECT_FALSE(policy.admit(*Endpoint::parse("127.0.0.2:7000")));
  EXPECT_FALSE(policy.admit(*Endpoint::parse("[::1]:7000")));
  EXPECT_EQ(policy.admit({ip("::ffff:127.0.0.1"), 7000}), Endpoint::parse("127.0.0.1:7000"));
}

TEST(AddressPolicy, AnUnrestrictedDialGoesWhereItWasTold) {
  EXPECT_EQ(AddressPolicy::unrestricted().admit(*Endpoint::parse("[::1]:80")), Endpoint::parse("[::1]:80"));
}

TEST(EgressPolicy, OpensAForeignPortForItsExceptionOnly) {
  const EgressPolicy policy(PortPolicy::web(), AddressPolicy{{.endpoints = {*Endpoint::parse("127.0.0.1:7000")}}});
  EXPECT_TRUE(policy.admit_target("127.0.0.1", 7000).ok());
  EXPECT_EQ(policy.admit_target("8.8.8.8", 7000).error(), PolicyErrc::Address);
  EXPECT_FALSE(policy.admit({ip("8.8.8.8"), 7000}))
      << "a name that resolves elsewhere must not use the exception's port";
  EXPECT_EQ(policy.admit_target("127.0.0.1", 80).error(), PolicyErrc::Address);
  EXPECT_EQ(policy.admit_target("example.com", 25).error(), PolicyErrc::Port);
  EXPECT_EQ(policy.admit_target("0x7f.1", 80).error(), PolicyErrc::Host);
  EXPECT_TRUE(policy.admit_target("example.com", 443).ok());
}

}  // namespace
}  // namespace footbridge::core
