#include "core/proxy/relay_allow_list.hpp"

#include <algorithm>
#include <utility>

#include "base/encoding.hpp"
#include "core/egress/address_policy.hpp"
#include "wire/url.hpp"

namespace footbridge::core {
namespace {

bool names_this_machine(const std::string& host) { return host == "localhost" || host.ends_with(".localhost"); }

bool may_be_dialled(const std::string& text, bool allow_private) {
  const auto url = wire::parse_url(text);
  if (!url || text.ends_with('/') || text.find('?') != std::string::npos) return false;
  if (url->scheme != wire::UrlScheme::Wss && url->scheme != wire::UrlScheme::Ws) return false;
  if (allow_private) return true;
  const auto& host = url->host.reveal_to_socket();
  if (url->scheme != wire::UrlScheme::Wss || names_this_machine(host)) return false;
  const auto address = IpAddress::parse(host);
  return !address || registry_verdict(*address) == AddressVerdict::Allowed;
}

}  // namespace

RelayAllowList::RelayAllowList(const std::vector<std::string>& urls, bool allow_private_egress,
                               std::optional<UdpPorts> udp_ports, TlsPins tls_pins)
    : allow_private_(allow_private_egress), udp_ports_(std::move(udp_ports)), tls_pins_(std::move(tls_pins)) {
  for (const auto& url : urls)
    if (may_be_dialled(url, allow_private_) && std::find(urls_.begin(), urls_.end(), url) == urls_.end())
      urls_.push_back(url);
}

std::optional<Private<std::string>> RelayAllowList::dial_url(const Private<std::string>& relay_url,
                                                             const Private<Bytes>& leg_token) const {
  const auto& text = relay_url.reveal_to_socket();
  if (std::find(urls_.begin(), urls_.end(), text) == urls_.end()) return std::nullopt;
  return Private<std::string>(text + '/' + encode_base64url(leg_token.reveal_to_socket()));
}

std::uint16_t RelayAllowList::udp_port(const Private<std::string>& relay_url, std::uint16_t told_by_broker) const {
  if (!udp_ports_) return told_by_broker;
  const auto listed = udp_ports_->find(relay_url.reveal_to_socket());
  // Another one is a lie or an old directory; the relay is reached over WebSocket then.
  return listed != udp_ports_->end() && listed->second == told_by_broker ? told_by_broker : std::uint16_t{0};
}

std::optional<wire::SpkiSha256> RelayAllowList::tls_pin(const Private<std::string>& relay_url) const {
  const auto found = tls_pins_.find(relay_url.reveal_to_socket());
  return found != tls_pins_.end() ? std::optional(found->second) : std::nullopt;
}

}  // namespace footbridge::core
