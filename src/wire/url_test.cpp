#include "wire/url.hpp"

#include <gtest/gtest.h>

namespace footbridge::wire {
namespace {

std::string read(std::string_view text) {
  const auto url = parse_url(text);
  if (!url) return std::string(name(url.error()));
  return (url->is_tls() ? "tls " : "") + url->host.reveal_to_socket() + " " + std::to_string(url->port) + " " +
         url->target.reveal_to_socket() + " " + url->authority();
}

TEST(Url, ReadsTheFourSchemes) {
  EXPECT_EQ(read("http://example.com"), "example.com 80 / example.com");
  EXPECT_EQ(read("HTTPS://Example.COM/a?b=c"), "tls example.com 443 /a?b=c example.com");
  EXPECT_EQ(read("ws://127.0.0.1:8901/leg"), "127.0.0.1 8901 /leg 127.0.0.1:8901");
  EXPECT_EQ(read("wss://[2001:DB8::1]:443/leg"), "tls 2001:db8::1 443 /leg [2001:db8::1]");
  EXPECT_EQ(read("ws://[::1]:80?x"), "::1 80 /?x [::1]");
  EXPECT_EQ(read("http://localhost:8900/"), "localhost 8900 / localhost:8900");
}

TEST(Url, RefusesWhatALenientParserWouldGuess) {
  for (const auto* bad :
       {"", "example.com", "ftp://example.com", "http:/example.com", "http:example.com", "//example.com"})
    EXPECT_EQ(read(bad), "not http, https, ws or wss") << bad;
  for (const auto* bad : {"http://", "http:///x", "http://user@example.com", "http://user:pw@example.com",
                          "http://.example.com", "http://a..b", "http://0x7f.1", "http://2130706433", "http://127.1",
                          "http://127.0.0.01", "http://::1/", "http://[127.0.0.1]", "http://[::1", "http://[::1%25lo]",
                          "http://-a.com", "http://a%2eb.com", "http://1.2.3.4.5"})
    EXPECT_EQ(read(bad), "bad host") << bad;
  for (const auto* bad : {"http://a.com:", "http://a.com:0", "http://a.com:080", "http://a.com:65536",
                          "http://a.com:8x", "http://a.com:80:80", "http://[::1]:"})
    EXPECT_EQ(read(bad), "bad port") << bad;
  for (const auto* bad : {"http://a.com/ b", "http://a.com/\r\nX: y", "http://a.com\\b", "http://\xc3\xa4.com",
                          " http://a.com", "http://a.com/<", "http://a.com/{x}"})
    EXPECT_EQ(read(bad), "forbidden character") << bad;
  EXPECT_EQ(read("http://a.com/#x"), "has a fragment");
  EXPECT_EQ(read("http://a.com/" + std::string(kMaxUrlBytes, 'a')), "too long");
}

TEST(Url, AppendsALegTokenAsTheLastSegment) {
  const auto target = [](std::string_view base) {
    return parse_url(base)->with_segment("T0ken").target.reveal_to_socket();
  };
  EXPECT_EQ(target("ws://a.com/leg"), "/leg/T0ken");
  EXPECT_EQ(target("ws://a.com/leg/"), "/leg/T0ken");
  EXPECT_EQ(target("ws://a.com"), "/T0ken");
  EXPECT_EQ(target("ws://a.com/leg?x=1"), "/leg/T0ken?x=1");
}

}  // namespace
}  // namespace footbridge::wire
