// UdpConnector: a UDP socket connected to a host, only ever to an address that the policy admits: a flow's way out of
// an egress. Being connected, it hears nobody else. Resolves once, canonicalises, checks each answer and takes the
// first to which the host has a route, IPv4 before IPv6: nobody tells a sender of UDP that a route leads nowhere, so
// there is no second try as a Connector has it, and IPv4 works wherever both do.
// The packets it sends are never cut on their way (RFC 9000 §14): what is too large for a network is lost, which is how
// QUIC learns its size.
//
// Errors as the Connector's; nobody has been asked whether he is there. Threads: the executor's one thread.
#pragma once

#include <boost/asio/ip/udp.hpp>
#include <cstdint>
#include <string>

#include "base/private.hpp"
#include "base/result.hpp"
#include "core/egress/egress_policy.hpp"
#include "io/asio.hpp"
#include "io/connector.hpp"
#include "io/resolver.hpp"

namespace footbridge::io {

using asio::ip::udp;

class UdpConnector {
 public:
  // Resolver and policy must outlive the connector.
  UdpConnector(asio::any_io_executor executor, Resolver& resolver, const core::EgressPolicy& policy)
      : executor_(std::move(executor)), resolver_(resolver), policy_(policy) {}

  // `host`: a DNS name or an address literal. The socket does not block.
  asio::awaitable<Result<udp::socket, ConnectErrc>> connect(Private<std::string> host, std::uint16_t port);

 private:
  Result<udp::socket, ConnectErrc> connect_to(const Endpoint& endpoint) const;

  asio::any_io_executor executor_;
  Resolver& resolver_;
  const core::EgressPolicy& policy_;
};

}  // namespace footbridge::io
