// The URL of a proxy that we are behind ourselves, as people write it and as tor hands it over in TOR_PT_PROXY:
//
//   scheme "://" [ user [ ":" password ] "@" ] address ":" port [ "/" ]
//
// tor encodes nothing, so credentials are bytes as they are: the last '@' ends them, their first ':' parts them, and
// '%' is a character like another. The address is a literal ("localhost" is 127.0.0.1): a name would have to be asked
// for past the very proxy that everything is to go through.
//
// Bounds: kMaxProxyUrlBytes; user and password 255 bytes each (RFC 1929). Errors: the text is refused whole; which of
// the schemes are of use is the caller's decision. Thread: any.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/address.hpp"
#include "base/private.hpp"
#include "base/result.hpp"

namespace footbridge::wire {

inline constexpr std::size_t kMaxProxyUserBytes = 255;  // RFC 1929 §2; the password, too
// Scheme, credentials of the greatest length, address, port, slash: 10 + 511 + 1 + 47 + 1.
inline constexpr std::size_t kMaxProxyUrlBytes = 570;

enum class ProxyScheme : std::uint8_t {
  Http,
  Socks4,
  Socks4a,
  Socks5,  // also "socks5h": names are left to the proxy in any case
};
std::string_view name(ProxyScheme scheme);

enum class ProxyUrlErrc : std::uint8_t {
  TooLong = 1,
  BadScheme,       // none of the above followed by "://"
  BadCredentials,  // an empty user, one of the two too long, or a byte outside printable ASCII
  BadAddress,      // not a strict address literal; an IPv6 address needs brackets
  BadPort,         // absent, 0, above 65535, leading zero
};
std::string_view name(ProxyUrlErrc error);

struct ProxyCredentials {
  std::string user;      // never empty
  std::string password;  // may be
  friend bool operator==(const ProxyCredentials&, const ProxyCredentials&) = default;
};

struct ProxyUrl {
  ProxyScheme scheme = ProxyScheme::Socks5;
  Private<Endpoint> proxy;
  std::optional<Private<ProxyCredentials>> credentials;
  friend bool operator==(const ProxyUrl&, const ProxyUrl&) = default;
};

Result<ProxyUrl, ProxyUrlErrc> parse_proxy_url(std::string_view text);
// Inverse of parse_proxy_url().
Private<std::string> encode_proxy_url(const ProxyUrl& url);

}  // namespace footbridge::wire
