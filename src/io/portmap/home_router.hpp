// HomeRouter: where a machine behind a home router asks for a forwarded port. IPv4 only: over IPv6 there is no
// translation, and ICE opens the router's filter by itself from both sides.
#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "base/address.hpp"
#include "base/private.hpp"

namespace footbridge::io {

struct HomeRouter {
  Private<IpAddress> router;
  Private<IpAddress> own;  // ours on the way to it
};

// The default route's next hop with the lowest metric, and our address there. nullopt: there is no default route, or
// our own address is a public one: nothing translates it, and whoever is next there is no home router of ours; or what
// we send to the world leaves from another address, as behind a VPN with a table of routes of its own: the home router
// would forward to a home that our links do not come from, and must not be told.
std::optional<HomeRouter> find_home_router();

// For tests: the same from the text of /proc/net/route.
std::optional<IpAddress> default_gateway(std::string_view routes);
using SourceTowards = std::function<std::optional<IpAddress>(const IpAddress& peer)>;
std::optional<HomeRouter> home_router_of(std::string_view routes, const SourceTowards& source);
// Ours when we send to `peer`; nothing is sent. nullopt: no route.
std::optional<IpAddress> source_towards(const IpAddress& peer);

}  // namespace footbridge::io
