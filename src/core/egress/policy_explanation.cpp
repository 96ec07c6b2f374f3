#include "core/egress/policy_explanation.hpp"

#include <variant>

#include "base/assert.hpp"

namespace footbridge::core {
namespace {

PolicyRule rule_of(AddressVerdict verdict) {
  switch (verdict) {
    case AddressVerdict::Own: return PolicyRule::Own;
    case AddressVerdict::Denied: return PolicyRule::DenyPrefix;
    case AddressVerdict::Special: return PolicyRule::Special;
    case AddressVerdict::Embedded: return PolicyRule::Embedded;
    case AddressVerdict::Allowed: return PolicyRule::PortUnlisted;  // its port was an exception for another address
  }
  FB_ASSERT(false);
}

bool is_excepted(const AddressPolicy& addresses, const Endpoint& destination) {
  return addresses.is_endpoint_exception(destination) ||
         addresses.is_endpoint_exception({canonical(destination.address), destination.port});
}

PolicyRule port_refusal(std::uint16_t port) {
  return PortPolicy::is_never_served(port) ? PolicyRule::PortNever : PolicyRule::PortUnlisted;
}

}  // namespace

PolicyWords words(PolicyRule rule) {
  switch (rule) {
    case PolicyRule::PortListed: return {"port-listed", "the policy has this port", "policy.preset"};
    case PolicyRule::PortNever:
      return {"port-never", "no policy serves this port: mail relays and Windows file shares are abused too much", ""};
    case PolicyRule::PortUnlisted: return {"port-unlisted", "the policy does not have this port", "policy.preset"};
    case PolicyRule::PortExcepted:
      return {"port-excepted", "the policy does not have this port, but one address is excepted with it",
              "policy.allow_destination"};
    case PolicyRule::Name: return {"name", "this is not a name that an egress looks up", ""};
    case PolicyRule::Public: return {"public", "an address of the public internet", ""};
    case PolicyRule::Exception: return {"exception", "this one address is excepted", "policy.allow_destination"};
    case PolicyRule::Own: return {"own", "an address of this host itself", ""};
    case PolicyRule::DenyPrefix: return {"deny-prefix", "in a block of your own list", "policy.deny_prefix"};
    case PolicyRule::Special:
      return {"special", "not the public internet: private, reserved, multicast or a cloud's metadata", ""};
    case PolicyRule::Embedded: return {"embedded", "IPv6 that carries or hides an IPv4 address that is refused", ""};
  }
  FB_ASSERT(false);
}

std::string_view explanation(TargetErrc error) {
  switch (error) {
    case TargetErrc::Empty: return "it is empty";
    case TargetErrc::TooLong: return "it is longer than a name in the DNS can be";
    case TargetErrc::Malformed: return "it has a character or a dot where no name has one";
    case TargetErrc::Numeric: return "it ends in a number, and some resolver would read an address";
    case TargetErrc::SingleLabel: return "a name of one part means something in the egress's own network only";
    case TargetErrc::LocalSuffix: return "names with this ending are not in the public DNS";
  }
  FB_ASSERT(false);
}

PolicyDecision explain_address(const EgressPolicy& policy, const Endpoint& destination) {
  const auto& addresses = policy.addresses();
  if (policy.admit(destination))
    return {true, is_excepted(addresses, destination) ? PolicyRule::Exception : PolicyRule::Public};
  const auto verdict = addresses.check(destination);
  if (verdict == AddressVerdict::Allowed) return {false, port_refusal(destination.port)};
  PolicyDecision out{false, rule_of(verdict)};
  if (out.rule == PolicyRule::DenyPrefix) out.prefix = addresses.denying_prefix(destination.address);
  return out;
}

PolicyDecision explain_target(const EgressPolicy& policy, std::string_view host, std::uint16_t port) {
  const auto target = policy.admit_target(host, port);
  const auto parsed = parse_target(host);
  if (!target && target.error() == PolicyErrc::Port) return {false, port_refusal(port)};
  if (!parsed) return {false, PolicyRule::Name, parsed.error()};
  if (const auto* literal = std::get_if<IpAddress>(&*parsed)) return explain_address(policy, {*literal, port});
  return {true, policy.ports().allows(port) ? PolicyRule::PortListed : PolicyRule::PortExcepted};
}

}  // namespace footbridge::core
