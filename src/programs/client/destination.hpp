// Where an application wants to go, read from what its protocol says. Names stay names: they are resolved by the
// egress, never here. No I/O.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/address.hpp"
#include "wire/session_open.hpp"
#include "wire/socks5.hpp"

namespace footbridge::client {

// "host:port", "[v6]:port"; without a port when default_port is not 0. A literal becomes an address. nullopt: empty
// host, anything but letters, digits, '-', '.', '_' in a name, a bad port, or a name above 253 bytes.
std::optional<wire::Destination> parse_authority(std::string_view text, std::uint16_t default_port);

wire::Destination destination_of(const wire::SocksRequest& request);

// As in a Host header; the port is left out when it is `default_port`.
std::string authority_text(const wire::Destination& destination, std::uint16_t default_port);

// Is it this very proxy, under one of the names and addresses that lead back to it? Such a request would loop, or hand
// a page a way to ask whether we are here.
bool names_listener(const wire::Destination& destination, const Endpoint& listener);

}  // namespace footbridge::client
