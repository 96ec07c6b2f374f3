// How HTTP is read from a socket: in few reads, and with little memory for who only announces much.
#include "io/http_read.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <gtest/gtest.h>
#include <string>

#include "contract/loop.hpp"

namespace footbridge::io {
namespace {

using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;

std::string request(std::size_t announced, std::size_t body) {
  return "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(announced) + "\r\n\r\n" +
         std::string(body, 'b');
}

struct HttpReadTest : testing::Test {
  HttpReadTest() {
    tcp::acceptor acceptor(loop.context, {asio::ip::address_v4::loopback(), 0});
    peer.connect(acceptor.local_endpoint());
    socket.emplace(acceptor.accept());
    parser.body_limit(1U << 20);
  }
  void write(const std::string& text) { asio::write(peer, asio::buffer(text)); }
  error_code read() {
    error_code out;
    loop.run([](HttpReadTest& test, error_code& heard) -> asio::awaitable<void> {
      heard = co_await read_http(*test.socket, test.buffer, test.parser);
    }(*this, out));
    return out;
  }
  test::Loop loop;
  tcp::socket peer{loop.context};
  std::optional<ByteSocket> socket;
  boost::beast::flat_buffer buffer{32 * 1024};
  Parser parser;
};

TEST_F(HttpReadTest, AUsualRequestComesWithOneRead) {
  const auto text = request(3000, 3000);
  write(text);
  EXPECT_FALSE(read());
  EXPECT_EQ(parser.get().body().size(), 3000U);
  EXPECT_GE(buffer.capacity(), text.size()) << "nobody reads into less";
  EXPECT_LE(buffer.capacity(), kHttpFirstReadBytes);
}

TEST_F(HttpReadTest, ALongBodyComesWithFewReads) {
  const auto text = request(12'000, 12'000);
  write(text);
  EXPECT_FALSE(read());
  EXPECT_EQ(parser.get().body().size(), 12'000U);
  EXPECT_GE(buffer.capacity(), text.size() - kHttpFirstReadBytes) << "what the head has announced, at once";
}

TEST_F(HttpReadTest, WhoOnlyAnnouncesMuchHoldsTheRoomOfOneRead) {
  write(request(1'000'000, 100));
  peer.shutdown(asio::socket_base::shutdown_send);
  EXPECT_EQ(read(), boost::beast::http::error::partial_message);
  EXPECT_LE(buffer.capacity(), kHttpReadBytes);
}

TEST_F(HttpReadTest, AHeadWithoutAnEndIsReadUpToTheBuffersBound) {
  parser.header_limit(1U << 20);
  write("GET / HTTP/1.1\r\nX: " + std::string(60'000, 'x'));
  EXPECT_EQ(read(), boost::beast::http::error::buffer_overflow);
  EXPECT_EQ(buffer.size(), buffer.max_size());
}

}  // namespace
}  // namespace footbridge::io
