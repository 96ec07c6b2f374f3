// One connection of the HTTP server: requests one after the other until somebody has had enough.
// Lives in the frame of its coroutine; the server knows it only while it waits for a request (for drain()).
//
// All its waits share one deadline, which moves on with each of them, instead of a timer for each: a busy connection
// waits five times for every request. When it passes, what waits is cancelled, and the connection ends.
#pragma once

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <optional>

#include "io/byte_socket.hpp"
#include "io/deadline_timer.hpp"
#include "transport/http/server.hpp"

namespace footbridge::http {

class Connection {
 public:
  Connection(Server& server, io::Accepted accepted);

  // Ends when the connection has ended or was handed over.
  asio::awaitable<void> serve();
  // Called while waiting for a request: ends the wait, and with it the connection.
  void stop_waiting();

 private:
  using HeadParser = boost::beast::http::request_parser<boost::beast::http::empty_body>;
  enum class Next : std::uint8_t {
    Request,
    Close,
    Linger
  };  // Linger: unread input; let the peer read our answer first

  // What is awaited next has to be over within `limit`.
  void allow(Duration limit);
  void on_overdue(TimePoint now);
  asio::awaitable<bool> secure();
  asio::awaitable<bool> await_request(Duration limit);
  asio::awaitable<Next> serve_request();
  bool hand_over(HeadParser& parser);
  bool is_all_here(const HeadParser& parser) const;
  asio::awaitable<std::optional<Request>> read_body(HeadParser& parser,
                                                    Next& next);  // both outlive the call: it is awaited
  asio::awaitable<std::optional<Response>> answer(Request request);
  asio::awaitable<void> watch_peer();
  asio::awaitable<void> hold();
  asio::awaitable<bool> write(Response response, bool keep_alive, bool head_only);
  asio::awaitable<bool> write_feed(Feed& feed);
  asio::awaitable<Next> refuse(unsigned status);
  asio::awaitable<Next> refuse(Response response);
  asio::awaitable<void> linger();

  Server& server_;
  io::ByteSocket socket_;
  Private<Endpoint> peer_;
  io::ConnectionPermit permit_;
  io::DeadlineTimer deadline_;
  boost::beast::flat_buffer buffer_;
  TimePoint arrived_{};  // the last byte of the request, or as much of it as was read
  bool handed_over_ = false;
  bool without_tls_ = false;  // where TLS is spoken
  bool pipelined_ = false;    // the peer sent more before it had its answer
};

}  // namespace footbridge::http
