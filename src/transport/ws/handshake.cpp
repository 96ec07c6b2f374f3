#include "transport/ws/handshake.hpp"

#include <algorithm>
#include <array>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <openssl/evp.h>
#include <optional>
#include <string>
#include <utility>

#include "base/assert.hpp"
#include "io/clock.hpp"
#include "io/http_read.hpp"
#include "io/with_deadline.hpp"

namespace footbridge::ws {
namespace {

namespace beast = boost::beast;
namespace beast_http = boost::beast::http;
using io::error_code;
using Dialled = Result<std::unique_ptr<Leg>, DialErrc>;
using ResponseParser = beast_http::response_parser<beast_http::empty_body>;

constexpr std::string_view kAcceptSuffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";  // RFC 6455 §1.3
constexpr std::size_t kKeyBytes = 16;
constexpr std::size_t kKeyTextBytes = 24;

std::string base64(ByteView bytes) {
  std::array<unsigned char, 64> text{};
  FB_ASSERT(bytes.size() <= 45);
  const int count = EVP_EncodeBlock(text.data(), as_u8(bytes), static_cast<int>(bytes.size()));
  return std::string(text.begin(), text.begin() + count);
}

// SHA-1 is what the RFC says; it guards against caches, not against people.
std::string accept_value(std::string_view key) {
  std::string input(key);
  input += kAcceptSuffix;
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned digest_bytes = 0;
  FB_ASSERT(EVP_Digest(input.data(), input.size(), digest.data(), &digest_bytes, EVP_sha1(), nullptr) == 1);
  return base64(as_bytes(digest.data(), digest_bytes));
}

// Base64 of exactly 16 bytes: 22 characters, the last of which carries 4 zero bits, and "==".
bool is_key(std::string_view text) {
  if (text.size() != kKeyTextBytes || !text.ends_with("==")) return false;
  const auto is_base64 = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
  };
  if (!std::all_of(text.begin(), text.begin() + 22, is_base64)) return false;
  return std::string_view("AQgw").find(text[21]) != std::string_view::npos;
}

template <class Fields>
bool has_token(const Fields& fields, beast_http::field field, std::string_view token) {
  return beast_http::token_list(fields[field]).exists(token);
}

bool is_correct_answer(const ResponseParser::value_type& answer, const std::string& key) {
  using beast_http::field;
  return answer.result() == beast_http::status::switching_protocols && answer.version() == 11 &&
         has_token(answer, field::upgrade, "websocket") && has_token(answer, field::connection, "upgrade") &&
         answer[field::sec_websocket_accept] == accept_value(key) &&
         answer.count(field::sec_websocket_extensions) == 0 && answer.count(field::sec_websocket_protocol) == 0;
}

std::string request_text(const wire::Url& url, const std::string& key) {
  return "GET " + url.target.reveal_to_socket() + " HTTP/1.1\r\nHost: " + url.authority() +
         "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: " + key +
         "\r\nSec-WebSocket-Version: 13\r\n\r\n";
}

DialErrc errc_of(io::ConnectErrc error) {
  switch (error) {
    case io::ConnectErrc::Policy: return DialErrc::Policy;
    case io::ConnectErrc::BadName:
    case io::ConnectErrc::NoSuchName:
    case io::ConnectErrc::NameFailure: return DialErrc::Unresolved;
    case io::ConnectErrc::Refused: return DialErrc::Refused;
    case io::ConnectErrc::Unreachable: return DialErrc::Unreachable;
    case io::ConnectErrc::TimedOut: return DialErrc::TimedOut;
    case io::ConnectErrc::Upstream:
    case io::ConnectErrc::Failed: return DialErrc::Lost;
  }
  FB_ASSERT(false);
}

// The server hung up or spoke no HTTP: the first may heal, the second will not.
DialErrc errc_of_read(const error_code& error) {
  const bool spoke_http = error == asio::error::eof || error == asio::error::connection_reset ||
                          error == beast_http::error::end_of_stream || error == beast_http::error::partial_message;
  return spoke_http ? DialErrc::Lost : DialErrc::NotAccepted;
}

asio::awaitable<Dialled> exchange(io::ByteSocket socket, wire::Url url, Rng& rng) {
  const auto key = base64(rng.array<kKeyBytes>());
  if (co_await io::write_all(socket, to_bytes(request_text(url, key)))) co_return DialErrc::Lost;
  beast::flat_buffer buffer(kMaxHandshakeHeadBytes + wire::kWsReadBytes);
  ResponseParser parser;
  parser.header_limit(static_cast<std::uint32_t>(kMaxHandshakeHeadBytes));
  const auto read_error = co_await io::read_http_head(socket, buffer, parser);
  if (read_error) co_return errc_of_read(read_error);
  if (!is_correct_answer(parser.get(), key)) co_return DialErrc::NotAccepted;
  const auto rest = buffer.data();
  auto early = to_bytes(ByteView(static_cast<const std::byte*>(rest.data()), rest.size()));
  co_return std::make_unique<Leg>(Leg::Parts{std::move(socket), Role::Client, std::move(early), {}}, rng);
}

asio::awaitable<Dialled> secure_and_exchange(io::tcp::socket socket, wire::Url url, Rng& rng, io::TlsClient* trust,
                                             std::optional<wire::SpkiSha256> pin) {
  if (trust == nullptr) co_return co_await exchange(std::move(socket), std::move(url), rng);
  auto secured = co_await trust->shake_hands(std::move(socket), url.host, pin);
  if (secured) co_return co_await exchange(std::move(*secured), std::move(url), rng);
  switch (secured.error()) {
    case io::TlsErrc::Lost: co_return DialErrc::Lost;
    case io::TlsErrc::NoTls: co_return DialErrc::NotAccepted;
    default: co_return DialErrc::Unproven;
  }
}

}  // namespace

