// Where packets to the world leave this machine: the address that they leave from, and over IPv4 interface and next
// hop.
//
// Errors: nullopt, also where the system says nothing. Threads: any.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.hpp"
#include "base/private.hpp"

namespace footbridge::io {

struct DefaultRoute {
  Private<IpAddress> router;
  Private<IpAddress> own;       // ours on the way to it
  Private<std::string> device;  // the interface
};

// The default route with the lowest metric. nullopt: there is none with a next hop; or what we send to the world
// leaves from another address, as behind a VPN with a table of routes of its own.
std::optional<DefaultRoute> default_route();

// A way to all the world over IPv4 that the machine has, whether packets take it or not.
struct WorldRoute {
  std::string device;
  std::optional<IpAddress> router;  // nullopt: none is needed, as over a modem
  std::uint32_t metric = 0;
};
// The lowest metric first.
std::vector<WorldRoute> world_routes();

// For tests: the same from the text of the kernel's table.
std::vector<WorldRoute> world_routes_of(std::string_view routes);
struct NextHop {
  IpAddress router;
  std::string device;
};
std::optional<NextHop> next_hop(std::string_view routes);
using SourceTowards = std::function<std::optional<IpAddress>(const IpAddress& peer)>;
std::optional<DefaultRoute> default_route_of(std::string_view routes, const SourceTowards& source);

// Ours when we send to `peer`; nothing is sent. nullopt: no route.
std::optional<IpAddress> source_towards(const IpAddress& peer);

// Of a line of the kernel's tables.
std::vector<std::string_view> words_of(std::string_view line);

}  // namespace footbridge::io
