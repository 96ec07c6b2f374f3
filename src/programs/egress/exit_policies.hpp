// What the options say about where streams and flows may go. Throws ops::UsageError when a list is too long.
#pragma once

#include <functional>
#include <optional>

#include "core/egress/egress_policy.hpp"
#include "programs/egress/bridge.hpp"
#include "programs/egress/egress_options.hpp"

namespace footbridge::egress {

core::EgressPolicy exit_policy(const EgressOptions& options);
// nullopt: no UDP leaves here.
std::optional<core::EgressPolicy> udp_exit_policy(const EgressOptions& options);
// nullopt: no bridge is behind it.
std::optional<Bridge> bridge_of(const EgressOptions& options, std::function<void(BridgeErrc)> on_failure);

}  // namespace footbridge::egress
