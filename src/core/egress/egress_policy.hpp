// EgressPolicy: host syntax, port and address judged together, in the order in which they become known.
// No I/O, immutable after construction.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/address.hpp"
#include "base/result.hpp"
#include "core/egress/address_policy.hpp"
#include "core/egress/port_policy.hpp"
#include "core/egress/target_policy.hpp"

namespace footbridge::core {

enum class PolicyErrc : std::uint8_t {
  Host = 1,  // parse_target said no
  Port,
  Address,
};

class EgressPolicy {
 public:
  EgressPolicy(PortPolicy ports, AddressPolicy addresses)
      : ports_(std::move(ports)), addresses_(std::move(addresses)) {}

  // Before resolution. A literal address is judged completely here.
  Result<Target, PolicyErrc> admit_target(std::string_view host, std::uint16_t port) const;
  // After resolution, for each address: the canonical endpoint to connect to; nullopt: refused.
  std::optional<Endpoint> admit(const Endpoint& destination) const;
  const AddressPolicy& addresses() const { return addresses_; }
  const PortPolicy& ports() const { return ports_; }

 private:
  PortPolicy ports_;
  AddressPolicy addresses_;
};

}  // namespace footbridge::core
