#include "programs/client/client_metrics.hpp"

#include <string_view>
#include <utility>

namespace footbridge::client {

void add_client_metrics(observe::Registry& registry, std::function<ClientCounts()> count) {
  const auto gauge = [&](observe::MetricName name, std::string_view help, std::size_t ClientCounts::*field) {
    registry.gauge_from(name, help, [count, field] { return static_cast<double>(count().*field); });
  };
  gauge("footbridge_connect_connections", "Local connections of applications.", &ClientCounts::connections);
  gauge("footbridge_connect_networks", "Networks in use: one, or for tor one for each kind of bridge line.",
        &ClientCounts::networks);
  gauge("footbridge_connect_paths", "Paths that carry the session.", &ClientCounts::paths);
  gauge("footbridge_connect_paths_standby", "Of the paths, those that have nothing to carry.", &ClientCounts::standby);
  gauge("footbridge_connect_streams", "Streams to the egress, until it has confirmed their end.",
        &ClientCounts::streams);
}

void tell_status(StatusReport& report, const ClientCounts& counts) {
  report.count(StatusKey::Networks, counts.networks).count(StatusKey::Paths, counts.paths);
  report.count(StatusKey::StandbyPaths, counts.standby).count(StatusKey::Streams, counts.streams);
  report.count(StatusKey::Connections, counts.connections);
}

}  // namespace footbridge::client
