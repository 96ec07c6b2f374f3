// Upstream: the proxy that this machine itself is behind, because its user says so (--upstream-proxy, TOR_PT_PROXY).
// Everything of ours goes through it: TCP by CONNECT, datagrams by UDP ASSOCIATE (socks_association.hpp). What it does
// not carry is not sent: there is no other way out beside it.
//
// Errors name who said no, so that the user learns what to change; advice() says it in one sentence without addresses.
// Thread: values, any.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/address.hpp"
#include "base/private.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "io/local_addresses.hpp"
#include "wire/proxy_url.hpp"
#include "wire/socks5_client.hpp"

namespace footbridge::io {

// TCP to the proxy with its retries at 1 and 3 s, and three round trips of SOCKS.
inline constexpr Millis kUpstreamLimit{8'000};

struct Upstream {
  Private<Endpoint> proxy;
  std::optional<Private<wire::ProxyCredentials>> credentials;
  LocalAddresses local;
};

// How a program reaches the world, as far as its user says it.
struct WayOut {
  std::optional<Upstream> upstream;  // through this proxy, and no other way
  LocalAddresses local;              // from these addresses; upstream's are the same
};

enum class UpstreamErrc : std::uint8_t {
  BadUrl = 1,        // cannot be read
  CarriesNoUdp,      // http, socks4, socks4a: no datagrams by their nature
  Unreachable,       // TCP to the proxy fails or is reset, or this machine refuses
  Silent,            // no answer in time
  NotSocks5,         // what answers is no SOCKS5 proxy, or closes without a word
  WantsCredentials,  // none were given
  WrongCredentials,
  NotAllowed,     // its rules forbid us what we ask
  NoAssociation,  // it has no UDP ASSOCIATE
  DatagramsLost,  // it grants an association, and no STUN server's answer comes back through it
  Failed,         // it failed otherwise
};
std::string_view name(UpstreamErrc error);
std::string_view advice(UpstreamErrc error);
// Without anybody changing a setting here or there: trying again makes sense.
bool may_heal(UpstreamErrc error);

// Why a request for an association was refused, or a connection when the proxy itself is the reason.
UpstreamErrc upstream_errc(wire::Socks5ClientErrc error);

// The proxy of this URL, when it can carry what we have: SOCKS5.
Result<Upstream, UpstreamErrc> upstream_of(std::string_view url);

}  // namespace footbridge::io
