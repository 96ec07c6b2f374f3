// Where packets to the world leave this machine over IPv4: the next hop, and the address that they leave from.
//
// Errors: nullopt, also where the system says nothing. Threads: any.
#pragma once

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

// For tests: the same from the text of /proc/net/route.
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
