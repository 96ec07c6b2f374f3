// URLs of brokers and relays, parsed strictly: scheme, host, port, path. Anything a lenient parser would have to guess
// about is refused: user info, fragments, spaces, backslashes, control and non-ASCII characters, odd address spellings.
// The path may end in a leg token and the host names a server, so both are Private.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/private.hpp"
#include "base/result.hpp"

namespace footbridge::wire {

inline constexpr std::size_t kMaxUrlBytes = 2048;

enum class UrlScheme : std::uint8_t { Http, Https, Ws, Wss };

enum class UrlErrc : std::uint8_t {
  TooLong = 1,
  BadScheme,     // not http, https, ws or wss followed by "://"
  BadHost,       // empty, user info, not a DNS name or a strict address literal
  BadPort,       // empty, 0, above 65535, leading zero
  BadCharacter,  // outside printable ASCII, or one of space " < > \ ^ ` { | }
  HasFragment,   // a fragment never travels; its presence is a mistake
};
std::string_view name(UrlErrc error);

struct Url {
  UrlScheme scheme = UrlScheme::Http;
  Private<std::string> host;    // lower case; IPv6 without brackets
  std::uint16_t port = 0;       // the scheme's default when not given
  Private<std::string> target;  // path and query, begins with '/'

  bool is_tls() const { return scheme == UrlScheme::Https || scheme == UrlScheme::Wss; }
  // As in a Host header: brackets around IPv6, the port only when it is not the default.
  std::string authority() const;
  // The same server, another path: for a leg token as the last segment. `segment` must need no escaping.
  Url with_segment(std::string_view segment) const;
};

Result<Url, UrlErrc> parse_url(std::string_view text);

}  // namespace footbridge::wire
