#include "ops/values.hpp"

#include <gtest/gtest.h>
#include <string_view>

namespace footbridge::ops {
namespace {

template <class T>
std::string reread(std::string_view text) {
  const auto value = ValueType<T>::parse(text);
  return value ? ValueType<T>::text(*value) : "refused: " + value.error().text;
}

TEST(Values, AreWrittenAsTheyAreRead) {
  for (const auto text : {"0ms", "1500ms", "10s", "90s", "2m", "1h", "30d"}) EXPECT_EQ(reread<Millis>(text), text);
  for (const auto text : {"0B", "1500B", "64KiB", "100MB", "1GiB", "3GB"}) EXPECT_EQ(reread<ByteCount>(text), text);
  for (const auto text : {"127.0.0.1:8900", "[::1]:1", "127.0.0.1:0"}) EXPECT_EQ(reread<Endpoint>(text), text);
  for (const auto text : {"stun.example:3478", "192.0.2.1:1", "[2001:db8::1]:1"})
    EXPECT_EQ(reread<HostPort>(text), text);
  for (const auto text : {"443", "5222-5223"}) EXPECT_EQ(reread<PortRange>(text), text);
  for (const auto text : {"10.0.0.0/8", "2001:db8::/32"}) EXPECT_EQ(reread<Prefix>(text), text);
  for (const auto text : {"/run/admin.sock", "127.0.0.1:9100", "[::1]:9100"})
    EXPECT_EQ(reread<AdminAddress>(text), text);
  for (const auto text : {"true", "false"}) EXPECT_EQ(reread<bool>(text), text);
  const std::string pin(64, 'a');
  EXPECT_EQ(reread<Pin>(pin), pin);
  EXPECT_EQ(reread<std::uint64_t>("18446744073709551615"), "18446744073709551615");
  EXPECT_EQ(reread<Millis>("60s"), "1m") << "the greatest unit that divides";
}

TEST(Values, RefuseADurationThatIsNotOne) {
  EXPECT_EQ(reread<Millis>("10"), "refused: a number without a unit");
  EXPECT_EQ(reread<Millis>("10 s"), "refused: in a unit that is not known here");
  EXPECT_EQ(reread<Millis>("10S"), "refused: in a unit that is not known here");
  EXPECT_EQ(reread<Millis>(""), "refused: not a duration");
  EXPECT_EQ(reread<Millis>("-1s"), "refused: not a duration");
  EXPECT_EQ(reread<Millis>("9223372036854775807d"), "refused: too large for any use");
  EXPECT_EQ(reread<Millis>("99999999999999999999s"), "refused: not a duration");
}

TEST(Values, RefuseNumbersWithAnythingBesideDigits) {
  for (const auto text : {"", " 1", "1 ", "+1", "-1", "1.5", "0x10", "one", "18446744073709551616"})
    EXPECT_EQ(reread<std::uint64_t>(text), "refused: not a whole number") << text;
}

TEST(Values, RefuseUrlsThatAreNotWhatTheySeem) {
  EXPECT_EQ(reread<HttpUrl>("http://127.0.0.1:8900/x?y"), "http://127.0.0.1:8900/x?y");
  for (const auto text : {"ws://a/", "127.0.0.1:8900", "http:/a", "", "javascript://a"})
    EXPECT_EQ(reread<HttpUrl>(text), "refused: not an http:// or https:// URL") << text;
  for (const auto text : {"http://", "http:///path", "http://a:0/", "http://a:65536/", "http://a:b/", "http://a b/",
                          "http://[::1/", "http://[127.0.0.1]/", "http://u:p@a/", "http://a@127.0.0.1/", "http://a..b/",
                          "http://a\\b/", "http://::1/", "http://a\n/", "http://a/#x", "http://a/^"})
    EXPECT_EQ(reread<HttpUrl>(text).substr(0, 9), "refused: ") << text;
  EXPECT_EQ(ValueType<HttpUrl>::parse("https://a.example")->port, 443);
  EXPECT_EQ(ValueType<WsUrl>::parse("ws://[::1]/leg")->host, "::1");
  EXPECT_EQ(ValueType<WsUrl>::parse("ws://[::1]/leg")->port, 80);
}

TEST(Values, KeepTheAdminListenerOnThisMachine) {
  for (const auto text : {"0.0.0.0:9100", "192.0.2.1:9100", "[::]:9100"})
    EXPECT_EQ(reread<AdminAddress>(text), "refused: not a loopback address, and others could read it there") << text;
  EXPECT_EQ(reread<AdminAddress>("admin.sock"), "refused: neither an absolute path nor an IP address with a port");
  EXPECT_EQ(reread<AdminAddress>("/" + std::string(107, 'x')).substr(0, 8), "refused:");
}

TEST(Values, KnowLoopback) {
  for (const auto host : {"127.0.0.1", "127.255.0.3", "::1", "localhost"}) EXPECT_TRUE(names_loopback(host)) << host;
  for (const auto host : {"128.0.0.1", "::", "0.0.0.0", "::ffff:127.0.0.1", "localhost.example", "LOCALHOST "})
    EXPECT_FALSE(names_loopback(host)) << host;
}

}  // namespace
}  // namespace footbridge::ops
