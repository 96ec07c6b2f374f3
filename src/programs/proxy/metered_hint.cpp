#include "programs/proxy/metered_hint.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <optional>
#include <string_view>

#include "io/own_addresses.hpp"

namespace footbridge::proxy {
namespace {

namespace fs = std::filesystem;

// "ANDROID_METERED" as networkd writes the bytes of option 43.
constexpr std::string_view kMeteredLease = "414e44524f49445f4d455445524544";
constexpr std::size_t kMostChars = 4096;  // of a line; these files have short ones

// The value of the line `key`=…; empty: there is none.
std::string value_in(const fs::path& file, std::string_view key) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line) && line.size() < kMostChars;)
    if (line.starts_with(key) && line.substr(key.size(), 1) == "=") return line.substr(key.size() + 1);
  return {};
}

// The kernel's number for an interface without addresses of hardware, as a VPN's is.
constexpr std::string_view kNoHardware = "65534";
// Of blocks for documentation: routed like all the world, used by nobody.
const IpAddress kFarV4 = IpAddress::v4(0xC0000201);
const IpAddress kFarV6 = IpAddress::v6({0x20, 0x01, 0x0D, 0xB8});

// Who manages the network knows better than we can see: a person may have told him.
std::optional<bool> told(const std::string& device, const fs::path& root) {
  std::ifstream in(root / "run/footbridge-metered" / device);
  std::string word;
  std::getline(in, word);
  if (word == "yes") return true;
  if (word == "no") return false;
  return std::nullopt;
}

bool costs(const std::string& device, const fs::path& root) {
  if (const auto word = told(device, root)) return *word;
  const auto about = root / "sys/class/net" / device / "uevent";
  const auto kind = value_in(about, "DEVTYPE");
  if (kind == "wwan" || kind == "bluetooth") return true;
  const auto index = value_in(about, "IFINDEX");
  if (index.empty()) return false;
  return value_in(root / "run/systemd/netif/leases" / index, "VENDOR_SPECIFIC").find(kMeteredLease) !=
         std::string::npos;
}

bool is_vpn(const std::string& device, const fs::path& root) {
  std::ifstream in(root / "sys/class/net" / device / "type");
  std::string type;
  return std::getline(in, type) && type == kNoHardware;
}

std::optional<IpAddress> source(const io::LocalAddresses& local, Family family) {
  if (!local.admits(family)) return std::nullopt;
  if (const auto own = local.towards(family)) return own;
  return io::source_towards(family == Family::V4 ? kFarV4 : kFarV6);
}

}  // namespace

bool looks_metered(const std::string& device, const std::vector<io::WorldRoute>& routes, const fs::path& root) {
  if (costs(device, root)) return true;
  if (!is_vpn(device, root)) return false;
  const auto own = std::ranges::find_if(routes, [&](const io::WorldRoute& route) {
    return route.device != device && (costs(route.device, root) || !is_vpn(route.device, root));
  });
  return own != routes.end() && costs(own->device, root);
}

bool looks_metered(const io::LocalAddresses& local) {
  const auto routes = io::world_routes();
  return std::ranges::any_of(std::array{Family::V4, Family::V6}, [&](Family family) {
    const auto own = source(local, family);
    const auto device = own ? io::interface_of(*own) : std::nullopt;
    return device && looks_metered(device->reveal_to_socket(), routes, "/");
  });
}

}  // namespace footbridge::proxy
