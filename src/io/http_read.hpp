// Reads HTTP from a ByteSocket into one of Beast's parsers, whose limits say how much: the one place where our HTTP
// meets the network, whatever message it is and whether or not TLS is in between.
//
// What came behind the message stays in the buffer, whose maximum bounds a head together with what follows it.
// Errors: Beast's (bounds, not HTTP), end_of_stream (closed before the first byte), partial_message, and the socket's.
// Cancellation throws. Threads: the executor's one thread.
#pragma once

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>

#include "io/byte_socket.hpp"

namespace footbridge::io {

inline constexpr std::size_t kHttpReadBytes = 16 * 1024;  // one read; bodies are at most four of them

using HttpRequestParser = boost::beast::http::basic_parser<true>;
using HttpResponseParser = boost::beast::http::basic_parser<false>;

asio::awaitable<error_code> read_http_head(ByteSocket& socket, boost::beast::flat_buffer& buffer,
                                           HttpRequestParser& parser);
asio::awaitable<error_code> read_http_head(ByteSocket& socket, boost::beast::flat_buffer& buffer,
                                           HttpResponseParser& parser);
// The whole message, or what of it is still to come after its head.
asio::awaitable<error_code> read_http(ByteSocket& socket, boost::beast::flat_buffer& buffer, HttpRequestParser& parser);
asio::awaitable<error_code> read_http(ByteSocket& socket, boost::beast::flat_buffer& buffer,
                                      HttpResponseParser& parser);

}  // namespace footbridge::io
