#include "programs/egress/exit_policies.hpp"

#include <string>
#include <utility>

#include "io/own_addresses.hpp"
#include "ops/errors.hpp"

namespace footbridge::egress {
namespace {

core::PortPolicy custom_ports(const std::vector<ops::PortRange>& ranges, const std::string& option) {
  std::string list;
  for (const auto& range : ranges)
    list += (list.empty() ? "" : ",") + std::to_string(range.first) + "-" + std::to_string(range.last);
  auto policy = core::PortPolicy::custom(list);
  if (!policy) throw ops::UsageError(option + ": at most 64 ports and ranges");
  return std::move(*policy);
}

core::PortPolicy port_policy(const EgressOptions& options) {
  switch (options.policy) {
    case PolicyPreset::Web: return core::PortPolicy::web();
    case PolicyPreset::Reduced: return core::PortPolicy::reduced();
    case PolicyPreset::Off: return core::PortPolicy::none();
    case PolicyPreset::Custom: break;
  }
  return custom_ports(options.allow_ports, "--allow-ports");
}

// nullopt: no UDP leaves here.
std::optional<core::PortPolicy> udp_port_policy(const EgressOptions& options) {
  if (options.policy == PolicyPreset::Off) return std::nullopt;
  switch (options.udp) {
    case UdpPreset::Off: return std::nullopt;
    case UdpPreset::Web: return core::PortPolicy::udp_web();
    case UdpPreset::Custom: break;
  }
  return custom_ports(options.udp_ports, "--udp-ports");
}

core::AddressPolicy address_policy(const EgressOptions& options) {
  core::AddressPolicy::Rules rules;
  rules.own = io::own_addresses();
  rules.deny = options.deny_prefix;
  for (const auto& endpoint : options.allow_destination) rules.endpoints.push_back(endpoint.reveal_to_socket());
  return core::AddressPolicy(std::move(rules));
}

}  // namespace

core::EgressPolicy exit_policy(const EgressOptions& options) { return {port_policy(options), address_policy(options)}; }

std::optional<core::EgressPolicy> udp_exit_policy(const EgressOptions& options) {
  auto ports = udp_port_policy(options);
  if (!ports) return std::nullopt;
  return core::EgressPolicy(std::move(*ports), address_policy(options));
}

std::optional<Bridge> bridge_of(const EgressOptions& options, std::function<void(BridgeErrc)> on_failure) {
  if (!options.or_port && !options.ext_or_port) return std::nullopt;
  return Bridge{options.or_port, options.ext_or_port,
                options.auth_cookie_file ? options.auth_cookie_file->path : std::string(), std::move(on_failure)};
}

}  // namespace footbridge::egress
