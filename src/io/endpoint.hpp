// Our Endpoint and Asio's, both ways. An IPv4-mapped IPv6 address becomes the IPv4 address it is.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/udp.hpp>

#include "base/address.hpp"
#include "io/asio.hpp"

namespace footbridge::io {

asio::ip::address to_asio(const IpAddress& address);
IpAddress from_asio(const asio::ip::address& address);

tcp::endpoint to_tcp(const Endpoint& endpoint);
asio::ip::udp::endpoint to_udp(const Endpoint& endpoint);
Endpoint from_asio(const tcp::endpoint& endpoint);
Endpoint from_asio(const asio::ip::udp::endpoint& endpoint);

}  // namespace footbridge::io
