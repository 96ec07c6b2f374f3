// Connector: opens a TCP connection to a host, only ever to an address that the policy admits.
// Resolves once, canonicalises, checks each answer and connects to exactly the addresses checked: there is no second
// resolution that could answer differently. Afterwards the socket's own idea of its peer is compared once more.
//
// Races ≤ kMaxAddresses addresses, IPv6 and IPv4 in turn, the next one kNextAttempt after the last (RFC 8305, lite).
// Errors name the cause; cancelling ends the attempt at once. Threads: the executor's one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/address.hpp"
#include "base/private.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "core/egress/address_policy.hpp"
#include "core/egress/egress_policy.hpp"
#include "io/asio.hpp"
#include "io/resolver.hpp"

namespace footbridge::io {

inline constexpr Millis kConnectLimit{10'000};  // a SYN and its retries at 1, 3 and 7 s; all of it, with resolving
inline constexpr Millis kNextAttempt{250};      // RFC 8305 §8: the recommended head start

enum class ConnectErrc : std::uint8_t {
  Policy = 1,   // host, port or every address is refused by the policy; nothing was sent
  BadName,      // not a host name
  NoSuchName,   // the name has no address
  NameFailure,  // name servers failed, did not answer, or we ask too much at once
  Refused,      // every address said no (RST)
  Unreachable,  // no route
  TimedOut,     // nobody answered in time
  Failed,       // anything else
};
std::string_view name(ConnectErrc error);

// A failed lookup as a failed connection.
ConnectErrc connect_errc(ResolveErrc error);

class Connector {
 public:
  // Resolver and policy must outlive the connector.
  Connector(asio::any_io_executor executor, Resolver& resolver, const core::AddressPolicy& policy);
  Connector(asio::any_io_executor executor, Resolver& resolver, const core::EgressPolicy& policy);

  // `host`: a DNS name or an address literal (IPv6 with or without brackets).
  asio::awaitable<Result<tcp::socket, ConnectErrc>> connect(Private<std::string> host, std::uint16_t port,
                                                            Duration limit = kConnectLimit);
  // The same for an address that is known already.
  asio::awaitable<Result<tcp::socket, ConnectErrc>> connect(Private<Endpoint> endpoint, Duration limit = kConnectLimit);
  // Where a datagram for this host may go: resolved and admitted, nothing is sent. At least one.
  asio::awaitable<Result<std::vector<Endpoint>, ConnectErrc>> find(Private<std::string> host, std::uint16_t port,
                                                                   Duration limit = kResolveLimit);

 private:
  asio::any_io_executor executor_;
  Resolver& resolver_;
  std::function<std::optional<Endpoint>(const Endpoint&)> admit_;
};

// A stream's way out of an egress: host syntax and port first (core::EgressPolicy), then the Connector.
class EgressConnector {
 public:
  EgressConnector(asio::any_io_executor executor, Resolver& resolver, const core::EgressPolicy& policy);
  asio::awaitable<Result<tcp::socket, ConnectErrc>> connect(Private<std::string> host, std::uint16_t port,
                                                            Duration limit = kConnectLimit);

 private:
  const core::EgressPolicy& policy_;
  Connector connector_;
};

}  // namespace footbridge::io
