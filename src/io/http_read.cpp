#include "io/http_read.hpp"

#include <algorithm>
#include <boost/beast/http/error.hpp>
#include <cstdint>
#include <span>

namespace footbridge::io {
namespace {

namespace beast_http = boost::beast::http;
using boost::beast::flat_buffer;

enum class Until : std::uint8_t { Head, End };

template <class Parser>
bool is_done(const Parser& parser, Until until) {
  return until == Until::Head ? parser.is_header_done() : parser.is_done();
}

// Feeds what is in the buffer. True: the parser is done, or it failed; false: it needs more.
template <class Parser>
bool parse(flat_buffer& buffer, Parser& parser, Until until, error_code& error) {
  while (!is_done(parser, until) && buffer.size() > 0) {
    const auto data = buffer.cdata();
    buffer.consume(parser.put({data.data(), data.size()}, error));
    if (error == beast_http::error::need_more) {
      error = {};
      break;
    }
    if (error) return true;
  }
  return is_done(parser, until);
}

// For how much there is to be room: for what is known to come, else for a usual message. 0: the buffer may grow no more.
template <class Parser>
std::size_t room_for_read(const flat_buffer& buffer, const Parser& parser) {
  const auto coming = parser.is_header_done() ? parser.content_length_remaining() : boost::none;
  const auto wanted = coming ? std::min<std::uint64_t>(*coming, kHttpReadBytes) : kHttpFirstReadBytes;
  const auto spare = buffer.capacity() - buffer.size();
  return std::min(std::max<std::size_t>(wanted, spare), buffer.max_size() - buffer.size());
}

template <class Parser>
asio::awaitable<error_code> read(ByteSocket& socket, flat_buffer& buffer, Parser& parser, Until until) {
  parser.eager(until == Until::End);
  error_code error;
  while (!parse(buffer, parser, until, error)) {
    const auto room = room_for_read(buffer, parser);
    if (room == 0) co_return beast_http::error::buffer_overflow;
    const auto space = buffer.prepare(room);
    auto [read_error, count] =
        co_await read_more(socket, std::span(static_cast<std::byte*>(space.data()), space.size()));
    buffer.commit(count);
    if (read_error == asio::error::eof) {
      if (!parser.got_some()) co_return beast_http::error::end_of_stream;
      parser.put_eof(error);
      co_return error;
    }
    if (read_error) co_return read_error;
  }
  co_return error;
}

}  // namespace

asio::awaitable<error_code> read_http_head(ByteSocket& socket, flat_buffer& buffer, HttpRequestParser& parser) {
  return read(socket, buffer, parser, Until::Head);
}
asio::awaitable<error_code> read_http_head(ByteSocket& socket, flat_buffer& buffer, HttpResponseParser& parser) {
  return read(socket, buffer, parser, Until::Head);
}
asio::awaitable<error_code> read_http(ByteSocket& socket, flat_buffer& buffer, HttpRequestParser& parser) {
  return read(socket, buffer, parser, Until::End);
}
asio::awaitable<error_code> read_http(ByteSocket& socket, flat_buffer& buffer, HttpResponseParser& parser) {
  return read(socket, buffer, parser, Until::End);
}

}  // namespace footbridge::io
