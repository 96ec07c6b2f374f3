#include "transport/webrtc/own_subnets.hpp"

#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <ifaddrs.h>
#include <memory>
#include <netinet/in.h>
#include <optional>
#include <sys/socket.h>
#include <system_error>

namespace footbridge::webrtc {
namespace {

std::optional<Prefix> v4_prefix(const sockaddr* address, const sockaddr* mask) {
  sockaddr_in host{};
  sockaddr_in bits{};
  std::memcpy(&host, address, sizeof host);
  std::memcpy(&bits, mask, sizeof bits);
  const auto mask_bits = ntohl(bits.sin_addr.s_addr);
  return Prefix{IpAddress::v4(ntohl(host.sin_addr.s_addr) & mask_bits),
                static_cast<unsigned>(std::popcount(mask_bits))};
}

std::optional<Prefix> v6_prefix(const sockaddr* address, const sockaddr* mask) {
  sockaddr_in6 host{};
  sockaddr_in6 bits{};
  std::memcpy(&host, address, sizeof host);
  std::memcpy(&bits, mask, sizeof bits);
  std::array<std::uint8_t, 16> network{};
  unsigned length = 0;
  for (std::size_t i = 0; i < network.size(); ++i) {
    network[i] = static_cast<std::uint8_t>(host.sin6_addr.s6_addr[i] & bits.sin6_addr.s6_addr[i]);
    length += static_cast<unsigned>(std::popcount(bits.sin6_addr.s6_addr[i]));
  }
  return Prefix{IpAddress::v6(network), length};
}

}  // namespace

std::vector<Prefix> own_subnets() {
  ifaddrs* list = nullptr;
  if (getifaddrs(&list) != 0) throw std::system_error(errno, std::generic_category(), "interface addresses");
  const std::unique_ptr<ifaddrs, decltype(&freeifaddrs)> owner(list, &freeifaddrs);
  std::vector<Prefix> out;
  for (const auto* entry = list; entry != nullptr; entry = entry->ifa_next) {
    if (entry->ifa_addr == nullptr || entry->ifa_netmask == nullptr) continue;
    std::optional<Prefix> prefix;
    if (entry->ifa_addr->sa_family == AF_INET) prefix = v4_prefix(entry->ifa_addr, entry->ifa_netmask);
    if (entry->ifa_addr->sa_family == AF_INET6) prefix = v6_prefix(entry->ifa_addr, entry->ifa_netmask);
    if (prefix) out.push_back(*prefix);
  }
  return out;
}

}  // namespace footbridge::webrtc
