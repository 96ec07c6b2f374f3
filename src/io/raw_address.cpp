#include "io/raw_address.hpp"

#include <algorithm>
#include <cstring>
#include <netinet/in.h>

namespace footbridge::io {

sockaddr_storage to_raw(const Endpoint& endpoint) {
  sockaddr_storage out{};
  if (endpoint.address.is_v4()) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(endpoint.port);
    v4.sin_addr.s_addr = htonl(endpoint.address.v4_host_order());
    std::memcpy(&out, &v4, sizeof v4);
  } else {
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(endpoint.port);
    std::ranges::copy(endpoint.address.v6_bytes(), v6.sin6_addr.s6_addr);
    std::memcpy(&out, &v6, sizeof v6);
  }
  return out;
}

socklen_t length_of(const sockaddr_storage& address) {
  return address.ss_family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
}

std::optional<Endpoint> from_raw(const sockaddr_storage& address) {
  if (address.ss_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &address, sizeof v4);
    return Endpoint{IpAddress::v4(ntohl(v4.sin_addr.s_addr)), ntohs(v4.sin_port)};
  }
  if (address.ss_family != AF_INET6) return std::nullopt;
  sockaddr_in6 v6{};
  std::memcpy(&v6, &address, sizeof v6);
  std::array<std::uint8_t, 16> bytes{};
  std::copy_n(v6.sin6_addr.s6_addr, bytes.size(), bytes.begin());
  return Endpoint{IpAddress::v6(bytes), ntohs(v6.sin6_port)};
}

std::optional<Endpoint> bound_to(int socket) {
  sockaddr_storage out{};
  socklen_t bytes = sizeof out;
  if (getsockname(socket, reinterpret_cast<sockaddr*>(&out), &bytes) != 0) return std::nullopt;
  return from_raw(out);
}

}  // namespace footbridge::io
