#include "transport/http/client.hpp"

#include <algorithm>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <charconv>
#include <optional>
#include <utility>

#include "base/assert.hpp"
#include "io/clock.hpp"
#include "io/http_read.hpp"
#include "io/with_deadline.hpp"
#include "transport/http/date.hpp"

namespace footbridge::http {
namespace {

namespace beast_http = boost::beast::http;
using io::no_throw;
using Parser = beast_http::response_parser<beast_http::string_body>;

// FRT-T6: two round trips of a slow mobile network, and a large certificate; who accepts and says nothing gets no more.
constexpr Seconds kTlsLimit{10};
constexpr unsigned kFirstGood = 200;
constexpr unsigned kFirstNotGood = 300;
constexpr unsigned kTooManyRequests = 429;
constexpr unsigned kUnavailable = 503;

// What fails before a connection is there: nothing of the request was sent, and the error says so.
HttpErrc errc_of(io::ConnectErrc error) {
  switch (error) {
    case io::ConnectErrc::Policy: return HttpErrc::Policy;
    case io::ConnectErrc::BadName:
    case io::ConnectErrc::NoSuchName:
    case io::ConnectErrc::NameFailure: return HttpErrc::Unresolved;
    case io::ConnectErrc::Refused: return HttpErrc::Refused;
    case io::ConnectErrc::Upstream: return HttpErrc::Upstream;
    case io::ConnectErrc::Unreachable:
    case io::ConnectErrc::TimedOut:
    case io::ConnectErrc::Failed: return HttpErrc::Unreachable;
  }
  FB_ASSERT(false);
}

HttpErrc errc_of(io::TlsErrc error) {
  switch (error) {
    case io::TlsErrc::Expired: return HttpErrc::CertExpired;
    case io::TlsErrc::NotYetValid: return HttpErrc::CertNotYetValid;
    case io::TlsErrc::WrongName: return HttpErrc::CertWrongName;
    case io::TlsErrc::UnknownIssuer: return HttpErrc::CertUnknownIssuer;
    case io::TlsErrc::Unacceptable: return HttpErrc::CertUnacceptable;
    case io::TlsErrc::WrongKey: return HttpErrc::CertWrongKey;
    case io::TlsErrc::NoTls: return HttpErrc::NoTls;
    case io::TlsErrc::Lost: return HttpErrc::Unreachable;
  }
  FB_ASSERT(false);
}

std::string_view text_of(boost::beast::string_view text) { return {text.data(), text.size()}; }

std::optional<Seconds> wait_asked(const Parser::value_type& response) {
  if (response.result_int() != kTooManyRequests && response.result_int() != kUnavailable) return std::nullopt;
  const auto text = text_of(response[beast_http::field::retry_after]);
  std::uint32_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return Seconds{seconds};
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
  Connection(io::ByteSocket connected, Place where, std::size_t max_body_bytes)
      : socket(std::move(connected)), place(std::move(where)), buffer(kMaxHeadBytes + max_body_bytes) {}

  io::ByteSocket socket;
  Place place;
  boost::beast::flat_buffer buffer;
  Client* idle_at = nullptr;  // while it is idle; null also when the client is gone
  TimePoint idle_since{};
};

struct Client::Call {
  std::string method;
  Route route;
  Bytes body;
  std::string content_type;
};

// A place among the max_connections, held from before the connect until the connection is closed or idle.
class Client::Lease {
 public:
  Lease(Client& client, Held idle) : connection(std::move(idle)), client_(&client) {}
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;
  ~Lease() {
    if (connection && reusable) {
      client_->give_back(std::move(connection));
    } else {
      if (connection) connection->socket.close();
      --client_->open_;
      // What is idle to a server that did not answer may be as dead: the next call dials, and learns at once.
      if (!answered) client_->forget_idle();
    }
    client_->freed_.cancel();
  }

  Held connection;
  bool answered = false;  // whole, whatever it said
  bool reusable = false;

