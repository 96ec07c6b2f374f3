#include "programs/netstate/viewer_access.hpp"

#include <boost/asio/steady_timer.hpp>

#include "base/encoding.hpp"
#include "crypto/primitives.hpp"
#include "ops/errors.hpp"
#include "ops/key_file.hpp"

namespace footbridge::netstate {
namespace {

constexpr std::string_view kCookieContext = "footbridge netstate viewer 1";
constexpr unsigned kNoContent = 204;
constexpr unsigned kUnauthorized = 401;

std::string read_token(const ops::FilePath& file) {
  auto text = ops::read_key_file("--viewer-token-file", file).reveal_to_socket();
  while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
  bool plain = text.size() >= kMinTokenChars && text.size() <= kMaxTokenChars;
  for (const char c : text) plain = plain && c > ' ' && c <= '~';
  if (!plain)
    throw ops::UsageError(
        "--viewer-token-file: " + file.path +
        " needs one line of 16 to 256 characters without blanks, such as `openssl rand -hex 16` makes");
  return text;
}

std::string cookie_of(std::string_view token) {
  const auto key = crypto::blake2b<32>(as_bytes(token));
  return "footbridge_viewer=" + encode_hex(crypto::blake2b<16>(as_bytes(kCookieContext), key));
}

// Host without its port.
bool names_this_machine(std::string_view host) {
  const auto end = host.starts_with('[') ? host.find(']') + 1 : host.find(':');
  const auto name = host.substr(0, end);
  return ops::names_loopback(name.starts_with('[') && name.size() > 2 ? name.substr(1, name.size() - 2) : name);
}

}  // namespace

ViewerAccess::ViewerAccess(const std::optional<ops::FilePath>& token_file, bool tls, Rng& rng)
    : tls_(tls), compare_key_(rng.array<32>()) {
  if (!token_file) return;
  token_.emplace(read_token(*token_file));
  cookie_.emplace(cookie_of(token_->reveal_to_socket()));
}

bool ViewerAccess::same(std::string_view a, std::string_view b) const {
  return crypto::blake2b<32>(as_bytes(a), compare_key_) == crypto::blake2b<32>(as_bytes(b), compare_key_);
}

bool ViewerAccess::admits(const http::Request& request) const {
  if (!cookie_) return names_this_machine(request.host.reveal_to_socket());
  std::string_view rest = request.cookie.reveal_to_socket();
  while (!rest.empty()) {
    const auto end = rest.find(';');
    auto one = rest.substr(0, end);
    while (one.starts_with(' ')) one.remove_prefix(1);
    if (same(one, cookie_->reveal_to_socket())) return true;
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  }
  return false;
}

asio::awaitable<http::Response> ViewerAccess::enter(http::Request request) const {
  std::string_view given(reinterpret_cast<const char*>(request.body.data()), request.body.size());
  if (!token_ || !same(given, token_->reveal_to_socket())) {
    asio::steady_timer pause(co_await asio::this_coro::executor, kWrongTokenPause);
    co_await pause.async_wait(asio::use_awaitable);
    co_return http::Response{.status = kUnauthorized, .body = {}};
  }
  co_return http::Response{
      .status = kNoContent,
      .content_type = "",
      .body = {},
      .headers = {{"Set-Cookie",
                   cookie_->reveal_to_socket() + "; Path=/; HttpOnly; SameSite=Strict" + (tls_ ? "; Secure" : "")}}};
}

}  // namespace footbridge::netstate
