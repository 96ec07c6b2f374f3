// Which rule of an EgressPolicy decides about a destination, for an operator who asks why. The decision itself is the
// policy's own: explain_…() asks it, and only then looks for the reason, so that an explanation cannot differ from what
// an egress does. No I/O; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/address.hpp"
#include "core/egress/egress_policy.hpp"

namespace footbridge::core {

enum class PolicyRule : std::uint8_t {
  PortListed,    // the port is one of the policy's; for a name, its addresses are judged next
  PortNever,     // refused by every policy
  PortUnlisted,  // not one of the policy's
  PortExcepted,  // not one of them, but some exact exception has it: only that address will pass
  Name,          // not a name that may be looked up: TargetErrc says why
  Public,        // an address of the public internet
  Exception,     // an exact exception
  Own,           // this host's own address
  DenyPrefix,    // a block of the operator's list
  Special,       // not the public internet
  Embedded,      // carries or hides an IPv4 address that is refused
};
inline constexpr std::size_t kPolicyRules = 11;

struct PolicyWords {
  std::string_view name;    // of the rule, for scripts
  std::string_view says;    // completes "allowed:" or "refused:"
  std::string_view option;  // what to change, as in the file: "policy.preset"; empty: nothing changes it
};
PolicyWords words(PolicyRule rule);
// One clause each.
std::string_view explanation(TargetErrc error);

struct PolicyDecision {
  bool allowed = false;
  PolicyRule rule = PolicyRule::PortUnlisted;
  std::optional<TargetErrc> name_error = std::nullopt;  // with Name
  std::optional<Prefix> prefix = std::nullopt;          // with DenyPrefix
};

// What is known before anything is looked up. Of an address literal that is everything.
PolicyDecision explain_target(const EgressPolicy& policy, std::string_view host, std::uint16_t port);
// Of one address that a name has.
PolicyDecision explain_address(const EgressPolicy& policy, const Endpoint& destination);

}  // namespace footbridge::core
