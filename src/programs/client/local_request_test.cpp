#include "programs/client/local_request.hpp"

#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "base/rng.hpp"
#include "programs/client/parsed_head.hpp"

namespace footbridge::client {
namespace {

const Endpoint kListener{IpAddress::v4(0x7f000001), 1080};

struct LocalRequestTest : testing::Test {
  SeededRng rng{1};
  PacFile pac{kListener, rng};

  LocalRequest of(std::string_view line, std::string_view fields = "") {
    return judge(request_head(std::string(line) + " HTTP/1.1\r\n" + std::string(fields) + "\r\n"), pac, kListener);
  }
  LocalRequest pac_with(std::string_view fields) { return of("GET " + pac.path(), fields); }
};

TEST_F(LocalRequestTest, OpensATunnelForConnect) {
  const auto request = of("CONNECT example.org:443", "Host: example.org:443\r\n");
  EXPECT_EQ(request.kind, RequestKind::Tunnel);
  EXPECT_EQ(request.destination, (wire::Destination{"example.org", 443}));
  EXPECT_EQ(of("CONNECT [2001:db8::1]:443").destination, (wire::Destination{*IpAddress::parse("2001:db8::1"), 443}));
}

TEST_F(LocalRequestTest, RefusesAConnectWithoutHostOrPort) {
  for (const auto* target : {"example.org", "example.org:0", "example.org:66000", ":443", "a b:443", "ex/ample:443"})
    if (std::string(target) != "a b:443") {
      EXPECT_EQ(of(std::string("CONNECT ") + target).status, 400U) << target;
    }
}

TEST_F(LocalRequestTest, FetchesAbsoluteForm) {
  const auto request = of("GET http://example.org/a?b=c#d", "Host: other\r\nOrigin: http://page\r\nReferer: x\r\n");
  EXPECT_EQ(request.kind, RequestKind::Fetch);
  EXPECT_EQ(request.destination, (wire::Destination{"example.org", 80}));
  EXPECT_EQ(request.target, "/a?b=c");
  EXPECT_EQ(of("GET HTTP://example.org:8080").target, "/");
  EXPECT_EQ(of("GET http://example.org?q=1").target, "/?q=1");
  EXPECT_EQ(of("OPTIONS http://example.org").target, "*");
}

TEST_F(LocalRequestTest, RefusesWhatItCannotFetch) {
  EXPECT_EQ(of("GET https://example.org/").status, 501U);
  EXPECT_EQ(of("GET ftp://example.org/").status, 501U);
  EXPECT_EQ(of("GET http://me:secret@example.org/").status, 400U);
  EXPECT_EQ(of("GET http://:80/").status, 400U);
  EXPECT_EQ(of("POST http://example.org/", "Transfer-Encoding: gzip, chunked\r\n").status, 501U);
}

// What pages can make a browser send to us, directly or through a name that a hostile DNS points at 127.0.0.1.
TEST_F(LocalRequestTest, SaysNothingToAPage) {
  const std::vector<std::pair<std::string, std::string>> attempts = {
      {"GET /", "Host: 127.0.0.1:1080\r\n"},
      {"GET /", "Host: rebound.example:1080\r\n"},
      {"GET /proxy.pac", "Host: 127.0.0.1:1080\r\n"},
      {"POST /", "Host: 127.0.0.1:1080\r\nOrigin: http://page.example\r\n"},
      {"OPTIONS /", "Host: 127.0.0.1:1080\r\nAccess-Control-Request-Private-Network: true\r\n"},
      {"OPTIONS *", "Host: 127.0.0.1:1080\r\n"},
      {"GET /http://example.org/", "Host: 127.0.0.1:1080\r\nSec-Fetch-Site: cross-site\r\n"},
      {"GET //example.org/", "Host: 127.0.0.1:1080\r\n"},
      {"GET /" + std::string(22, 'A') + "/proxy.pac", "Host: 127.0.0.1:1080\r\n"},
      {"HEAD /favicon.ico", "Host: localhost:1080\r\n"},
      {"GET example.org", "Host: 127.0.0.1:1080\r\n"},
  };
  for (const auto& [line, fields] : attempts) EXPECT_EQ(of(line, fields).kind, RequestKind::Silent) << line;
}

TEST_F(LocalRequestTest, SaysNothingAboutItselfInAbsoluteForm) {
  for (const auto* host : {"127.0.0.1:1080", "localhost:1080", "LOCALHOST.:1080", "[::1]:1080", "127.8.8.8:1080",
                           "0.0.0.0:1080", "[::ffff:127.0.0.1]:1080", "a.localhost:1080"})
    EXPECT_EQ(of(std::string("GET http://") + host + "/").kind, RequestKind::Silent) << host;
  EXPECT_EQ(of("GET http://127.0.0.1:1081/").kind, RequestKind::Fetch) << "another port is the egress's to judge";
}

TEST_F(LocalRequestTest, DoesNotConnectToItself) {
  EXPECT_EQ(of("CONNECT localhost:1080").status, 403U);
  EXPECT_EQ(of("CONNECT 127.0.0.1:1080").status, 403U);
}

TEST_F(LocalRequestTest, GivesThePacFileToItsUser) {
  for (const auto* host : {"127.0.0.1:1080", "localhost:1080", "[::1]:1080", "LOCALHOST:1080"})
    EXPECT_EQ(pac_with(std::string("Host: ") + host + "\r\n").kind, RequestKind::Pac) << host;
}

TEST_F(LocalRequestTest, KeepsThePacFileFromPagesAndForeignNames) {
  const std::string host = "Host: 127.0.0.1:1080\r\n";
  for (const auto* fields : {"Origin: null\r\n", "Referer: http://page.example/\r\n", "Sec-Fetch-Site: cross-site\r\n",
                             "sec-fetch-mode: no-cors\r\n", "Access-Control-Request-Method: GET\r\n"})
    EXPECT_EQ(pac_with(host + fields).kind, RequestKind::Silent) << fields;
  EXPECT_EQ(pac_with("Host: rebound.example:1080\r\n").kind, RequestKind::Silent);
  EXPECT_EQ(pac_with("Host: 127.0.0.1\r\n").kind, RequestKind::Silent);
  EXPECT_EQ(pac_with("").kind, RequestKind::Silent);
  EXPECT_EQ(pac_with(host + host).kind, RequestKind::Silent);
  EXPECT_EQ(of("POST " + pac.path(), host).kind, RequestKind::Silent);
  EXPECT_EQ(of("GET " + pac.path() + "?x", host).kind, RequestKind::Silent);
}

TEST(PacFile, HasAPathNobodyCanGuess) {
  SeededRng rng(1);
  const PacFile one(kListener, rng);
  const PacFile other(kListener, rng);
  EXPECT_NE(one.path(), other.path());
  EXPECT_GE(one.path().size(), 22 + std::string_view("//proxy.pac").size());
  EXPECT_EQ(one.url(), "http://127.0.0.1:1080" + one.path());
}

TEST(PacFile, SendsNamesToTheProxyAndNeverResolves) {
  SeededRng rng(1);
  const PacFile pac({IpAddress::v4(0), 8080}, rng);
  EXPECT_NE(pac.body().find("return \"PROXY 127.0.0.1:8080\""), std::string::npos);
  for (const auto* leak : {"dnsResolve", "isInNet", "isResolvable", "myIpAddress", "SOCKS", "DIRECT\";\n}"})
    EXPECT_EQ(pac.body().find(leak), std::string::npos) << leak;
}

}  // namespace
}  // namespace footbridge::client
