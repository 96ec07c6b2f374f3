#include "core/egress/egress_policy.hpp"

#include <variant>

namespace footbridge::core {

Result<Target, PolicyErrc> EgressPolicy::admit_target(std::string_view host, std::uint16_t port) const {
  if (!ports_.allows(port) && !addresses_.has_endpoint_exception(port)) return PolicyErrc::Port;
  auto target = parse_target(host);
  if (!target) return PolicyErrc::Host;
  if (const auto* literal = std::get_if<IpAddress>(&*target))
    if (!admit({*literal, port})) return PolicyErrc::Address;
  return std::move(*target);
}

std::optional<Endpoint> EgressPolicy::admit(const Endpoint& destination) const {
  const auto admitted = addresses_.admit(destination);
  if (!admitted) return std::nullopt;
  const bool port_allowed = ports_.allows(destination.port) || addresses_.is_endpoint_exception(*admitted);
  return port_allowed ? admitted : std::nullopt;
}

}  // namespace footbridge::core
