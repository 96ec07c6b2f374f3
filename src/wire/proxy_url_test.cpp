#include "wire/proxy_url.hpp"

#include <gtest/gtest.h>

namespace footbridge::wire {
namespace {

std::string read(std::string_view text) {
  const auto url = parse_proxy_url(text);
  if (!url) return std::string(name(url.error()));
  auto out = std::string(name(url->scheme)) + " " + url->proxy.reveal_to_socket().to_text();
  if (!url->credentials) return out;
  const auto& [user, password] = url->credentials->reveal_to_socket();
  return out + " <" + user + "> <" + password + ">";
}

TEST(ProxyUrl, ReadsEverySchemeOfTor) {
  EXPECT_EQ(read("socks5://127.0.0.1:1080"), "socks5 127.0.0.1:1080");
  EXPECT_EQ(read("socks5h://127.0.0.1:1080/"), "socks5 127.0.0.1:1080");
  EXPECT_EQ(read("socks4a://192.0.2.7:9"), "socks4a 192.0.2.7:9");
  EXPECT_EQ(read("socks4://192.0.2.7:65535"), "socks4 192.0.2.7:65535");
  EXPECT_EQ(read("http://[2001:db8::1]:3128"), "http [2001:db8::1]:3128");
  EXPECT_EQ(read("socks5://localhost:1080"), "socks5 127.0.0.1:1080");
}

TEST(ProxyUrl, PartsCredentialsAtTheLastAtAndTheFirstColon) {
  EXPECT_EQ(read("socks5://u:ser:p@ss@127.0.0.1:1080"), "socks5 127.0.0.1:1080 <u> <ser:p@ss>");
  EXPECT_EQ(read("socks5://user@127.0.0.1:1080"), "socks5 127.0.0.1:1080 <user> <>");
  EXPECT_EQ(read("socks5://user:@127.0.0.1:1080"), "socks5 127.0.0.1:1080 <user> <>");
  EXPECT_EQ(read("socks5://a%40b:c%3A/d?#@[::1]:1080"), "socks5 [::1]:1080 <a%40b> <c%3A/d?#>") << "never decoded";
  EXPECT_EQ(read("socks5://u:socks5://v:w@1.2.3.4:5@127.0.0.1:1080"),
            "socks5 127.0.0.1:1080 <u> <socks5://v:w@1.2.3.4:5>");
}

TEST(ProxyUrl, RefusesWhatItWouldHaveToGuess) {
  for (const auto* bad :
       {"", "127.0.0.1:1080", "https://127.0.0.1:1", "SOCKS5://127.0.0.1:1080", " socks5://1.2.3.4:1"})
    EXPECT_EQ(read(bad), "not socks5, socks4, socks4a or http") << bad;
  for (const auto* bad : {"socks5://proxy.example:1080", "socks5://127.1:1080", "socks5://::1:1080", "socks5://:1080",
                          "socks5://127.0.0.01:1080", "socks5://[::1%25lo]:1080"})
    EXPECT_EQ(read(bad), "not an IP address") << bad;
  for (const auto* bad :
       {"socks5://127.0.0.1", "socks5://127.0.0.1:", "socks5://127.0.0.1:0", "socks5://127.0.0.1:65536",
        "socks5://127.0.0.1:080", "socks5://[::1]", "socks5://localhost", "socks5://127.0.0.1:1080//"})
    EXPECT_EQ(read(bad), "bad port") << bad;
  for (const auto* bad : {"socks5://@127.0.0.1:1080", "socks5://:p@127.0.0.1:1080", "socks5://a\nb:c@127.0.0.1:1080",
                          "socks5://\xc3\xa4:c@127.0.0.1:1080"})
    EXPECT_EQ(read(bad), "bad user or password") << bad;
}

TEST(ProxyUrl, HoldsCredentialsOfTheGreatestLengthAndNoLonger) {
  const std::string longest(kMaxProxyUserBytes, 'x');
  const auto url = "socks5h://" + longest + ":" + longest + "@[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535/";
  EXPECT_EQ(url.size(), kMaxProxyUrlBytes);
  EXPECT_TRUE(parse_proxy_url(url).ok());
  EXPECT_EQ(read(url + "/"), "too long");
  EXPECT_EQ(read("socks5://" + longest + "x:y@127.0.0.1:1"), "bad user or password");
  EXPECT_EQ(read("socks5://y:" + longest + "x@127.0.0.1:1"), "bad user or password");
}

TEST(ProxyUrl, IsWrittenAsItIsRead) {
  for (const auto* text : {"socks5://u:ser:p@ss@127.0.0.1:1080", "http://[2001:db8::1]:3128", "socks5://u:@[::1]:1"})
    EXPECT_EQ(encode_proxy_url(parse_proxy_url(text).value()).reveal_to_socket(), text);
}

}  // namespace
}  // namespace footbridge::wire
