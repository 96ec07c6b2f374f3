// Which STUN server the next link asks. libnice asks one per agent, so links take turns: a random one among those that
// have failed least lately. Servers that do not answer are thus passed over while others do.
// WebRTC thread only.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "base/address.hpp"

namespace footbridge::webrtc {

class StunServers {
 public:
  // IPv4 servers are preferred: a global IPv6 address needs no server to be known.
  explicit StunServers(const std::vector<Endpoint>& servers);

  // nullopt: none configured. `draw` is any random number.
  std::optional<Endpoint> choose(std::size_t draw) const;
  // What gathering with it came to.
  void report(const Endpoint& server, bool answered);

 private:
  static constexpr unsigned kMaxFailures = 8;  // counts are halved by a success, so old sins are forgotten
  struct Server {
    Endpoint endpoint;
    unsigned failures = 0;
  };
  std::vector<Server> servers_;
};

}  // namespace footbridge::webrtc
