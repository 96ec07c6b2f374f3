// Our Endpoint and the system's socket address, both ways. Thread: any.
#pragma once

#include <optional>
#include <sys/socket.h>

#include "base/address.hpp"

namespace footbridge::io {

sockaddr_storage to_raw(const Endpoint& endpoint);
socklen_t length_of(const sockaddr_storage& address);
inline const sockaddr* generic(const sockaddr_storage& address) { return reinterpret_cast<const sockaddr*>(&address); }
// nullopt: neither IPv4 nor IPv6.
std::optional<Endpoint> from_raw(const sockaddr_storage& address);
// Where a socket is bound; nullopt: nowhere.
std::optional<Endpoint> bound_to(int socket);

}  // namespace footbridge::io
