#include "io/attached_network.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>

namespace footbridge::io {
namespace {

// Of routers that share an address with others: who stand in for each other (VRRP, HSRP, GLBP), and the software of
// virtual machines and containers.
constexpr std::array<std::string_view, 10> kOfMany{
    "00:00:5e:", "00:00:0c:07:ac:", "00:05:73:a0:", "00:07:b4:",  // VRRP, HSRP, HSRP for IPv6, GLBP
    "52:54:00:", "52:55:",          "02:42:",                     // QEMU and VirtualBox, its user networks, Docker
    "00:50:56:", "00:15:5d:",       "00:1c:42:",                  // VMware, Hyper-V, Parallels
};

// Columns: address, kind, flags, hardware address, mask, interface. Flag 2: the neighbour has answered.
std::optional<std::string_view> hardware_address(const DefaultRoute& route, std::string_view neighbours) {
  const auto router = route.router.reveal_to_socket().to_text();
  constexpr std::size_t kTextBytes = 17;  // of six bytes
  while (!neighbours.empty()) {
    const auto end = std::min(neighbours.find('\n'), neighbours.size());
    const auto words = words_of(neighbours.substr(0, end));
    neighbours.remove_prefix(std::min(end + 1, neighbours.size()));
    if (words.size() < 6 || words[0] != router || words[5] != route.device.reveal_to_socket()) continue;
    const bool answered = std::string_view("2367abef").find(words[2].back()) != std::string_view::npos;
    if (answered && words[3].size() == kTextBytes) return words[3];
  }
  return std::nullopt;
}

}  // namespace

std::optional<Private<std::string>> network_behind(const DefaultRoute& route, std::string_view neighbours) {
  const auto hardware = hardware_address(route, neighbours);
  if (!hardware || *hardware == "00:00:00:00:00:00") return std::nullopt;
  if (std::ranges::any_of(kOfMany, [&](std::string_view start) { return hardware->starts_with(start); }))
    return std::nullopt;
  return Private(route.router.reveal_to_socket().to_text() + " " + std::string(*hardware));
}

std::optional<Private<std::string>> attached_network() {
  const auto route = default_route();
  if (!route) return std::nullopt;
  std::ifstream file("/proc/self/net/arp");
  return network_behind(*route, std::string(std::istreambuf_iterator<char>(file), {}));
}

}  // namespace footbridge::io
