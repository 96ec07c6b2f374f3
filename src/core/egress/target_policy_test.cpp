#include "core/egress/target_policy.hpp"

#include <gtest/gtest.h>
#include <set>

#include "core/egress/port_policy.hpp"

namespace footbridge::core {
namespace {

std::string host_of(std::string_view text) {
  const auto target = parse_target(text);
  return target ? std::get<HostName>(*target).reveal_to_socket() : std::string(name(target.error()));
}

TEST(TargetPolicy, NeverHandsANumericSpellingToAResolver) {
  for (const auto* hostile : {"2130706433",
                              "0x7f000001",
                              "017700000001",
                              "127.1",
                              "127.0.1",
                              "0x7f.1",
                              "0x7f.0.0.1",
                              "0177.0.0.1",
                              "0177.1",
                              "127.0.0.01",
                              "127.0.0.0x1",
                              "127.0.0.1.",
                              "0",
                              "0.",
                              "0x",
                              "0x0",
                              "00",
                              "1.2.3.4.5",
                              "10.1",
                              "192.168.257",
                              "3232235777",
                              "0xc0a80101",
                              "0XA9FEA9FE",
                              "169.254.43518",
                              "0251.0376.0251.0376",
                              "4294967295",
                              "4294967296",
                              "99999999999999999999",
                              "1.2.3.256",
                              "256.256.256.256",
                              "example.1",
                              "example.0x7f",
                              "foo.127",
                              "127.0.0.1.1",
                              "0x7f000001.",
                              "127.1."})
    EXPECT_EQ(host_of(hostile), "numeric") << hostile;
}

TEST(TargetPolicy, RefusesWhatIsNoHostName) {
  for (const auto* hostile : {".",
                              "..",
                              ".example.com",
                              "example..com",
                              "-a.example.com",
                              "a-.example.com",
                              "exa mple.com",
                              "example.com\n",
                              "example.com\r\nHost:x",
                              "example.com/",
                              "example.com:80",
                              "user@example.com",
                              "ex%61mple.com",
                              "example.com#",
                              "[::1",
                              "::1]",
                              "[127.0.0.1]",
                              "[]",
                              "::1%lo",
                              "[fe80::1%25eth0]",
                              "1::2::3",
                              "::ffff:127.1",
                              "*.example.com",
                              "ex\xc3\xa4mple.com",
                              "\xe3\x82\xb0.com",
                              "127.0.0.1\t",
                              " 127.0.0.1",
                              "127\xe3\x80\x82"
                              "0.0.1",
                              "example.com,",
                              "http://example.com",
                              "\\\\host\\share.com",
                              "a..",
                              "①②⑦.0.0.1"})
    EXPECT_TRUE(host_of(hostile) == "malformed" || host_of(hostile) == "empty") << hostile << " " << host_of(hostile);
  EXPECT_EQ(host_of(""), "empty");
  EXPECT_EQ(host_of(std::string_view("a\0b.com", 7)), "malformed");
}

TEST(TargetPolicy, RefusesNamesThatOnlyTheLocalNetworkKnows) {
  for (const auto* hostile :
       {"localhost", "LOCALHOST", "localhost.", "router", "intranet", "metadata", "ip6-localhost"})
    EXPECT_EQ(host_of(hostile), "single-label") << hostile;
  for (const auto* hostile : {"foo.localhost", "printer.local", "metadata.google.internal", "Metadata.Google.Internal.",
                              "router.home.arpa", "abc.onion", "x.test", "x.invalid", "nas.lan", "x.localdomain"})
    EXPECT_EQ(host_of(hostile), "local-suffix") << hostile;
}

TEST(TargetPolicy, BringsNamesIntoOneForm) {
  EXPECT_EQ(host_of("WWW.Example.COM."), "www.example.com");
  EXPECT_EQ(host_of("_dmarc.example.com"), "_dmarc.example.com");
  EXPECT_EQ(host_of("xn--bcher-kva.ch"), "xn--bcher-kva.ch");
  EXPECT_EQ(host_of("1.com"), "1.com");
  EXPECT_EQ(host_of("notlocalhost.com"), "notlocalhost.com");
}

TEST(TargetPolicy, KeepsToTheLengthsOfTheDns) {
  const std::string label(63, 'a');
  const auto longest = label + "." + label + "." + label + "." + std::string(61, 'b');
  EXPECT_EQ(host_of(longest), longest);
  EXPECT_EQ(host_of(longest + "."), longest);
  EXPECT_EQ(host_of(longest + "b"), "too-long");
  EXPECT_EQ(host_of(std::string(64, 'a') + ".com"), "too-long");
  EXPECT_EQ(host_of(std::string(100'000, 'a')), "too-long");
}

TEST(TargetPolicy, ReadsAddressLiterals) {
  for (const auto* literal : {"192.0.2.1", "2001:db8::1", "[2001:db8::1]"}) {
    const auto target = parse_target(literal);
    ASSERT_TRUE(target) << literal;
    EXPECT_TRUE(std::holds_alternative<IpAddress>(*target)) << literal;
  }
}

std::set<int> ports_of(const PortPolicy& policy) {
  std::set<int> out;
  for (int port = 0; port <= 65535; ++port)
    if (policy.allows(static_cast<std::uint16_t>(port))) out.insert(port);
  return out;
}

TEST(PortPolicy, ServesExactlyTheConfiguredSet) {
  EXPECT_EQ(ports_of(PortPolicy::web()), (std::set<int>{80, 443, 853, 993, 995, 5222, 5223, 8080, 8443}));
  EXPECT_EQ(ports_of(PortPolicy::reduced()),
            (std::set<int>{22, 80, 443, 465, 587, 853, 993, 995, 5222, 5223, 8080, 8443}));
  EXPECT_EQ(ports_of(PortPolicy::custom("20-30,139-140,445,9000").value()),
            (std::set<int>{20, 21, 22, 23, 24, 26, 27, 28, 29, 30, 140, 9000}));
}

TEST(PortPolicy, RefusesListsThatItDoesNotUnderstand) {
  for (const auto* bad : {"", ",", "80,", "0", "65536", "80-", "-80", "90-80", "080", "80, 443", "http", "1-2-3"})
    EXPECT_FALSE(PortPolicy::custom(bad)) << bad;
  EXPECT_FALSE(PortPolicy::preset("everything"));
  EXPECT_TRUE(PortPolicy::preset("web"));
}

}  // namespace
}  // namespace footbridge::core
