// Options of `footbridge egress`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "programs/common_options.hpp"
#include "programs/reporter_options.hpp"
#include "programs/way_options.hpp"
#include "programs/web_face_options.hpp"

namespace footbridge::egress {

enum class UdpPreset : std::uint8_t { Web, Off, Custom };
// Off: nobody reaches anything but the bridge behind it.
enum class PolicyPreset : std::uint8_t { Web, Reduced, Custom, Off };

struct EgressOptions {
  CommonOptions common;
  WayOptions brokers;                    // that hear of us; none: nobody does
  std::optional<ops::FilePath> network;  // all brokers of its directory hear of us, sealed
  Endpoint listen = ops::loopback(8901);
  WebFaceOptions face;
  std::string id = "egress";
  std::optional<Private<ops::WsUrl>> relay_url;  // how proxies reach us; goes into the descriptor
  std::optional<ops::FilePath> identity_file;    // PEM, Ed25519
  bool create = false;                           // make the identity and leg key files when absent, mode 0600
  std::optional<ops::FilePath> leg_key_file;
  std::optional<ops::FilePath> descriptor_out;
  PolicyPreset policy = PolicyPreset::Web;
  std::vector<ops::PortRange> allow_ports;  // with PolicyPreset::Custom
  UdpPreset udp = UdpPreset::Web;
  std::vector<ops::PortRange> udp_ports;  // with UdpPreset::Custom
  std::vector<Prefix> deny_prefix;
  std::vector<Private<Endpoint>> allow_destination;  // demo and tests only
  std::uint64_t max_sessions = 1'000;                // at 1 MiB typical: 1 GiB, the budget of one egress
  std::optional<std::uint64_t> relay_udp_port;       // nullopt: no UDP legs
  std::optional<std::uint64_t> workers;              // nullopt: one per core
  std::optional<Private<Endpoint>> or_port;          // of the Tor bridge behind it
  std::optional<Private<Endpoint>> ext_or_port;      // of the same, and preferred; with auth_cookie_file
  std::optional<ops::FilePath> auth_cookie_file;
  ReporterOptions reporter;
};

ops::OptionTable option_table(EgressOptions& options);
void check(const EgressOptions& options);

}  // namespace footbridge::egress
