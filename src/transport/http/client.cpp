#include "transport/http/client.hpp"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cerrno>
#include <sys/socket.h>
#include <utility>

#include "base/assert.hpp"
#include "io/clock.hpp"
#include "io/with_deadline.hpp"

namespace footbridge::http {
namespace {

namespace beast_http = boost::beast::http;
using io::no_throw;
using Parser = beast_http::response_parser<beast_http::string_body>;

constexpr unsigned kFirstGood = 200;
constexpr unsigned kFirstNotGood = 300;

HttpErrc errc_of(io::ConnectErrc error) {
  switch (error) {
    case io::ConnectErrc::Policy: return HttpErrc::Policy;
    case io::ConnectErrc::BadName:
    case io::ConnectErrc::NoSuchName:
    case io::ConnectErrc::NameFailure: return HttpErrc::Unresolved;
    case io::ConnectErrc::Refused: return HttpErrc::Refused;
    case io::ConnectErrc::Unreachable: return HttpErrc::Unreachable;
    case io::ConnectErrc::TimedOut: return HttpErrc::TimedOut;
    case io::ConnectErrc::Upstream: return HttpErrc::Upstream;
    case io::ConnectErrc::Failed: return HttpErrc::Closed;
  }
  FB_ASSERT(false);
}

HttpErrc errc_of_read(const io::error_code& error) {
  if (error == beast_http::error::body_limit || error == beast_http::error::header_limit ||
      error == beast_http::error::buffer_overflow)
    return HttpErrc::TooLarge;
  const bool spoke_http = error == beast_http::error::end_of_stream || error == beast_http::error::partial_message ||
                          error.category() != beast_http::make_error_code(beast_http::error::end_of_stream).category();
  return spoke_http ? HttpErrc::Closed : HttpErrc::Malformed;
}

}  // namespace

struct Client::Connection {
  explicit Connection(io::tcp::socket connected)
      : socket(std::move(connected)), buffer(kMaxHeadBytes + kMaxBodyBytes) {}
  // Idle and without a byte or an end waiting: nothing else makes sense between two requests.
  bool is_quiet() {
    char peeked = 0;
    return ::recv(socket.native_handle(), &peeked, 1, MSG_PEEK | MSG_DONTWAIT) < 0 &&
           (errno == EAGAIN || errno == EWOULDBLOCK);
  }

  io::tcp::socket socket;
  boost::beast::flat_buffer buffer;
  Private<std::string> host;
  std::uint16_t port = 0;
  TimePoint idle_since{};
};

struct Client::Call {
  std::string method;
  wire::Url url;
  Bytes body;
  std::string content_type;
};

// A place among the max_connections, held from before the connect until the connection is closed or idle.
class Client::Lease {
 public:
  Lease(Client& client, std::unique_ptr<Connection> idle) : connection(std::move(idle)), client_(&client) {}
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;
  ~Lease() {
    if (connection && reusable) {
      client_->give_back(std::move(connection));
    } else {
      --client_->open_;
      // What is idle to a server that did not answer may be as dead: the next call dials, and learns at once.
      if (!answered) client_->forget_idle();
    }
    client_->freed_.cancel();
  }

  std::unique_ptr<Connection> connection;
  bool answered = false;  // whole, whatever it said
  bool reusable = false;

