// Route: what is asked for, and which server is asked. Usually that is the URL's own. Fronted (domain fronting), name
// lookup, TCP, SNI and certificate are the front's, and only inside TLS does the Host header name the URL's: who
// watches the connection sees a visit to the front. The front itself sees both, and everything that is not sealed.
// A server that is named together with its key (`pin`) has to show that key; nobody else need vouch for it then.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "base/private.hpp"
#include "wire/network.hpp"
#include "wire/url.hpp"

namespace footbridge::http {

// A server that connections go to.
struct Place {
  Private<std::string> host;  // IPv6 without brackets
  std::uint16_t port = 0;
  bool tls = false;
  std::optional<wire::SpkiSha256> pin{};  // with tls; see io::TlsClient
  friend bool operator==(const Place&, const Place&) = default;
};

struct Route {
  Route(wire::Url to) : url(std::move(to)) {}  // NOLINT: a URL *is* a route
  Route(wire::Url to, std::optional<Place> through) : url(std::move(to)), front(std::move(through)) {}

  friend bool operator==(const Route& a, const Route& b) {
    return a.url.scheme == b.url.scheme && a.url.host == b.url.host && a.url.port == b.url.port &&
           a.url.target == b.url.target && a.front == b.front && a.pin == b.pin;
  }

  Place place() const { return front ? *front : Place{url.host, url.port, url.is_tls(), pin}; }

  wire::Url url;
  std::optional<Place> front;             // with a pin of its own, if it has one
  std::optional<wire::SpkiSha256> pin{};  // of the URL's own server
};

}  // namespace footbridge::http