std::string_view name(DialErrc error) {
  switch (error) {
    case DialErrc::BadScheme: return "bad-scheme";
    case DialErrc::Untrusting: return "untrusting";
    case DialErrc::Unproven: return "unproven";
    case DialErrc::Policy: return "policy";
    case DialErrc::Unresolved: return "unresolved";
    case DialErrc::Refused: return "refused";
    case DialErrc::Unreachable: return "unreachable";
    case DialErrc::TimedOut: return "timed-out";
    case DialErrc::NotAccepted: return "not-accepted";
    case DialErrc::Lost: return "lost";
  }
  FB_ASSERT(false);
}

asio::awaitable<Dialled> dial(io::Connector& connector, wire::Url url, Rng& rng, Duration limit, io::TlsClient* trust,
                              std::optional<wire::SpkiSha256> pin) {
  if (url.scheme != wire::UrlScheme::Ws && url.scheme != wire::UrlScheme::Wss) co_return DialErrc::BadScheme;
  if (!url.is_tls()) trust = nullptr;
  if (url.is_tls() && trust == nullptr) co_return DialErrc::Untrusting;
  const auto deadline = io::now() + limit;
  auto socket = co_await connector.connect(url.host, url.port, limit);
  if (!socket) co_return errc_of(socket.error());
  auto leg =
      co_await io::with_deadline(deadline, secure_and_exchange(std::move(*socket), std::move(url), rng, trust, pin));
  if (!leg) co_return DialErrc::TimedOut;
  co_return std::move(*leg);
}

bool is_leg_request(const io::HttpHead& head) {
  using beast_http::field;
  return head.method() == beast_http::verb::get && head.version() == 11 && head.count(field::host) == 1 &&
         has_token(head, field::upgrade, "websocket") && has_token(head, field::connection, "upgrade") &&
         head[field::sec_websocket_version] == "13" && head.count(field::sec_websocket_key) == 1 &&
         is_key(head[field::sec_websocket_key]) && head.count(field::content_length) == 0 &&
         head.count(field::transfer_encoding) == 0;
}

asio::awaitable<std::unique_ptr<Leg>> accept(io::HttpUpgrade upgrade, Rng& rng, Duration limit) {
  const auto& head = upgrade.head.reveal_to_socket();
  FB_ASSERT(is_leg_request(head));
  auto text =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
      accept_value(head[beast_http::field::sec_websocket_key]) + "\r\n\r\n";
  const auto error = co_await io::with_deadline(limit, io::write_all(upgrade.socket, to_bytes(text)));
  if (!error || *error) co_return nullptr;
  co_return std::make_unique<Leg>(
      Leg::Parts{std::move(upgrade.socket), Role::Server, std::move(upgrade.early), std::move(upgrade.permit)}, rng);
}

}  // namespace footbridge::ws
