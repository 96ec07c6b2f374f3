#include "ops/admin.hpp"

#include <algorithm>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <cstring>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "io/endpoint.hpp"
#include "io/with_deadline.hpp"
#include "ops/errors.hpp"

namespace footbridge::ops {
namespace {

namespace http = boost::beast::http;
using Protocol = asio::generic::stream_protocol;

constexpr Millis kAcceptPause{200};  // after a failed accept: most often no descriptor is left, and they come back

Protocol::endpoint endpoint_of(const AdminAddress& address) {
  if (!address.unix_path.empty()) return asio::local::stream_protocol::endpoint(address.unix_path);
  return io::to_tcp(address.endpoint);
}

// A file that a dead process left behind is removed; one that somebody listens on is not.
void clear_way(asio::any_io_executor executor, const std::string& path) {
  struct stat facts {};
  if (::lstat(path.c_str(), &facts) != 0) return;
  if (!S_ISSOCK(facts.st_mode)) throw RunError("--admin: " + path + " exists and is not a socket; name another path");
  boost::system::error_code error;
  asio::local::stream_protocol::socket probe(executor);
  probe.connect(asio::local::stream_protocol::endpoint(path), error);
  if (!error) throw RunError("--admin: another process listens on " + path + "; name another path");
  ::unlink(path.c_str());
}

// "127.0.0.1:9100", "localhost", "[::1]:9100": what a browser that was lured here by a foreign name cannot send.
bool is_loopback_host(std::string_view host) {
  if (host.starts_with('[')) return host.starts_with("[::1]") && (host.size() == 5 || host[5] == ':');
  return names_loopback(host.substr(0, host.find(':')));
}

// True if the media type stands in an Accept header and is not refused there (";q=0").
bool accepts(std::string_view header, std::string_view type) {
  const auto at = header.find(type);
  if (at == header.npos) return false;
  auto terms = header.substr(at + type.size());
  terms = terms.substr(0, terms.find(','));
  const auto weight = terms.find("q=");
  return weight == terms.npos || terms.find_first_of("123456789", weight) != terms.npos;
}

constexpr std::string_view kPrometheusText = "text/plain; version=0.0.4; charset=utf-8";
constexpr std::string_view kOpenMetrics = "application/openmetrics-text; version=1.0.0; charset=utf-8";

}  // namespace

struct Admin::Request {
  http::verb method;
  std::string path;
  std::string query;
  std::string accept;
  bool from_page = false;
};

struct Admin::Response {
  unsigned status = 200;
  std::string text;
  std::string type = "text/plain; charset=utf-8";
};

Admin::Admin(asio::any_io_executor executor, const AdminAddress& address, AdminAnswers answers)
    : unix_path_(address.unix_path),
      answers_(std::move(answers)),
      acceptor_(executor),
      scope_(executor, "admin", io::TaskScope::kOthersGoOn) {
  if (!unix_path_.empty()) clear_way(executor, unix_path_);
  try {
    const auto endpoint = endpoint_of(address);
    acceptor_.open(endpoint.protocol());
    if (unix_path_.empty())
      acceptor_.set_option(asio::socket_base::reuse_address(true));
    else
      ::fchmod(acceptor_.native_handle(), 0600);  // before bind: the file never exists with another mode
    acceptor_.bind(endpoint);
    acceptor_.listen();
  } catch (const boost::system::system_error& error) {
    throw RunError("--admin: cannot listen on " + ValueType<AdminAddress>::text(address) + ": " +
                   error.code().message() + "; name another place");
  }
}

Admin::~Admin() {
  if (!unix_path_.empty()) ::unlink(unix_path_.c_str());
}

std::uint16_t Admin::port() const {
  if (!unix_path_.empty()) return 0;
  const auto local = acceptor_.local_endpoint();
  io::tcp::endpoint tcp;
  std::memcpy(tcp.data(), local.data(), std::min<std::size_t>(local.size(), tcp.capacity()));
  return tcp.port();
}

asio::awaitable<void> Admin::run() {
  co_await asio::this_coro::throw_if_cancelled(false);
  const auto state = co_await asio::this_coro::cancellation_state;
  while (state.cancelled() == asio::cancellation_type::none) {
    auto [error, socket] = co_await acceptor_.async_accept(io::no_throw);
    if (!error && scope_.size() < kMaxAdminConnections) {
      scope_.spawn(serve(std::move(socket)));
    } else if (error && error != asio::error::operation_aborted) {
      asio::steady_timer pause(acceptor_.get_executor(), kAcceptPause);
      co_await pause.async_wait(io::no_throw);
    }
  }
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  scope_.cancel();
  co_await scope_.join();
}

asio::awaitable<void> Admin::serve(Protocol::socket connection) {
  const auto exchange = [](Admin& self, Protocol::socket& socket) -> asio::awaitable<void> {
    boost::beast::flat_buffer buffer(kMaxAdminHeadBytes);
    http::request_parser<http::empty_body> parser;
    parser.header_limit(kMaxAdminHeadBytes);
    const auto [error, bytes] = co_await http::async_read_header(socket, buffer, parser, io::no_throw);
    if (error) co_return;
    const auto& head = parser.get();
    const auto target = head.target();
    const auto question = std::min(target.find('?'), target.size());
    Request request{head.method(), std::string(target.substr(0, question)), std::string(target.substr(question)),
                    std::string(head[http::field::accept])};
    if (!request.query.empty()) request.query.erase(0, 1);
    const auto host = head[http::field::host];
    request.from_page =
        head.count(http::field::origin) + head.count(http::field::referer) + head.count("Sec-Fetch-Site") > 0 ||
        (self.unix_path_.empty() && !is_loopback_host({host.data(), host.size()}));
    auto answer = self.answer(request);
    http::response<http::string_body> response(static_cast<http::status>(answer.status), 11, std::move(answer.text));
    response.set(http::field::content_type, answer.type);
    response.keep_alive(false);
    response.prepare_payload();
    co_await http::async_write(socket, response, io::no_throw);
    boost::system::error_code ignored;
    socket.shutdown(asio::socket_base::shutdown_send, ignored);
  };
  co_await io::with_deadline(kAdminRequestLimit, exchange(*this, connection));
}

Admin::Response Admin::answer(const Request& request) const {
  if (request.from_page) return {403, "refused: this listener is not for web pages\n"};
  if (const auto command = answers_.commands.find(request.path); command != answers_.commands.end()) {
    if (request.method != http::verb::post) return {405, "use POST\n"};
    if (unix_path_.empty()) return {403, "refused: commands work over a Unix socket only (--admin /path)\n"};
    auto reply = command->second(request.query);
    return {reply.status, reply.text + "\n"};
  }
  const auto& pages = this->pages();
  const auto page = pages.find(request.path);
  if (page == pages.end()) return {404, "not found; there are /metrics, /livez, /readyz, /status and /debug/scopes\n"};
  if (request.method != http::verb::get) return {405, "use GET\n"};
  return page->second(*this, request);
}

const std::map<std::string_view, Admin::Page>& Admin::pages() {
  static const std::map<std::string_view, Page> all = {
      // That we answer is the answer: the loop turns.
      {"/livez",
       [](const Admin&, const Request&) {
         return Response{200, "alive\n"};
       }},
      {"/readyz",
       [](const Admin& self, const Request&) {
         if (const auto why = self.answers_.not_ready()) return Response{503, "not ready: " + *why + "\n"};
         return Response{200, "ready\n"};
       }},
      {"/metrics",
       [](const Admin& self, const Request& request) {
         const bool open = accepts(request.accept, "application/openmetrics-text");
         return Response{
             200, self.answers_.metrics(open ? observe::Exposition::OpenMetrics : observe::Exposition::Prometheus),
             std::string(open ? kOpenMetrics : kPrometheusText)};
       }},
      {"/status",
       [](const Admin& self, const Request& request) {
         if (accepts(request.accept, "text/plain")) return Response{200, self.answers_.status(StatusForm::Text)};
         return Response{200, self.answers_.status(StatusForm::Json), "application/json"};
       }},
      {"/debug/scopes",
       [](const Admin& self, const Request&) {
         return Response{200, self.answers_.scopes()};
       }},
  };
  return all;
}

}  // namespace footbridge::ops
