#include "io/default_route.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <netinet/in.h>
#include <sys/socket.h>
#include <utility>

#include "io/descriptor.hpp"
#include "io/raw_address.hpp"

namespace footbridge::io {
namespace {

constexpr std::uint16_t kAnyPort = 9;  // of a socket that sends nothing
// Of a block for documentation: routed like all the world, used by nobody.
const IpAddress kFar = IpAddress::v4(0xC0000201);
constexpr std::uint32_t kRouteUp = 1, kRouteGateway = 2, kRouteReject = 0x200;

std::string kernel_routes() {
  std::ifstream file("/proc/self/net/route");
  return {std::istreambuf_iterator<char>(file), {}};
}

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
std::vector<WorldRoute> world_routes_of(std::string_view routes) {
  std::vector<WorldRoute> out;
  while (!routes.empty()) {
    const auto end = std::min(routes.find('\n'), routes.size());
    const auto words = words_of(routes.substr(0, end));
    routes.remove_prefix(std::min(end + 1, routes.size()));
    if (words.size() < 8) continue;
    const auto destination = number(words[1], 16), gateway = number(words[2], 16), flags = number(words[3], 16);
    const auto metric = number(words[6], 10), mask = number(words[7], 16);
    if (!destination || !gateway || !flags || !metric || !mask || *destination != 0 || *mask != 0) continue;
    if ((*flags & kRouteUp) == 0 || (*flags & kRouteReject) != 0) continue;
    const bool next = (*flags & kRouteGateway) != 0 && *gateway != 0;
    out.push_back(
        {std::string(words[0]), next ? std::optional(IpAddress::v4(ntohl(*gateway))) : std::nullopt, *metric});
  }
  std::ranges::stable_sort(out, {}, &WorldRoute::metric);
  return out;
}

std::vector<WorldRoute> world_routes() { return world_routes_of(kernel_routes()); }

std::optional<NextHop> next_hop(std::string_view routes) {
  for (auto& way : world_routes_of(routes))
    if (way.router) return NextHop{*way.router, std::move(way.device)};
  return std::nullopt;
}

std::optional<IpAddress> source_towards(const IpAddress& peer) {
  const auto to = to_raw({peer, kAnyPort});
  const Descriptor socket(::socket(to.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket || ::connect(socket.get(), generic(to), length_of(to)) != 0) return std::nullopt;
  const auto own = bound_to(socket.get());
  return own ? std::optional(own->address) : std::nullopt;
}

std::optional<DefaultRoute> default_route_of(std::string_view routes, const SourceTowards& source) {
  const auto next = next_hop(routes);
  const auto own = next ? source(next->router) : std::nullopt;
  if (!own || source(kFar) != own) return std::nullopt;
  return DefaultRoute{Private(next->router), Private(*own), Private(next->device)};
}

std::optional<DefaultRoute> default_route() { return default_route_of(kernel_routes(), source_towards); }

}  // namespace footbridge::io
