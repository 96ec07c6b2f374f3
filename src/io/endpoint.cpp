#include "io/endpoint.hpp"

#include <algorithm>
#include <boost/asio/ip/address_v4.hpp>
#include <boost/asio/ip/address_v6.hpp>

namespace footbridge::io {

asio::ip::address to_asio(const IpAddress& address) {
  if (address.is_v4()) return asio::ip::address_v4(address.v4_host_order());
  asio::ip::address_v6::bytes_type bytes;
  std::copy(address.v6_bytes().begin(), address.v6_bytes().end(), bytes.begin());
  return asio::ip::address_v6(bytes);
}

IpAddress from_asio(const asio::ip::address& address) {
  if (address.is_v4()) return IpAddress::v4(address.to_v4().to_uint());
  const auto v6 = address.to_v6();
  const auto from = v6.to_bytes();
  std::array<std::uint8_t, 16> bytes{};
  std::copy(from.begin(), from.end(), bytes.begin());
  if (!v6.is_v4_mapped()) return IpAddress::v6(bytes);
  return IpAddress::v4(static_cast<std::uint32_t>(bytes[12]) << 24 | static_cast<std::uint32_t>(bytes[13]) << 16 |
                       static_cast<std::uint32_t>(bytes[14]) << 8 | bytes[15]);
}

tcp::endpoint to_tcp(const Endpoint& endpoint) { return {to_asio(endpoint.address), endpoint.port}; }
asio::ip::udp::endpoint to_udp(const Endpoint& endpoint) { return {to_asio(endpoint.address), endpoint.port}; }
Endpoint from_asio(const tcp::endpoint& endpoint) { return {from_asio(endpoint.address()), endpoint.port()}; }
Endpoint from_asio(const asio::ip::udp::endpoint& endpoint) { return {from_asio(endpoint.address()), endpoint.port()}; }

}  // namespace footbridge::io
