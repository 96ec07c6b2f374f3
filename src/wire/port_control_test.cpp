// The octets below follow the figures of RFC 6886 §3 and RFC 6887 §7 and §11.
#include "wire/port_control.hpp"

#include <gtest/gtest.h>
#include <string>
#include <string_view>

#include "base/encoding.hpp"

namespace footbridge::wire {
namespace {

constexpr std::string_view kNonce = "0102030405060708090a0b0c";
Bytes from_hex(std::string_view text) { return parse_hex(text).value(); }

PcpMap pcp_map() {
  PcpMap map;
  for (std::size_t i = 0; i < map.nonce.size(); ++i) map.nonce[i] = static_cast<std::byte>(i + 1);
  map.client = Private(IpAddress::parse("192.168.1.20").value());
  map.internal_port = 61'000;
  map.lifetime_s = 1'200;
  return map;
}

TEST(PortControl, WritesAPcpMapAsTheRfcDrawsIt) {
  const std::string head = "02010000000004b000000000000000000000ffffc0a80114" + std::string(kNonce) + "11000000ee48";
  EXPECT_EQ(encode_hex(encode_pcp_map(pcp_map())), head + "000000000000000000000000ffff00000000");
  auto renewal = pcp_map();
  renewal.external = Private(Endpoint::parse("203.0.113.7:4660").value());
  EXPECT_EQ(encode_hex(encode_pcp_map(renewal)), head + "123400000000000000000000ffffcb007107");
}

TEST(PortControl, AsksForAnyIpv6AddressWhereItsOwnIsOne) {
  auto map = pcp_map();
  map.client = Private(IpAddress::parse("2001:db8::1").value());
  const auto bytes = encode_hex(encode_pcp_map(map));
  EXPECT_EQ(bytes.substr(16, 32), "20010db8000000000000000000000001");
  EXPECT_EQ(bytes.substr(88), "00000000000000000000000000000000");
}

TEST(PortControl, ReadsWhatARouterGranted) {
  const auto read =
      parse_port_control(from_hex("02810000000002580000002a000000000000000000000000" + std::string(kNonce) +
                                  "11000000ee48123400000000000000000000ffffcb007107"));
  ASSERT_TRUE(read && std::holds_alternative<PcpMapped>(*read));
  const auto& mapped = std::get<PcpMapped>(*read);
  EXPECT_EQ(mapped.result, 0);
  EXPECT_EQ(mapped.nonce, pcp_map().nonce);
  EXPECT_EQ(mapped.internal_port, 61'000);
  EXPECT_EQ(mapped.lifetime_s, 600U);
  EXPECT_EQ(mapped.external, Private(Endpoint::parse("203.0.113.7:4660").value()));
}

TEST(PortControl, ReadsBothAnswersOfAnOlderRouter) {
  const auto address = parse_port_control(from_hex("008000000000002acb007107"));
  ASSERT_TRUE(address && std::holds_alternative<PmpAddress>(*address));
  EXPECT_EQ(std::get<PmpAddress>(*address).external, Private(IpAddress::parse("203.0.113.7").value()));
  const auto mapped = parse_port_control(from_hex("008100000000002aee48123400000258"));
  ASSERT_TRUE(mapped && std::holds_alternative<PmpMapped>(*mapped));
  EXPECT_EQ(std::get<PmpMapped>(*mapped).internal_port, 61'000);
  EXPECT_EQ(std::get<PmpMapped>(*mapped).external_port, 0x1234);
  EXPECT_EQ(std::get<PmpMapped>(*mapped).lifetime_s, 600U);
  EXPECT_EQ(encode_hex(encode_pmp_address()), "0000");
  EXPECT_EQ(encode_hex(encode_pmp_map({61'000, 0x1234, 1'200})), "00010000ee481234000004b0");
}

TEST(PortControl, TellsWhichVersionARouterSpeaks) {
  const auto older = parse_port_control(from_hex("008100010000002a"));
  ASSERT_TRUE(older && std::holds_alternative<VersionRefused>(*older));
  EXPECT_EQ(std::get<VersionRefused>(*older).speaks, 0);
  const auto newer = parse_port_control(from_hex("02800001000000000000002a000000000000000000000000"));
  ASSERT_TRUE(newer && std::holds_alternative<VersionRefused>(*newer));
  EXPECT_EQ(std::get<VersionRefused>(*newer).speaks, 2);
}

TEST(PortControl, HearsNothingInWhatIsNoResponse) {
  for (const auto& text : {std::string(), std::string("02"), std::string("0001"),
                           std::string("0001000000000000ee48123400000258"),  // a question
                           std::string("008100000000002aee481234000002"),    // cut short
                           std::string("008000000000002acb0071"),            // cut short
                           std::string("008300000000002aee48123400000258"),  // an opcode that nobody asked
                           std::string(2'202, '0')})
    EXPECT_FALSE(parse_port_control(from_hex(text))) << text;
  const std::string granted = "02810000000002580000002a000000000000000000000000" + std::string(kNonce) +
                              "11000000ee48123400000000000000000000ffffcb007107";
  for (std::size_t bytes = 0; bytes < granted.size() / 2; ++bytes)
    EXPECT_FALSE(parse_port_control(from_hex(granted.substr(0, 2 * bytes)))) << bytes;
  auto tcp = granted;
  tcp[73] = '6';
  EXPECT_FALSE(parse_port_control(from_hex(tcp)));
}

}  // namespace
}  // namespace footbridge::wire