 private:
  Client* client_;
};

std::string_view name(HttpErrc error) {
  switch (error) {
    case HttpErrc::BadScheme: return "bad-scheme";
    case HttpErrc::Untrusting: return "untrusting";
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
    case HttpErrc::NotTheirs: return "not-theirs";
    case HttpErrc::NoKey: return "no-key";
    case HttpErrc::CertExpired: return "certificate-expired";
    case HttpErrc::CertNotYetValid: return "certificate-not-yet-valid";
    case HttpErrc::CertWrongName: return "certificate-wrong-name";
    case HttpErrc::CertUnknownIssuer: return "certificate-unknown-issuer";
    case HttpErrc::CertUnacceptable: return "certificate-unacceptable";
    case HttpErrc::CertWrongKey: return "certificate-wrong-key";
    case HttpErrc::NoTls: return "no-tls";
  }
  FB_ASSERT(false);
}

Client::Client(asio::any_io_executor executor, io::Dialer& dialer, Options options)
    : dialer_(dialer),
      options_(std::move(options)),
      stale_timer_(executor, [this](TimePoint) { forget_stale(); }),
      freed_(executor, asio::steady_timer::time_point::max()) {}

Client::~Client() {
  FB_ASSERT(open_ == idle_.size());  // no call is under way
  forget_idle();
}

asio::awaitable<Result<Response, HttpErrc>> Client::post(Route route, Bytes body, std::string content_type,
                                                         Duration limit) {
  co_return co_await run({"POST", std::move(route), std::move(body), std::move(content_type)}, limit);
}

asio::awaitable<Result<Response, HttpErrc>> Client::get(Route route, Duration limit) {
  co_return co_await run({"GET", std::move(route), {}, {}}, limit);
}

asio::awaitable<Result<Response, HttpErrc>> Client::run(Call call, Duration limit) {
  const auto& url = call.route.url;
  if (url.scheme != wire::UrlScheme::Http && url.scheme != wire::UrlScheme::Https) co_return HttpErrc::BadScheme;
  // A front that is spoken to without TLS hides nothing.
  if (call.route.front && (!url.is_tls() || !call.route.front->tls)) co_return HttpErrc::BadScheme;
  if (url.is_tls() && options_.trust == nullptr) co_return HttpErrc::Untrusting;
  if (call.body.size() > options_.max_body_bytes) co_return HttpErrc::TooLarge;
  auto result = co_await io::with_deadline(limit, exchange(std::move(call)));
  if (!result) co_return HttpErrc::TimedOut;
  co_return std::move(*result);
}

asio::awaitable<Result<Response, HttpErrc>> Client::exchange(Call call) {
  const auto place = call.route.place();
  Lease lease(*this, co_await obtain(place));
  if (!lease.connection) {
    auto opened = co_await open(place);
    if (!opened) co_return opened.error();
    lease.connection = std::move(*opened);
  }
  auto& connection = *lease.connection;
  if (co_await io::write_all(connection.socket, encode(call))) co_return HttpErrc::Closed;

  Parser parser;
  parser.header_limit(static_cast<std::uint32_t>(kMaxHeadBytes));
  parser.body_limit(options_.max_body_bytes);
  const auto error = co_await io::read_http(connection.socket, connection.buffer, parser);
  if (error) co_return errc_of_read(error);
  lease.answered = true;
  lease.reusable = parser.keep_alive() && connection.buffer.size() == 0;
  const bool has_length = !parser.need_eof();
  const auto response = parser.release();
  if (place.tls && options_.on_proven_date)
    if (const auto date = parse_http_date(text_of(response[beast_http::field::date]))) options_.on_proven_date(*date);
  if (options_.on_retry_after)
    if (const auto wait = wait_asked(response)) options_.on_retry_after(*wait);
  if (response.result_int() < kFirstGood || response.result_int() >= kFirstNotGood) co_return HttpErrc::BadStatus;
  if (!has_length) co_return HttpErrc::Closed;  // whether that was all, nobody can know
  co_return Response{.status = response.result_int(),
                     .content_type = std::string(response[beast_http::field::content_type]),
                     .body = to_bytes(response.body())};
}

Client::Held Client::hold(io::ByteSocket socket, Place place) const {
  // Owners: see Held.
  return std::make_shared<Connection>(std::move(socket), std::move(place), options_.max_body_bytes);
}

asio::awaitable<Result<Client::Held, HttpErrc>> Client::open(Place place) {
  auto socket = co_await dialer_.connect(place.host, place.port, io::kConnectLimit);
  if (!socket) co_return errc_of(socket.error());
  if (!place.tls) co_return hold(std::move(*socket), std::move(place));
  auto secured =
      co_await io::with_deadline(kTlsLimit, options_.trust->shake_hands(std::move(*socket), place.host, place.pin));
  if (!secured) co_return HttpErrc::Unreachable;
  if (!*secured) co_return errc_of(secured->error());
  co_return hold(std::move(**secured), std::move(place));
}

// Takes one of the max_connections and, if there is one, the idle connection that holds it; null: open one.
asio::awaitable<Client::Held> Client::obtain(Place place) {
  forget_stale();
  for (;;) {
    if (auto idle = take_idle(place)) co_return idle;
    if (open_ >= options_.max_connections && !idle_.empty()) forget(idle_.begin());  // one to another server makes room
    if (open_ < options_.max_connections) break;
    co_await freed_.async_wait(no_throw);
  }
  ++open_;
  co_return nullptr;
}

Bytes Client::encode(const Call& call) {
  std::string head = call.method + " " + call.route.url.target.reveal_to_socket() +
                     " HTTP/1.1\r\nHost: " + call.route.url.authority() + "\r\n";
  if (!call.content_type.empty()) head += "Content-Type: " + call.content_type + "\r\n";
  if (call.method == "POST") head += "Content-Length: " + std::to_string(call.body.size()) + "\r\n";
  Bytes message = to_bytes(head + "\r\n");
  append(message, call.body);
  return message;
}

// The most recently used one: it is the least likely to have been closed.
Client::Held Client::take_idle(const Place& place) {
  for (auto at = idle_.end(); at != idle_.begin();) {
    --at;
    if ((*at)->place != place) continue;
    if (!(*at)->socket.is_quiet()) {  // an end or a byte is on its way to on_idle_heard()
      const auto broken = at++;
      forget(broken);
      continue;
    }
    auto connection = std::move(*at);
    idle_.erase(at);
    connection->idle_at = nullptr;
    connection->socket.cancel();  // the wait of watch_idle()
    return connection;
  }
  return nullptr;
}

void Client::give_back(Held connection) {
  connection->idle_since = io::now();
  connection->buffer.shrink_to_fit();
  connection->idle_at = this;
  watch_idle(connection);
  idle_.push_back(std::move(connection));
  stale_timer_.arm(idle_.front()->idle_since + options_.reuse_limit);
}

void Client::watch_idle(const Held& connection) {
  connection->socket.on_readable([connection](const io::error_code&) {
    if (connection->idle_at != nullptr) connection->idle_at->on_idle_heard(connection);
  });
}

// Between two requests nothing makes sense but TLS's own words.
void Client::on_idle_heard(const Held& connection) {
  if (connection->socket.is_quiet()) return watch_idle(connection);
  forget(std::find(idle_.begin(), idle_.end(), connection));
}

void Client::forget(std::list<Held>::iterator at) {
  (*at)->idle_at = nullptr;
  (*at)->socket.close();
  idle_.erase(at);
  --open_;
  freed_.cancel();
}

void Client::forget_idle() {
  while (!idle_.empty()) forget(idle_.begin());
}

void Client::forget_stale() {
  const auto now = io::now();
  while (!idle_.empty() && now - idle_.front()->idle_since >= options_.reuse_limit) forget(idle_.begin());
  stale_timer_.arm(idle_.empty() ? std::nullopt : std::optional(idle_.front()->idle_since + options_.reuse_limit));
}

}  // namespace footbridge::http
