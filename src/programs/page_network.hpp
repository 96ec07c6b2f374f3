// PageNetwork: what a volunteer in a page is told of its network, and the two forms of it: the config.json that
// web/packages/relay/src/config.ts reads, and the sources of a policy that lets the page reach these and nobody else.
// A value; any thread. It holds the network's secret: who gets the file can tell the network's brokers from web sites.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/private.hpp"
#include "crypto/secret_key.hpp"
#include "programs/page_reporter.hpp"
#include "wire/network.hpp"

namespace footbridge {

struct PageNetwork {
  struct Broker {
    Private<std::string> url;
    std::vector<wire::BrokerKey> keys;  // none: what is said to it is plain
  };
  std::vector<Broker> brokers;
  std::optional<crypto::SecretKey> secret;  // of a network whose brokers have keys
  std::vector<Private<std::string>> relays;
  std::vector<Private<std::string>> stun;  // host:port
  std::optional<PageReporter> reporter;    // nullopt: nobody is told how a page is
  bool allow_private = false;              // links and legs inside one machine
};

// Of a directory: who is vouched for as web sites are. A page sees no pinned key and knows no front.
PageNetwork page_network(const wire::Directory& directory, crypto::SecretKey secret);

std::string page_config_json(const PageNetwork& network);
// The sources of connect-src: each server once, no paths.
std::string page_sources(const PageNetwork& network);

}  // namespace footbridge
