// HomeRouter: where a machine behind a home router asks for a forwarded port. IPv4 only: over IPv6 there is no
// translation, and ICE opens the router's filter by itself from both sides.
#pragma once

#include <optional>

#include "base/address.hpp"
#include "base/private.hpp"
#include "io/default_route.hpp"

namespace footbridge::io {

struct HomeRouter {
  Private<IpAddress> router;
  Private<IpAddress> own;  // ours on the way to it
};

// Of the default route (default_route.hpp): behind a VPN the home router would forward to a home that our links do not
// come from, and must not be told. nullopt: there is no such route, or our own address is a public one: nothing
// translates it, and whoever is next there is no home router of ours.
std::optional<HomeRouter> find_home_router();

// For tests.
std::optional<HomeRouter> home_router_of(const std::optional<DefaultRoute>& route);

}  // namespace footbridge::io
