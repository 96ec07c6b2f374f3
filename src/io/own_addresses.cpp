#include "io/own_addresses.hpp"

#include <cerrno>
#include <cstring>
#include <ifaddrs.h>
#include <memory>
#include <netinet/in.h>
#include <string_view>
#include <sys/socket.h>
#include <system_error>

#include "io/raw_address.hpp"

namespace footbridge::io {
namespace {

using Interfaces = std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)>;

Interfaces interfaces() {
  ifaddrs* first = nullptr;
  if (::getifaddrs(&first) != 0) throw std::system_error(errno, std::generic_category(), "reading interface addresses");
  return {first, &::freeifaddrs};
}

std::optional<IpAddress> address_of(const ifaddrs& entry) {
  if (entry.ifa_addr == nullptr) return std::nullopt;
  const auto family = entry.ifa_addr->sa_family;
  if (family != AF_INET && family != AF_INET6) return std::nullopt;
  sockaddr_storage raw{};
  std::memcpy(&raw, entry.ifa_addr, family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6));
  return from_raw(raw)->address;
}

}  // namespace

std::vector<IpAddress> own_addresses() {
  const auto list = interfaces();
  std::vector<IpAddress> out;
  for (const auto* entry = list.get(); entry != nullptr; entry = entry->ifa_next)
    if (const auto address = address_of(*entry)) out.push_back(*address);
  return out;
}

std::optional<Private<std::string>> interface_of(const IpAddress& own) try {
  const auto list = interfaces();
  for (const auto* entry = list.get(); entry != nullptr; entry = entry->ifa_next) {
    if (address_of(*entry) != own) continue;
    const std::string_view label(entry->ifa_name);  // eth0:1 is an address of eth0
    return Private(std::string(label.substr(0, label.find(':'))));
  }
  return std::nullopt;
} catch (const std::system_error&) {
  return std::nullopt;
}

}  // namespace footbridge::io
