// Responses without an end that is known: what a reader gets, and what becomes of one who does not read.
#include <boost/asio/socket_base.hpp>
#include <gtest/gtest.h>

#include "contract/http_world.hpp"
#include "io/wakeup.hpp"

namespace footbridge::http {
namespace {

Feed::Piece words(std::string_view text) { return Feed::piece(to_bytes(text)); }

struct Given final : Feed {
  explicit Given(std::vector<Piece> all) : pieces(std::move(all)) {}
  asio::awaitable<Piece> next() override { co_return at < pieces.size() ? pieces[at++] : nullptr; }
  std::vector<Piece> pieces;
  std::size_t at = 0;
};

// Says nothing for a while, again and again.
struct Ticking final : Feed {
  explicit Ticking(int& alive) : readers(alive) { ++readers; }
  ~Ticking() override { --readers; }
  asio::awaitable<Piece> next() override {
    co_await test::pause(5ms);
    co_return words("tick\n");
  }
  int& readers;
};

// /short: two pieces and the end. /long: more than any socket holds, forever. /ticks: a little, forever.
struct Feeds final : Handler {
  asio::awaitable<Response> handle(Request request) override {
    const auto target = request.target.reveal_to_socket();
    Response out{.content_type = "text/event-stream", .body = to_bytes("first\n")};
    if (target == "/short") out.feed = std::make_unique<Given>(std::vector{words("second\n"), words("third\n")});
    if (target == "/long") out.feed = std::make_unique<Given>(std::vector<Feed::Piece>(1'000, large));
    if (target == "/ticks") out.feed = std::make_unique<Ticking>(readers);
    heard = request.last_event_id + "|" + request.host.reveal_to_socket() + "|" + request.cookie.reveal_to_socket();
    co_return out;
  }
  Feed::Piece large = Feed::piece(Bytes(1024 * 1024, std::byte{'x'}));
  std::string heard;
  int readers = 0;
};

struct FedWorld {
  explicit FedWorld(Server::Timing timing = {})
      : server(world.loop.executor(), {.address = {IpAddress::v4(0x7f000001), 0}}, feeds),
        scope(world.loop.executor()) {
    server.set_timing_for_test(timing);
    scope.spawn(server.run());
  }
  ~FedWorld() { EXPECT_TRUE(world.loop.end(scope)); }
  Raw reader() { return Raw(world, server.local()); }
  World world;
  Feeds feeds;
  Server server;
  io::TestScope scope;
};

TEST(HttpFeed, FollowsTheBodyPieceByPieceAndEndsWithTheConnection) {
  FedWorld fed;
  auto reader = fed.reader();
  reader.write("GET /short HTTP/1.1\r\nHost: here\r\nCookie: a=b\r\nLast-Event-ID: 17\r\n\r\n");
  EXPECT_TRUE(reader.until([&] { return reader.ended; }));
  EXPECT_TRUE(reader.received.ends_with("\r\n\r\nfirst\nsecond\nthird\n")) << reader.received;
  EXPECT_NE(reader.received.find("Connection: close\r\n"), std::string::npos);
  EXPECT_EQ(reader.received.find("Content-Length"), std::string::npos) << "nobody knows it";
  EXPECT_EQ(fed.feeds.heard, "17|here|a=b");
}

TEST(HttpFeed, IsNotBegunForWhoWantsTheHeadOnly) {
  FedWorld fed;
  auto reader = fed.reader();
  reader.write("HEAD /long HTTP/1.1\r\nHost: here\r\n\r\n");
  EXPECT_TRUE(reader.until([&] { return reader.ended; }));
  EXPECT_TRUE(reader.received.ends_with("\r\n\r\n")) << reader.received.size();
}

TEST(HttpFeed, ClosesOnWhoDoesNotReadAndServesOthersMeanwhile) {
  FedWorld fed({.write = 100ms});
  auto idler = fed.reader();
  idler.write("GET /long HTTP/1.1\r\nHost: here\r\n\r\n");
  auto reader = fed.reader();
  reader.write("GET /ticks HTTP/1.1\r\nHost: here\r\n\r\n");
  ASSERT_TRUE(reader.until([&] { return reader.received.ends_with("tick\n"); }));
  EXPECT_TRUE(reader.until([&] { return fed.server.connections() == 1; })) << "the idler is not waited for";
  EXPECT_FALSE(reader.ended);
}

TEST(HttpFeed, GivesALargePieceMoreTime) {
  EXPECT_EQ(feed_limit(10), kFeedPieceLimit);
  EXPECT_EQ(feed_limit(16 * 1024 * 1024), kFeedPieceLimit + 256s) << "half a megabit a second";
}

TEST(HttpFeed, NoticesThatItsReaderHasGone) {
  FedWorld fed;
  {
    auto reader = fed.reader();
    reader.write("GET /ticks HTTP/1.1\r\nHost: here\r\n\r\n");
    EXPECT_TRUE(reader.until([&] { return reader.received.ends_with("tick\n"); }));
    EXPECT_EQ(fed.feeds.readers, 1);
  }
  EXPECT_TRUE(fed.world.loop.until([&] { return fed.feeds.readers == 0; }));
}

TEST(HttpFeed, EndsWhenTheServerDrains) {
  FedWorld fed;
  auto reader = fed.reader();
  reader.write("GET /ticks HTTP/1.1\r\nHost: here\r\n\r\n");
  EXPECT_TRUE(reader.until([&] { return reader.received.ends_with("tick\n"); }));
  fed.server.drain();
  EXPECT_TRUE(reader.until([&] { return reader.ended; }));
}

}  // namespace
}  // namespace footbridge::http
