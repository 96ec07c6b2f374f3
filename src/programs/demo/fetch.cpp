#include "programs/demo/fetch.hpp"

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <vector>

#include "io/clock.hpp"
#include "io/with_deadline.hpp"
#include "ops/errors.hpp"
#include "programs/sha256.hpp"

namespace footbridge::demo {
namespace {

namespace beast_http = boost::beast::http;

constexpr std::size_t kPieceBytes = 256 * 1024;

double seconds_since(TimePoint start) { return std::chrono::duration<double>(io::now() - start).count(); }

// One step of the answer; false: nothing came for kFetchStall.
using Parser = beast_http::response_parser<beast_http::buffer_body>;
asio::awaitable<io::error_code> read_head(io::tcp::socket& socket, boost::beast::flat_buffer& buffer, Parser& parser) {
  const auto [error, count] = co_await beast_http::async_read_header(socket, buffer, parser, io::no_throw);
  io::throw_if_aborted(error);
  co_return error;
}
asio::awaitable<io::error_code> read_piece(io::tcp::socket& socket, boost::beast::flat_buffer& buffer, Parser& parser) {
  const auto [error, count] = co_await beast_http::async_read_some(socket, buffer, parser, io::no_throw);
  io::throw_if_aborted(error);
  co_return error;
}

void check(const std::optional<io::error_code>& step, std::string_view doing) {
  if (!step) throw ops::RunError("the chain fell silent while " + std::string(doing));
  if (*step && *step != beast_http::error::need_buffer)
    throw ops::RunError("the chain broke while " + std::string(doing) + ": " + step->message());
}

}  // namespace

asio::awaitable<Fetched> fetch(std::uint16_t proxy_port, std::uint16_t site_port, std::string path, Progress progress) {
  Fetched out;
  const auto start = io::now();
  io::tcp::socket socket(co_await asio::this_coro::executor);
  const auto [refused] = co_await socket.async_connect({asio::ip::address_v4::loopback(), proxy_port}, io::no_throw);
  if (refused) throw ops::RunError("the local proxy does not answer: " + refused.message());
  const auto site = "127.0.0.1:" + std::to_string(site_port);
  const std::string request =
      "GET http://" + site + path + " HTTP/1.1\r\nHost: " + site + "\r\nConnection: close\r\n\r\n";
  co_await asio::async_write(socket, asio::buffer(request), io::no_throw);

  boost::beast::flat_buffer buffer(kPieceBytes);
  Parser parser;
  parser.body_limit(boost::none);
  check(co_await io::with_deadline(kFetchStall, read_head(socket, buffer, parser)), "waiting for the answer");
  out.first_byte_s = seconds_since(start);
  std::vector<std::byte> piece(kPieceBytes);
  if (parser.get().result_int() != 200) {
    parser.get().body().data = piece.data();
    parser.get().body().size = piece.size();
    co_await io::with_deadline(kFetchStall, read_piece(socket, buffer, parser));
    const auto said = as_text(ByteView(piece).first(piece.size() - parser.get().body().size));
    throw ops::RunError("the proxy answered " + std::to_string(parser.get().result_int()) + ": " +
                        std::string(said.substr(0, said.find('\n'))));
  }
  Sha256 sum;
  const auto total = parser.content_length() ? *parser.content_length() : 0;
  while (!parser.is_done()) {
    parser.get().body().data = piece.data();
    parser.get().body().size = piece.size();
    check(co_await io::with_deadline(kFetchStall, read_piece(socket, buffer, parser)), "reading");
    const auto got = piece.size() - parser.get().body().size;
    sum.add(ByteView(piece).first(got));
    out.bytes += got;
    progress(out.bytes, total);
  }
  out.seconds = seconds_since(start);
  out.sha256 = sum.hex();
  co_return out;
}

}  // namespace footbridge::demo
