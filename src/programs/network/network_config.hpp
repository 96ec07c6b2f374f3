// network.toml: what an operator wrote down about his network, and `footbridge network directory` signs. Tables
// [[broker]] with [[broker.address]], [[egress]] as `footbridge egress --descriptor-out` writes them, [stun] and
// [tactics]. What is wrong is an ops::UsageError of one line that names the place and what to do. Addresses are never
// repeated.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ops/values.hpp"
#include "wire/network.hpp"

namespace footbridge::network {

struct NetworkBroker {
  std::string name;
  std::vector<wire::BrokerAddress> addresses;
};

struct NetworkConfig {
  std::string name;  // wire::is_network_name()
  std::vector<NetworkBroker> brokers;
  std::vector<wire::EgressEntry> egresses;
  std::vector<Private<std::string>> stun_servers;
  wire::Tactics tactics;
  bool invites_needed = true;  // brokers ask for one; false: whoever has the obfuscation secret may come
};

// `text` is the file, `place` its name for errors.
NetworkConfig parse_network_config(std::string_view text, const std::string& place);

// The file for a new network, with comments that say how to go on. `tls_pin`: of all brokers, where nobody vouches for
// their certificate.
std::string new_network_config(const std::string& name, const std::vector<Private<ops::HttpUrl>>& broker_urls,
                               const std::optional<wire::SpkiSha256>& tls_pin = std::nullopt);

}  // namespace footbridge::network
