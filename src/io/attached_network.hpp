// Which network this machine is attached to: told by its router, which has two addresses, one of them its own in all
// the world. Better not told than taken for another: nullopt where there is no router that we have spoken with, where
// the world is reached by another way (a VPN), and where the router's address is one that many have, as routers that
// are software of the machine's own host do: they go wherever it goes. IPv4 only.
//
// Nothing is sent. Threads: any.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/private.hpp"
#include "io/default_route.hpp"

namespace footbridge::io {

// The same text in the same network. To be hashed with a secret, and never written down.
std::optional<Private<std::string>> attached_network();

// For tests: from the text of /proc/self/net/arp.
std::optional<Private<std::string>> network_behind(const DefaultRoute& route, std::string_view neighbours);

}  // namespace footbridge::io
