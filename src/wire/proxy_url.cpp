#include "wire/proxy_url.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"

namespace footbridge::wire {
namespace {

struct SchemeRow {
  std::string_view prefix;
  ProxyScheme scheme;
};
constexpr SchemeRow kSchemes[] = {{"socks5://", ProxyScheme::Socks5},
                                  {"socks5h://", ProxyScheme::Socks5},
                                  {"socks4a://", ProxyScheme::Socks4a},
                                  {"socks4://", ProxyScheme::Socks4},
                                  {"http://", ProxyScheme::Http}};

bool is_printable(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= ' ' && c < 0x7f; });
}

Result<ProxyCredentials, ProxyUrlErrc> parse_credentials(std::string_view text) {
  const auto colon = text.find(':');
  const auto user = text.substr(0, colon);
  const auto password = colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1);
  if (user.empty() || user.size() > kMaxProxyUserBytes || password.size() > kMaxProxyUserBytes || !is_printable(text))
    return ProxyUrlErrc::BadCredentials;
  return ProxyCredentials{std::string(user), std::string(password)};
}

Result<Endpoint, ProxyUrlErrc> parse_proxy(std::string_view text) {
  constexpr std::string_view kLocalhost = "localhost:";
  if (const auto endpoint = Endpoint::parse(text)) {
    if (endpoint->port == 0) return ProxyUrlErrc::BadPort;
    return *endpoint;
  }
  if (text.starts_with(kLocalhost)) return parse_proxy("127.0.0.1:" + std::string(text.substr(kLocalhost.size())));
  // Which half was it? What goes with a good port is a bad address.
  const auto colon = text.rfind(':');
  const bool has_port = colon != std::string_view::npos && text.find(']', colon) == std::string_view::npos;
  const bool good_port = has_port && Endpoint::parse("127.0.0.1" + std::string(text.substr(colon)));
  return good_port ? ProxyUrlErrc::BadAddress : ProxyUrlErrc::BadPort;
}

}  // namespace

std::string_view name(ProxyScheme scheme) {
  switch (scheme) {
    case ProxyScheme::Http: return "http";
    case ProxyScheme::Socks4: return "socks4";
    case ProxyScheme::Socks4a: return "socks4a";
    case ProxyScheme::Socks5: return "socks5";
  }
  FB_ASSERT(false);
}

std::string_view name(ProxyUrlErrc error) {
  switch (error) {
    case ProxyUrlErrc::TooLong: return "too long";
    case ProxyUrlErrc::BadScheme: return "not socks5, socks4, socks4a or http";
    case ProxyUrlErrc::BadCredentials: return "bad user or password";
    case ProxyUrlErrc::BadAddress: return "not an IP address";
    case ProxyUrlErrc::BadPort: return "bad port";
  }
  FB_ASSERT(false);
}

Result<ProxyUrl, ProxyUrlErrc> parse_proxy_url(std::string_view text) {
  if (text.size() > kMaxProxyUrlBytes) return ProxyUrlErrc::TooLong;
  const auto* const row = std::ranges::find_if(kSchemes, [&](const auto& r) { return text.starts_with(r.prefix); });
  if (row == std::end(kSchemes)) return ProxyUrlErrc::BadScheme;
  text.remove_prefix(row->prefix.size());
  ProxyUrl out;
  out.scheme = row->scheme;
  if (const auto at = text.rfind('@'); at != std::string_view::npos) {
    auto credentials = parse_credentials(text.substr(0, at));
    if (!credentials) return credentials.error();
    out.credentials = Private(std::move(*credentials));
    text.remove_prefix(at + 1);
  }
  if (text.ends_with('/')) text.remove_suffix(1);
  const auto proxy = parse_proxy(text);
  if (!proxy) return proxy.error();
  out.proxy = Private(*proxy);
  return out;
}

Private<std::string> encode_proxy_url(const ProxyUrl& url) {
  auto out = std::string(name(url.scheme)) + "://";
  if (url.credentials) {
    const auto& [user, password] = url.credentials->reveal_to_socket();
    out += user + ":" + password + "@";
  }
  return Private(out + url.proxy.reveal_to_socket().to_text());
}

}  // namespace footbridge::wire
