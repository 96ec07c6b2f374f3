#include "io/portmap/igd.hpp"

#include <array>
#include <cstdlib>
#include <miniupnpc/miniupnpc.h>
#include <miniupnpc/upnpcommands.h>
#include <miniupnpc/upnperrors.h>
#include <string>
#include <utility>

#include "wire/url.hpp"

namespace footbridge::io {
namespace {

using core::MapFailure;

constexpr int kMulticastWaitMs = 2'000;      // devices spread their answers over the MX that we ask for
constexpr unsigned char kMulticastHops = 2;  // what the UPnP architecture asks for
constexpr int kMaxTried = 4;                 // descriptions at the router's address; it has one, sometimes two
constexpr int kConflict = 718;               // another client has that port (IGD 1, table 2.4.16)
constexpr int kConflictWithOther = 729;      // IGD 2: with a mapping of another mechanism

// What the router's own page shows: whoever looks there shall know what this is.
constexpr const char* kDescription = "Footbridge";

struct FreeDevices {
  void operator()(UPNPDev* list) const { freeUPNPDevlist(list); }
};
using Devices = std::unique_ptr<UPNPDev, FreeDevices>;

bool is_at(const char* url, const IpAddress& router) {
  if (url == nullptr) return false;
  const auto parsed = wire::parse_url(url);
  if (!parsed) return false;
  return IpAddress::parse(parsed->host.reveal_to_socket()) == router;
}

}  // namespace

struct Igd::Parts {
  UPNPUrls urls{};
  IGDdatas data{};
  std::string own;  // our address as text, for the router

  ~Parts() { FreeUPNPUrls(&urls); }
};

Igd::Igd(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Igd::~Igd() = default;

std::unique_ptr<Igd> Igd::find(const HomeRouter& home) {
  const auto& router = home.router.reveal_to_socket();
  const auto own = home.own.reveal_to_socket().to_text();
  int error = UPNPDISCOVER_SUCCESS;
  const Devices devices(
      upnpDiscover(kMulticastWaitMs, own.c_str(), nullptr, UPNP_LOCAL_PORT_ANY, 0, kMulticastHops, &error));
  int tried = 0;
  for (const auto* device = devices.get(); device != nullptr && tried < kMaxTried; device = device->pNext) {
    if (!is_at(device->descURL, router)) continue;
    ++tried;
    auto parts = std::make_unique<Parts>();
    std::array<char, 64> lan{};
    if (UPNP_GetIGDFromUrl(device->descURL, &parts->urls, &parts->data, lan.data(), static_cast<int>(lan.size())) != 1)
      continue;
    if (!is_at(parts->urls.controlURL, router) || parts->data.first.servicetype[0] == '\0') continue;
    parts->own = own;
    return std::unique_ptr<Igd>(new Igd(std::move(parts)));
  }
  return nullptr;
}

PortMapWay::Answer Igd::map(const core::PortLeases::Question& question) {
  const auto* const control = parts_->urls.controlURL;
  const auto* const service = parts_->data.first.servicetype;
  const auto local = std::to_string(question.local_port);
  const auto port = question.held ? question.held->reveal_to_socket().port : question.local_port;
  const auto outside = std::to_string(port);
  if (question.lifetime == Seconds{0}) {
    if (UPNP_DeletePortMapping(control, service, outside.c_str(), "UDP", nullptr) != UPNPCOMMAND_SUCCESS)
      return MapFailure::Refused;
    return PortMapWay::Grant{};
  }
  const auto lease = std::to_string(question.lifetime.count());
  const int result = UPNP_AddPortMapping(control, service, outside.c_str(), local.c_str(), parts_->own.c_str(),
                                         kDescription, "UDP", nullptr, lease.c_str());
  if (result == kConflict || result == kConflictWithOther) return MapFailure::Taken;
  // Among the refusals is 725, a router that knows no leases: a mapping for ever would outlive a killed process.
  if (result != UPNPCOMMAND_SUCCESS) return result > 0 ? MapFailure::Refused : MapFailure::Silent;
  std::array<char, 64> address{};
  std::optional<IpAddress> external;
  if (UPNP_GetExternalIPAddress(control, service, address.data()) == UPNPCOMMAND_SUCCESS)
    external = IpAddress::parse(address.data());
  if (!external) {
    UPNP_DeletePortMapping(control, service, outside.c_str(), "UDP", nullptr);
    return MapFailure::Unusable;
  }
  return PortMapWay::Grant{Private(Endpoint{*external, port}), question.lifetime};
}

}  // namespace footbridge::io
