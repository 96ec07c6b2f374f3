#include "programs/proxy/metered_hint.hpp"

#include <fstream>
#include <string_view>

#include "io/default_route.hpp"

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

}  // namespace

bool looks_metered(const std::string& device, const fs::path& root) {
  const auto about = root / "sys/class/net" / device / "uevent";
  const auto kind = value_in(about, "DEVTYPE");
  if (kind == "wwan" || kind == "bluetooth") return true;
  const auto index = value_in(about, "IFINDEX");
  if (index.empty()) return false;
  return value_in(root / "run/systemd/netif/leases" / index, "VENDOR_SPECIFIC").find(kMeteredLease) !=
         std::string::npos;
}

bool looks_metered() {
  const auto route = io::default_route();
  return route && looks_metered(route->device.reveal_to_socket(), "/");
}

}  // namespace footbridge::proxy