 private:
  Client* client_;
};

std::string_view name(HttpErrc error) {
  switch (error) {
    case HttpErrc::BadScheme: return "bad-scheme";
    case HttpErrc::TlsUnsupported: return "tls-unsupported";
    case HttpErrc::Policy: return "policy";
    case HttpErrc::Unresolved: return "unresolved";
    case HttpErrc::Refused: return "refused";
    case HttpErrc::Unreachable: return "unreachable";
    case HttpErrc::TimedOut: return "timed-out";
    case HttpErrc::Upstream: return "upstream";
    case HttpErrc::Closed: return "closed";
    case HttpErrc::Malformed: return "malformed";
    case HttpErrc::TooLarge: return "too-large";
    case HttpErrc::BadStatus: return "bad-status";
  }
  FB_ASSERT(false);
}

Client::Client(asio::any_io_executor executor, io::Dialer& dialer, Options options)
    : dialer_(dialer), options_(options), freed_(executor, asio::steady_timer::time_point::max()) {}

Client::~Client() { FB_ASSERT(open_ == idle_.size()); }  // no call is under way

asio::awaitable<Result<Response, HttpErrc>> Client::post(wire::Url url, Bytes body, std::string content_type,
                                                         Duration limit) {
  co_return co_await run({"POST", std::move(url), std::move(body), std::move(content_type)}, limit);
}

asio::awaitable<Result<Response, HttpErrc>> Client::get(wire::Url url, Duration limit) {
  co_return co_await run({"GET", std::move(url), {}, {}}, limit);
}

asio::awaitable<Result<Response, HttpErrc>> Client::run(Call call, Duration limit) {
  if (call.url.scheme == wire::UrlScheme::Https) co_return HttpErrc::TlsUnsupported;
  if (call.url.scheme != wire::UrlScheme::Http) co_return HttpErrc::BadScheme;
  if (call.body.size() > kMaxBodyBytes) co_return HttpErrc::TooLarge;
  auto result = co_await io::with_deadline(limit, exchange(std::move(call)));
  if (!result) co_return HttpErrc::TimedOut;
  co_return std::move(*result);
}

asio::awaitable<Result<Response, HttpErrc>> Client::exchange(Call call) {
  Lease lease(*this, co_await obtain(call.url));
  if (!lease.connection) {
    auto socket = co_await dialer_.connect(call.url.host, call.url.port, io::kConnectLimit);
    if (!socket) co_return errc_of(socket.error());
    lease.connection = std::make_unique<Connection>(std::move(*socket));
    lease.connection->host = call.url.host;
    lease.connection->port = call.url.port;
  }
  auto& connection = *lease.connection;
  const auto message = encode(call);
  auto [write_error, written] = co_await asio::async_write(connection.socket, asio::buffer(message), no_throw);
  io::throw_if_aborted(write_error);
  if (write_error) co_return HttpErrc::Closed;

  Parser parser;
  parser.header_limit(static_cast<std::uint32_t>(kMaxHeadBytes));
  parser.body_limit(kMaxBodyBytes);
  auto [error, count] = co_await beast_http::async_read(connection.socket, connection.buffer, parser, no_throw);
  io::throw_if_aborted(error);
  if (error) co_return errc_of_read(error);
  lease.answered = true;
  lease.reusable = parser.keep_alive() && connection.buffer.size() == 0;
  const auto response = parser.release();
  if (response.result_int() < kFirstGood || response.result_int() >= kFirstNotGood) co_return HttpErrc::BadStatus;
  co_return Response{.status = response.result_int(),
                     .content_type = std::string(response[beast_http::field::content_type]),
                     .body = to_bytes(response.body())};
}

// Takes a place and, if there is one, the idle connection that holds it; nullptr: connect.
asio::awaitable<std::unique_ptr<Client::Connection>> Client::obtain(wire::Url url) {
  forget_stale();
  for (;;) {
    if (auto idle = take_idle(url)) co_return idle;
    if (open_ >= options_.max_connections && !idle_.empty()) {  // one to another server makes room
      idle_.pop_front();
      --open_;
    }
    if (open_ < options_.max_connections) break;
    co_await freed_.async_wait(no_throw);
  }
  ++open_;
  co_return nullptr;
}

Bytes Client::encode(const Call& call) {
  std::string head =
      call.method + " " + call.url.target.reveal_to_socket() + " HTTP/1.1\r\nHost: " + call.url.authority() + "\r\n";
  if (!call.content_type.empty()) head += "Content-Type: " + call.content_type + "\r\n";
  if (call.method == "POST") head += "Content-Length: " + std::to_string(call.body.size()) + "\r\n";
  Bytes message = to_bytes(head + "\r\n");
  append(message, call.body);
  return message;
}

// The most recently used one: it is the least likely to have been closed.
std::unique_ptr<Client::Connection> Client::take_idle(const wire::Url& url) {
  for (auto at = idle_.rbegin(); at != idle_.rend(); ++at) {
    if ((*at)->host != url.host || (*at)->port != url.port) continue;
    auto connection = std::move(*at);
    idle_.erase(std::next(at).base());
    if (connection->is_quiet()) return connection;
    --open_;
    return take_idle(url);
  }
  return nullptr;
}

void Client::give_back(std::unique_ptr<Connection> connection) {
  connection->idle_since = io::now();
  connection->buffer.shrink_to_fit();
  idle_.push_back(std::move(connection));
}

void Client::forget_idle() {
  open_ -= idle_.size();
  idle_.clear();
}

void Client::forget_stale() {
  const auto now = io::now();
  open_ -= idle_.remove_if([now](const auto& connection) { return now - connection->idle_since >= kReuseLimit; });
}

}  // namespace footbridge::http
