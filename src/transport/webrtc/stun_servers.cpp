#include "transport/webrtc/stun_servers.hpp"

#include <algorithm>

namespace footbridge::webrtc {

StunServers::StunServers(const std::vector<Endpoint>& servers) {
  const bool any_v4 = std::any_of(servers.begin(), servers.end(), [](const Endpoint& e) { return e.address.is_v4(); });
  for (const auto& endpoint : servers)
    if (endpoint.address.is_v4() == any_v4) servers_.push_back({endpoint, 0});
}

std::optional<Endpoint> StunServers::choose(std::size_t draw) const {
  if (servers_.empty()) return std::nullopt;
  const auto best = std::ranges::min(servers_, {}, &Server::rank).rank();
  const auto is_best = [best](const Server& s) { return s.rank() == best; };
  auto skip = draw % static_cast<std::size_t>(std::count_if(servers_.begin(), servers_.end(), is_best));
  for (const auto& server : servers_)
    if (is_best(server) && skip-- == 0) return server.endpoint;
  return std::nullopt;
}

void StunServers::report(const Endpoint& server, bool answered) {
  for (auto& known : servers_) {
    if (known.endpoint != server) continue;
    known.answered = answered;
    known.failures = answered ? known.failures / 2 : std::min(known.failures + 1, kMaxFailures);
  }
}

}  // namespace footbridge::webrtc
