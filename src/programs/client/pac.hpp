// The proxy auto-configuration file that browsers and systems fetch from us, under a path that only its user knows.
//
// Names must never be looked up on this machine, so the file calls no function that resolves, and it hands everything
// to us as an HTTP proxy ("PROXY"): after "SOCKS5" some browsers resolve first. It has no "DIRECT" to fall back to.
// Immutable; no I/O.
#pragma once

#include <string>
#include <string_view>

#include "base/address.hpp"
#include "base/rng.hpp"

namespace footbridge::client {

// 128 bits: a page that may try a thousand paths a second needs longer than the universe.
inline constexpr std::size_t kPacSecretBytes = 16;
inline constexpr std::string_view kPacContentType = "application/x-ns-proxy-autoconfig";

class PacFile {
 public:
  PacFile(const Endpoint& listener, Rng& rng);

  const std::string& path() const { return path_; }  // "/<random>/proxy.pac"
  std::string url() const;
  const std::string& body() const { return body_; }
  // In constant time.
  bool is_path(std::string_view target) const;
  // A Host header that our user's browser sends when it fetches the file: a loopback name or the listener's own
  // address, with our port. A name that a hostile DNS points at us is none of these.
  bool is_host(std::string_view host) const;

 private:
  Endpoint listener_;
  std::string path_;
  std::string body_;
};

}  // namespace footbridge::client
