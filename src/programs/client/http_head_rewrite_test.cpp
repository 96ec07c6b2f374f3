#include "programs/client/http_head_rewrite.hpp"

#include <gtest/gtest.h>

#include "programs/client/parsed_head.hpp"

namespace footbridge::client {
namespace {

const LocalRequest kRequest{
    .kind = RequestKind::Fetch, .destination = {"example.org", 8080}, .target = "/a?b", .status = 0, .why = {}};

std::string rewritten(std::string_view head) { return rewrite_request(request_head(head), kRequest); }

TEST(HttpHeadRewrite, AsksTheServerInOriginForm) {
  EXPECT_EQ(rewritten("GET http://example.org:8080/a?b HTTP/1.1\r\nHost: liar\r\nAccept: */*\r\n\r\n"),
            "GET /a?b HTTP/1.1\r\nHost: example.org:8080\r\nAccept: */*\r\nConnection: close\r\n\r\n");
}

TEST(HttpHeadRewrite, KeepsTheVersionOfTheApplication) {
  EXPECT_TRUE(rewritten("GET http://example.org/ HTTP/1.0\r\n\r\n").starts_with("GET /a?b HTTP/1.0\r\n"));
}

TEST(HttpHeadRewrite, TakesOutWhatWasMeantForUs) {
  const auto out = rewritten(
      "GET http://x/ HTTP/1.1\r\nProxy-Connection: keep-alive\r\nProxy-Authorization: Basic eA==\r\n"
      "Connection: keep-alive, X-Private\r\nKeep-Alive: 300\r\nX-Private: 1\r\nTE: trailers\r\nUpgrade: websocket\r\n"
      "Cookie: kept\r\n\r\n");
  EXPECT_EQ(out, "GET /a?b HTTP/1.1\r\nHost: example.org:8080\r\nCookie: kept\r\nConnection: close\r\n\r\n");
}

TEST(HttpHeadRewrite, KeepsTheFramingThatConnectionNames) {
  const auto out =
      rewritten("POST http://x/ HTTP/1.1\r\nConnection: Content-Length, Host\r\nContent-Length: 3\r\n\r\n");
  EXPECT_NE(out.find("Content-Length: 3\r\n"), std::string::npos) << "without it the body is a second request";
  EXPECT_NE(out.find("Host: example.org:8080\r\n"), std::string::npos);
}

TEST(HttpHeadRewrite, PassesChunksAndExpectationsOn) {
  const auto out = rewritten("POST http://x/ HTTP/1.1\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_NE(out.find("Transfer-Encoding: chunked\r\n"), std::string::npos);
  EXPECT_NE(out.find("Expect: 100-continue\r\n"), std::string::npos);
}

TEST(HttpHeadRewrite, TellsNobodyThatThereIsAProxy) {
  const auto out = rewritten("GET http://x/ HTTP/1.1\r\n\r\n");
  EXPECT_EQ(out.find("Via"), std::string::npos);
  EXPECT_EQ(out.find("Forwarded"), std::string::npos);
}

TEST(HttpHeadRewrite, AnswersForThisConnectionOnly) {
  const auto head = response_head(
      "HTTP/1.0 200 Fine\r\nConnection: close, X-Hop\r\nX-Hop: 1\r\nKeep-Alive: 5\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(rewrite_response(head, true), "HTTP/1.1 200 Fine\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_EQ(rewrite_response(head, false), "HTTP/1.1 200 Fine\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
}

TEST(HttpHeadRewrite, LeavesAnInterimAnswerAlone) {
  EXPECT_EQ(rewrite_response(response_head("HTTP/1.1 100 Continue\r\n\r\n"), true), "HTTP/1.1 100 Continue\r\n\r\n");
}

TEST(HttpHeadRewrite, KeepsTheConnectionWhenTheApplicationWantsIt) {
  EXPECT_TRUE(wants_keep_alive(request_head("GET http://x/ HTTP/1.1\r\n\r\n")));
  EXPECT_FALSE(wants_keep_alive(request_head("GET http://x/ HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")));
  EXPECT_FALSE(wants_keep_alive(request_head("GET http://x/ HTTP/1.1\r\nConnection: Close\r\n\r\n")));
  EXPECT_FALSE(wants_keep_alive(request_head("GET http://x/ HTTP/1.1\r\nProxy-Connection: close\r\n\r\n")));
}

TEST(HttpHeadRewrite, AnswersWithoutCors) {
  const auto out = own_response(502, "No.", true);
  EXPECT_TRUE(out.starts_with("HTTP/1.1 502 Bad Gateway\r\n"));
  EXPECT_TRUE(out.ends_with("\r\n\r\nfootbridge: No.\n"));
  EXPECT_EQ(out.find("Access-Control"), std::string::npos);
  EXPECT_TRUE(own_response(502, "No.", true, false).ends_with("\r\n\r\n")) << "the answer to HEAD has no body";
}

}  // namespace
}  // namespace footbridge::client
