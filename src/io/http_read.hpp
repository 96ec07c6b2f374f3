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

// Room for one read: before a head has said how much is coming, and then. A usual rendezvous request comes with the
// first one; who announces much and sends nothing holds no more than one.
inline constexpr std::size_t kHttpFirstReadBytes = 4 * 1024;
inline constexpr std::size_t kHttpReadBytes = 16 * 1024;

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
