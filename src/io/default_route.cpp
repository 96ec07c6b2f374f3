#include "io/default_route.hpp"

#include <charconv>
#include <fstream>
#include <iterator>
#include <netinet/in.h>
#include <sys/socket.h>

#include "io/descriptor.hpp"

namespace footbridge::io {
namespace {

constexpr std::uint16_t kAnyPort = 9;  // of a socket that sends nothing
// Of a block for documentation: routed like all the world, used by nobody.
const IpAddress kFar = IpAddress::v4(0xC0000201);
constexpr std::uint32_t kRouteUp = 1, kRouteGateway = 2;

std::optional<std::uint32_t> number(std::string_view text, int base) {
  std::uint32_t value = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc() || stop != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> out;
  while (!line.empty()) {
    const auto begin = line.find_first_not_of(" \t");
    if (begin == std::string_view::npos) break;
    line.remove_prefix(begin);
    const auto end = std::min(line.find_first_of(" \t"), line.size());
    out.push_back(line.substr(0, end));
    line.remove_prefix(end);
  }
  return out;
}

// Columns: interface, destination, gateway, flags, two counters, metric, mask; addresses as the kernel keeps them.
std::optional<NextHop> next_hop(std::string_view routes) {
  std::optional<NextHop> best;
  std::uint32_t best_metric = UINT32_MAX;
  while (!routes.empty()) {
    const auto end = std::min(routes.find('\n'), routes.size());
    const auto words = words_of(routes.substr(0, end));
    routes.remove_prefix(std::min(end + 1, routes.size()));
    if (words.size() < 8) continue;
    const auto destination = number(words[1], 16), gateway = number(words[2], 16), flags = number(words[3], 16);
    const auto metric = number(words[6], 10), mask = number(words[7], 16);
    if (!destination || !gateway || !flags || !metric || !mask || *destination != 0 || *mask != 0) continue;
    if ((*flags & kRouteUp) == 0 || (*flags & kRouteGateway) == 0 || *gateway == 0) continue;
    if (best && *metric >= best_metric) continue;
    best = NextHop{IpAddress::v4(ntohl(*gateway)), std::string(words[0])};
    best_metric = *metric;
  }
  return best;
}

std::optional<IpAddress> source_towards(const IpAddress& peer) {
  if (!peer.is_v4()) return std::nullopt;
  const Descriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(kAnyPort);
  to.sin_addr.s_addr = htonl(peer.v4_host_order());
  sockaddr_in own{};
  socklen_t length = sizeof own;
  if (!socket || ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0 ||
      ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&own), &length) != 0)
    return std::nullopt;
  return IpAddress::v4(ntohl(own.sin_addr.s_addr));
}

std::optional<DefaultRoute> default_route_of(std::string_view routes, const SourceTowards& source) {
  const auto next = next_hop(routes);
  const auto own = next ? source(next->router) : std::nullopt;
  if (!own || source(kFar) != own) return std::nullopt;
  return DefaultRoute{Private(next->router), Private(*own), Private(next->device)};
}

std::optional<DefaultRoute> default_route() {
  std::ifstream file("/proc/self/net/route");
  return default_route_of(std::string(std::istreambuf_iterator<char>(file), {}), source_towards);
}

}  // namespace footbridge::io
