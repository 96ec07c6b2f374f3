#include "observe/scrubber.hpp"

#include <array>
#include <gtest/gtest.h>
#include <string_view>

namespace footbridge::observe {
namespace {

TEST(Scrubber, EatsAddressesAndHostNames) {
  constexpr std::array<std::string_view, 38> kHostile = {
      "192.0.2.1",
      "192.0.2.1:443",
      "peer=192.0.2.1,",
      "ws://192.0.2.1/leg",
      "0.0.0.0",
      "v192.0.2.1x",
      "10.0.0.1-10.0.0.9",
      "192-0-2-1",
      "ip-192-0-2-1.internal",
      "2001:db8::1",
      "[2001:db8::1]:443",
      "2001:DB8:0:0:0:0:0:1",
      "fe80::1%eth0",
      "::1",
      "::ffff:192.0.2.1",
      "64:ff9b::c000:201",
      "connect to 2001:db8:1:2:3:4:5:6 failed",
      "addr:2001:db8::1",
      "2001:db8::1:",
      "2001:db8::",
      "aa:bb:cc:dd:ee:ff",
      "example.org",
      "www.example.org.",
      "EXAMPLE.ORG",
      "https://example.org/path?q=1",
      "user@example.org",
      "stun:stun.example.net:3478",
      "a-b.c_d.example",
      "xn--bcher-kva.example",
      "b\xc3\xbc"
      "cher.example",
      "host.xn--p1ai",
      "abcdef.onion",
      "http%3A%2F%2Fexample.org%2F",
      "2001%3Adb8%3A%3a1",
      "192%2e0%2E2.1",
      "candidate:1 1 udp 2130706431 192.0.2.1 50000 typ host",
      "c=IN IP6 2001:db8::5",
      "x.local",
  };
  for (const auto text : kHostile) {
    const auto out = scrub(text);
    EXPECT_NE(out.find(kScrubbed), std::string::npos) << text << " became " << out;
    for (const std::string_view leak : {"192.0", "192-0", "192%", "10.0.0", "db8", "DB8", "ff9b", "fe80", "example",
                                        "EXAMPLE", "onion", "bb:cc", "p1ai", "x.local"})
      EXPECT_EQ(out.find(leak), std::string::npos) << text << " became " << out;
  }
}

TEST(Scrubber, LeavesTheRestAlone) {
  constexpr std::array<std::string_view, 18> kPlain = {
      "",
      "no answer within 10s",
      "12:30:45",
      "2026-07-15",
      "1.25s",
      "took 1.5 of 2.0",
      "std::string",
      "a:b:c",
      "--egress-file: egresses.toml",
      "/etc/footbridge/broker.toml:3:9",
      "leg.key",
      "e.g. i.e.",
      "version 1.11.0",
      "end. Next sentence",
      "...",
      "::",
      "100%",
      "deadbeef",
  };
  for (const auto text : kPlain) EXPECT_EQ(scrub(text), text);
}

TEST(Scrubber, KeepsWhatStandsAroundTheAddress) {
  EXPECT_EQ(scrub("dial 192.0.2.1:443 refused"), "dial [scrubbed]:443 refused");
  EXPECT_EQ(scrub("[2001:db8::1]:443 and example.org"), "[[scrubbed]]:443 and [scrubbed]");
}

TEST(Scrubber, IsLinearInTheLengthOfHostileText) {
  for (const std::string_view piece : {"1.", "a:", "::", "a.", "1-", "f"}) {
    std::string text;
    while (text.size() < 100'000) text += piece;
    EXPECT_LE(scrub(text).size(), 10 * text.size());
  }
}

}  // namespace
}  // namespace footbridge::observe
