// RelayAllowList: which relay URLs a proxy dials. Exactly those of its configuration or directory, whatever a broker
// says; of these, without allow_private_egress, only wss:// and never an address literal or a name of this machine that
// is not the public internet. What a name resolves to is checked by the dialler (DialLeg::allow_private).
// A directory also says at which UDP port a relay takes legs: then a broker does not choose that either. And it may
// name the key by which a relay without a domain proves itself. Immutable; may be shared by threads.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/private.hpp"
#include "wire/network.hpp"

namespace footbridge::core {

class RelayAllowList {
 public:
  using UdpPorts = std::map<std::string, std::uint16_t>;    // of each URL; 0: none
  using TlsPins = std::map<std::string, wire::SpkiSha256>;  // of those URLs that have one

  // Without `udp_ports` a broker says them.
  RelayAllowList(const std::vector<std::string>& urls, bool allow_private_egress,
                 std::optional<UdpPorts> udp_ports = std::nullopt, TlsPins tls_pins = {});

  // The URL to dial, with the token as its last path segment; nullopt: not one we dial.
  std::optional<Private<std::string>> dial_url(const Private<std::string>& relay_url,
                                               const Private<Bytes>& leg_token) const;
  // The port to dial for legs over UDP, of a URL that dial_url() allows; 0: no such leg.
  std::uint16_t udp_port(const Private<std::string>& relay_url, std::uint16_t told_by_broker) const;
  // The key that the relay's server has to show, of a URL that dial_url() allows; nullopt: any web site's proof will
  // do.
  std::optional<wire::SpkiSha256> tls_pin(const Private<std::string>& relay_url) const;
  bool allows_private() const { return allow_private_; }
  std::size_t size() const { return urls_.size(); }

 private:
  std::vector<std::string> urls_;  // only those that may be dialled at all
  bool allow_private_;
  std::optional<UdpPorts> udp_ports_;
  TlsPins tls_pins_;
};

}  // namespace footbridge::core
