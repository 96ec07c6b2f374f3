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
#include <utility>
#include <vector>

#include "base/address.hpp"
#include "base/private.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "core/egress/address_policy.hpp"
#include "core/egress/egress_policy.hpp"
#include "io/asio.hpp"
#include "io/dialer.hpp"
#include "io/local_addresses.hpp"
#include "io/resolver.hpp"

namespace footbridge::io {

inline constexpr Millis kNextAttempt{250};  // RFC 8305 §8: the recommended head start

// A failed lookup as a failed connection.
ConnectErrc connect_errc(ResolveErrc error);

class Connector final : public Dialer {
 public:
  // Resolver and policy must outlive the connector.
  Connector(asio::any_io_executor executor, Resolver& resolver, const core::AddressPolicy& policy,
            LocalAddresses local = {});
  Connector(asio::any_io_executor executor, Resolver& resolver, const core::EgressPolicy& policy);

  asio::awaitable<Result<tcp::socket, ConnectErrc>> connect(Private<std::string> host, std::uint16_t port,
                                                            Duration limit) override;
  asio::awaitable<Result<tcp::socket, ConnectErrc>> connect(Private<std::string> host, std::uint16_t port) {
    return connect(std::move(host), port, kConnectLimit);
  }
  // The same for an address that is known already.
  asio::awaitable<Result<tcp::socket, ConnectErrc>> connect(Private<Endpoint> endpoint, Duration limit = kConnectLimit);
  // Where a datagram for this host may go: resolved and admitted, nothing is sent. At least one.
  asio::awaitable<Result<std::vector<Endpoint>, ConnectErrc>> find(Private<std::string> host, std::uint16_t port,
                                                                   Duration limit = kResolveLimit);
  // What such a datagram is to leave from.
  const LocalAddresses& local() const { return local_; }

 private:
  asio::any_io_executor executor_;
  Resolver& resolver_;
  LocalAddresses local_;
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
