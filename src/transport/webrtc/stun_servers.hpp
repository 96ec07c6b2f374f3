// Which STUN server the next link asks. libnice asks one per agent, so links take turns: a random one among those that
// answered last time, or else among those that have failed least lately. Of a list that is mostly dead one that lives
// is thus used as soon as anybody has found it. WebRTC thread only.
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
  // What gathering with it came to, or somebody's question.
  void report(const Endpoint& server, bool answered);

 private:
  static constexpr unsigned kMaxFailures = 8;  // counts are halved by a success, so old sins are forgotten
  struct Server {
    Endpoint endpoint;
    unsigned failures = 0;
    bool answered = false;  // last time
    unsigned rank() const { return answered ? 0 : 1 + failures; }
  };
  std::vector<Server> servers_;
};

}  // namespace footbridge::webrtc
