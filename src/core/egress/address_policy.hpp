// AddressPolicy: which addresses an egress (or a dialling proxy) may connect to. Threat T4: a user must not reach
// the operator's own networks, the host itself, cloud metadata or anything else that is not the public internet.
//
// An address is first canonicalised: every IPv6 form that carries an IPv4 address is judged by that address as well.
// Fails closed: IPv6 is refused unless it is global unicast (2000::/3) and not special-purpose. Sources: the IANA
// special-purpose registries (RFC 6890 and successors), RFC 4291, 6052, 3056, 4380, 5214.
// No I/O, immutable after construction; may be shared by threads.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/address.hpp"

namespace footbridge::core {

// Stable names (for metrics) come from name().
enum class AddressVerdict : std::uint8_t {
  Allowed,
  Special,   // not the public internet: special-purpose, multicast, reserved, cloud metadata
  Embedded,  // IPv6 that carries a refused IPv4 address, or a transition mechanism that hides one
  Own,       // one of this host's interfaces
  Denied,    // the operator's list
};
std::string_view name(AddressVerdict verdict);

// The address that a connect would really reach: IPv4-mapped and IPv4-compatible IPv6 become IPv4; others are as is.
IpAddress canonical(const IpAddress& address);

// What the registries alone say: Allowed, Special or Embedded.
AddressVerdict registry_verdict(const IpAddress& spelled);

class AddressPolicy {
 public:
  struct Rules {
    std::vector<IpAddress> own{};       // this host's interface addresses (io/own_addresses.hpp)
    std::vector<Prefix> deny{};         // the operator's; wins over `allow`
    std::vector<Prefix> allow{};        // the operator's exceptions from the special-purpose list
    std::vector<Endpoint> endpoints{};  // demo and tests only: exactly these, whatever else says no
  };
  explicit AddressPolicy(Rules rules) : rules_(std::move(rules)) {}
  // For dials to addresses that our own configuration names (a broker on loopback in the demo): refuses nothing.
  static AddressPolicy unrestricted();

  AddressVerdict check(const Endpoint& destination) const;
  // The canonical endpoint to connect to; nullopt: refused.
  std::optional<Endpoint> admit(const Endpoint& destination) const;
  // Whether some exact exception has this port: it may then pass the port policy, and only that endpoint will pass.
  bool has_endpoint_exception(std::uint16_t port) const;
  bool is_endpoint_exception(const Endpoint& destination) const;
  // The block of the operator's list that makes check() say Denied; nullopt: none has the address.
  std::optional<Prefix> denying_prefix(const IpAddress& spelled) const;

 private:
  Rules rules_;
  bool unrestricted_ = false;
};

}  // namespace footbridge::core
