#include "transport/http/connection.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <boost/beast/http/status.hpp>
#include <boost/beast/http/string_body.hpp>
#include <utility>

#include "base/assert.hpp"
#include "io/clock.hpp"
#include "io/http_read.hpp"
#include "io/with_deadline.hpp"

namespace footbridge::http {
namespace {

namespace beast_http = boost::beast::http;
using beast_http::field;
using io::error_code;
using io::no_throw;

constexpr Seconds kOverdueAgain{1};               // should the first cancellation have met no wait
constexpr Seconds kLingerLimit{1};                // the answer's way to the peer
constexpr std::size_t kLingerBytes = 256 * 1024;  // what we read and throw away meanwhile
constexpr std::size_t kUsualHeadBytes = 256;      // of an answer; longer ones grow
constexpr unsigned kBadRequest = 400;
constexpr unsigned kNotAllowed = 405;
constexpr unsigned kTlsHandshakeByte = 0x16;  // RFC 8446 §5.1; SSL 2 set the highest bit
constexpr unsigned kHighestBit = 0x80;
constexpr unsigned kBodyTooLarge = 413;
constexpr unsigned kUnsupportedEncoding = 415;
constexpr unsigned kHeadTooLarge = 431;

// 0: the connection broke or fell silent; there is nobody to tell.
unsigned status_of(const error_code& error) {
  if (error == beast_http::error::body_limit) return kBodyTooLarge;
  if (error == beast_http::error::header_limit || error == beast_http::error::buffer_overflow) return kHeadTooLarge;
  const bool broken = error == beast_http::error::end_of_stream || error == beast_http::error::partial_message ||
                      error.category() != beast_http::make_error_code(beast_http::error::end_of_stream).category();
  return broken ? 0 : kBadRequest;
}

template <class Head>
bool wants_upgrade(const Head& head) {
  return head.count(field::upgrade) != 0 && beast_http::token_list(head[field::connection]).exists("upgrade");
}

template <class Head>
bool is_encoded(const Head& head) {
  return head.count(field::content_encoding) != 0 && head[field::content_encoding] != "identity";
}

bool is_header_text(std::string_view text) { return text.find_first_of("\r\n") == std::string_view::npos; }

std::string_view reason_of(unsigned status, bool as_site) {
  if (as_site && status == kNotAllowed) return "Not Allowed";  // its own words for these
  if (as_site && status == kBodyTooLarge) return "Request Entity Too Large";
  const auto reason = beast_http::obsolete_reason(beast_http::int_to_status(status));
  return {reason.data(), reason.size()};
}

// In the order, and with the words, of the web server that a Site speaks like; without a Site it says less.
std::string head_text(const Response& response, bool keep_alive, bool as_site) {
  std::string text;
  text.reserve(kUsualHeadBytes);
  text.append("HTTP/1.1 ").append(std::to_string(response.status)).append(" ");
  text.append(reason_of(response.status, as_site)).append("\r\n");
  const auto add = [&](std::string_view key, std::string_view value) {
    FB_ASSERT(is_header_text(key) && is_header_text(value));
    text.append(key).append(": ").append(value).append("\r\n");
  };
  if (as_site) {
    add("Server", "nginx");
    add("Date", http_date(io::unix_now()));
  }
  if (!response.content_type.empty()) add("Content-Type", response.content_type);
  if (!response.feed) add("Content-Length", std::to_string(response.body.size()));
  for (const auto& [key, value] : response.headers)
    if (key == "Last-Modified") add(key, value);
  add("Connection", keep_alive ? "keep-alive" : "close");
  for (const auto& [key, value] : response.headers)
    if (key != "Last-Modified") add(key, value);
  text.append("\r\n");
  return text;
}

}  // namespace

Connection::Connection(Server& server, io::Accepted accepted)
    : server_(server),
      socket_(std::move(accepted.socket)),
      peer_(std::move(accepted.peer)),
      permit_(std::move(accepted.permit)),
      deadline_(socket_.executor(), [this](TimePoint now) { on_overdue(now); }),
      buffer_(kMaxHeadBytes + server.face_.max_body_bytes) {}

asio::awaitable<void> Connection::serve() {
  if (server_.face_.tls != nullptr && !co_await secure()) co_return;
  auto limit = server_.timing_.head;  // who connects has something to say; who stays may be quiet for longer
  auto next = Next::Request;
  while (next == Next::Request && !server_.draining_) {
    if (buffer_.size() == 0 && !co_await await_request(limit)) co_return;
    next = co_await serve_request();
    limit = server_.timing_.idle;
  }
  if (next == Next::Linger && !handed_over_) co_await linger();
}

void Connection::stop_waiting() { socket_.cancel(); }

void Connection::allow(Duration limit) { deadline_.arm(io::now() + limit); }

// A wait that is over already, and whose coroutine has not heard of it yet, cannot be cancelled; the next one can.
void Connection::on_overdue(TimePoint now) {
  socket_.cancel();
  deadline_.arm(now + kOverdueAgain);
}

asio::awaitable<bool> Connection::secure() {
  if (!co_await await_request(server_.timing_.head)) co_return false;
  const auto first = socket_.peek();
  without_tls_ = first && *first != kTlsHandshakeByte && *first < kHighestBit && server_.face_.site != nullptr;
  if (without_tls_) co_return true;  // somebody took the wrong port, and is told so
  auto secured =
      co_await io::with_deadline(server_.timing_.head, server_.face_.tls->shake_hands(socket_.release().first));
  if (!secured || !*secured) co_return false;
  socket_ = std::move(**secured);
  co_return true;
}

asio::awaitable<bool> Connection::await_request(Duration limit) {
  struct Waiting {
    Server& server;
    Connection* self;
    ~Waiting() { server.waiting_.erase(self); }
  } waiting{server_, this};
  server_.waiting_.insert(this);
  allow(limit);
  co_return !co_await socket_.readable();
}

asio::awaitable<Connection::Next> Connection::serve_request() {
  HeadParser parser;
  parser.header_limit(static_cast<std::uint32_t>(kMaxHeadBytes));
  parser.body_limit(server_.face_.max_body_bytes);
  allow(server_.timing_.head);
  const auto head_error = co_await io::read_http_head(socket_, buffer_, parser);
  arrived_ = io::now();
  if (head_error) {
    const auto status = status_of(head_error);
    if (status == 0) co_return Next::Close;
    co_return co_await refuse(status);
  }
  if (without_tls_) co_return co_await refuse(Site::plain_request_page());
  if (wants_upgrade(parser.get()) && hand_over(parser)) co_return Next::Close;
  if (is_encoded(parser.get())) co_return co_await refuse(kUnsupportedEncoding);

  const bool head_only = parser.get().method() == beast_http::verb::head;
  const bool peer_keeps = parser.get().keep_alive();
  auto next = Next::Close;
  const Private<std::string> target(std::string(parser.get().target()));
  const std::string method(parser.get().method_string());
  const std::string user_agent(parser.get()[field::user_agent]);
  auto request = co_await read_body(parser, next);
  if (!request) co_return next;
  buffer_.shrink_to_fit();  // a long poll waits without it
  auto response = co_await answer(std::move(*request));
  if (!response) co_return Next::Close;
  const bool to_stranger = response->is_decoy;
  if (to_stranger && server_.face_.site != nullptr)
    response = server_.face_.site->answer(method, target.reveal_to_socket());
  pad_for_browser(*response, user_agent);
  if (to_stranger) co_await hold();
  // A request that was no good ends the connection, as it does at the server that a Site speaks like.
  const bool good = !response->is_error_page || response->status != kBadRequest;
  const bool has_end = response->feed == nullptr;  // that a reader of it can tell from the connection's
  const bool keep_alive = good && has_end && peer_keeps && !pipelined_ && buffer_.size() == 0 && !server_.draining_;
  if (!co_await write(std::move(*response), keep_alive, head_only)) co_return Next::Close;
  co_return keep_alive ? Next::Request : Next::Linger;
}

// True: the handler owns the connection now.
bool Connection::hand_over(HeadParser& parser) {
  const auto rest = buffer_.data();
  io::HttpUpgrade upgrade{.head = Private(io::HttpHead(parser.get())),
                          .socket = std::move(socket_),
                          .early = to_bytes(ByteView(static_cast<const std::byte*>(rest.data()), rest.size())),
                          .peer = peer_,
                          .permit = std::move(permit_)};
  if (server_.handler_.take_upgrade(upgrade)) return handed_over_ = true;
  socket_ = std::move(upgrade.socket);
  permit_ = std::move(upgrade.permit);
  return false;
}

// The rest of the request came with its head. Not said of chunks, whose length nobody knows.
bool Connection::is_all_here(const HeadParser& parser) const {
  const auto coming = parser.content_length_remaining();
  return parser.is_done() || (coming && *coming <= buffer_.size());
}

asio::awaitable<std::optional<Request>> Connection::read_body(HeadParser& parser, Next& next) {
  const bool all_here = is_all_here(parser);
  if (beast_http::token_list(parser.get()[field::expect]).exists("100-continue")) {
    allow(server_.timing_.write);
    if (co_await io::write_all(socket_, to_bytes("HTTP/1.1 100 Continue\r\n\r\n"))) co_return std::nullopt;
  }
  using BodyParser = beast_http::request_parser<beast_http::string_body>;
  BodyParser body(std::move(parser));
  allow(server_.timing_.body);
  const auto error = co_await io::read_http(socket_, buffer_, body);
  if (!all_here) arrived_ = io::now();
  if (error) {
    const auto status = status_of(error);
    if (status != 0) next = co_await refuse(status);
    co_return std::nullopt;
  }
  const auto message = body.release();
  co_return Request{.method = std::string(message.method_string()),
                    .target = Private(std::string(message.target())),
                    .content_type = std::string(message[field::content_type]),
                    .forwarded_for = Private(std::string(message["X-Forwarded-For"])),
                    .host = Private(std::string(message[field::host])),
                    .cookie = Private(std::string(message[field::cookie])),
                    .last_event_id = std::string(message["Last-Event-ID"]),
                    .peer = peer_,
                    .body = to_bytes(message.body())};
}

// nullopt: the peer went away, or the handler took too long; either way the handler has been cancelled and has ended.
asio::awaitable<std::optional<Response>> Connection::answer(Request request) {
  auto executor = co_await asio::this_coro::executor;
  allow(server_.timing_.handler);
  auto [order, error, response, watch_error] =
      co_await asio::experimental::make_parallel_group(
          asio::co_spawn(executor, server_.handler_.handle(std::move(request)), asio::deferred),
          asio::co_spawn(executor, watch_peer(), asio::deferred))
          .async_wait(asio::experimental::wait_for_one(), asio::use_awaitable);
  if (!error) co_return std::move(response);
  // What a handler throws because it was cancelled is no failure; anything else goes to the listener's scope.
  if (order[0] != 0 && io::is_cancellation(error)) co_return std::nullopt;
  std::rethrow_exception(error);
}

// Ends when the peer has gone, or when the answer is there.
asio::awaitable<void> Connection::watch_peer() {
  bool ended = false;
  do {
    if (co_await socket_.readable_or_cancelled()) co_return;
  } while (socket_.is_quiet(ended));
  if (ended) co_return;
  // Bytes before the answer: they stay where they are, and only a reset or our own deadline ends the wait.
  pipelined_ = true;
  co_await socket_.tcp_socket().async_wait(asio::socket_base::wait_error, no_throw);
}

// Bounded by itself, and so watched by nobody: who has gone meanwhile is missed when the answer is written.
asio::awaitable<void> Connection::hold() {
  if (server_.face_.hold_rng == nullptr) co_return;
  const auto over = server_.timing_.hold.over(arrived_, *server_.face_.hold_rng);
  asio::steady_timer timer(socket_.executor(), io::to_steady(over));  // deadline_ is too coarse, and not for this
  co_await timer.async_wait(asio::use_awaitable);
}

asio::awaitable<bool> Connection::write(Response response, bool keep_alive, bool head_only) {
  const auto head = head_text(response, keep_alive, server_.face_.site != nullptr);
  Bytes bytes;
  bytes.reserve(head.size() + response.body.size());
  append(bytes, as_bytes(head));
  if (!head_only) append(bytes, response.body);
  allow(server_.timing_.write);
  if (co_await io::write_all(socket_, std::move(bytes))) co_return false;
  co_return response.feed == nullptr || head_only || co_await write_feed(*response.feed);
}

asio::awaitable<bool> Connection::write_feed(Feed& feed) {
  while (!server_.draining_) {
    deadline_.arm(std::nullopt);
    const auto piece = co_await feed.next();
    if (piece == nullptr) co_return true;
    const auto give_up = io::now() + feed_limit(piece->size());
    for (ByteView rest = *piece; !rest.empty(); rest = rest.subspan(std::min(rest.size(), kFeedWriteBytes))) {
      if (io::now() > give_up) co_return false;
      allow(server_.timing_.write);
      if (co_await io::write_all(socket_, to_bytes(rest.first(std::min(rest.size(), kFeedWriteBytes)))))
        co_return false;
    }
  }
  co_return true;
}

// Not the handler's matter: the request broke HTTP or a bound.
asio::awaitable<Connection::Next> Connection::refuse(unsigned status) {
  if (server_.face_.site != nullptr) co_return co_await refuse(Site::error_page(status));
  co_return co_await refuse(Response{.status = status, .content_type = "", .body = {}});
}

asio::awaitable<Connection::Next> Connection::refuse(Response response) {
  co_await hold();
  const bool written = co_await write(std::move(response), false, false);
  co_return written ? Next::Linger : Next::Close;
}

asio::awaitable<void> Connection::linger() {
  socket_.shutdown_send();
  const auto read_out = [](io::ByteSocket& socket) -> asio::awaitable<void> {
    std::array<std::byte, 4096> scratch{};
    for (std::size_t total = 0; total < kLingerBytes;) {
      const auto [error, count] = co_await io::read_more(socket, scratch);
      if (error) co_return;
      total += count;
    }
  };
  static_cast<void>(co_await io::with_deadline(kLingerLimit, read_out(socket_)));
}

}  // namespace footbridge::http
