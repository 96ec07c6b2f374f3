// An HTTP request that asks to become something else, handed from the HTTP server to the relay leg (two folders that
// never include each other). Owns the socket: whoever takes it answers the request or drops the connection.
#pragma once

#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>

#include "base/bytes.hpp"
#include "base/private.hpp"
#include "io/byte_socket.hpp"
#include "io/listener.hpp"

namespace footbridge::io {

using HttpHead = boost::beast::http::request<boost::beast::http::empty_body>;

struct HttpUpgrade {
  Private<HttpHead> head;  // the target may hold a leg token
  ByteSocket socket;
  Bytes early;  // what the peer sent after the head, ≤ 8 KiB
  Private<Endpoint> peer;
  ConnectionPermit permit;
};

}  // namespace footbridge::io
