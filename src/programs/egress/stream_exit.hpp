// One stream's way out of the egress: its OPEN header, the limits, the policy and a TCP connection, or the bridge
// behind the egress, OPENED, then bytes.
#pragma once

#include <memory>
#include <optional>

#include "base/address.hpp"
#include "base/private.hpp"
#include "base/rng.hpp"
#include "core/egress/stream_limits.hpp"
#include "io/asio.hpp"
#include "io/connector.hpp"
#include "io/session_stream.hpp"
#include "programs/egress/bridge.hpp"
#include "programs/egress/egress_metrics.hpp"

namespace footbridge::egress {

// A client sends its OPEN header with the first bytes of a stream; one that does not wastes a stream.
inline constexpr Seconds kOpenHeaderLimit{10};

// What the streams of all sessions of a worker share.
struct StreamServices {
  io::EgressConnector connector;
  const Bridge* bridge;  // null: there is none
  Rng& rng;
  EgressMetrics& metrics;
};

// Runs as a child of the session, which outlives it together with services and limits. `came_from`: where the session
// came from, for the bridge. Ends when the stream and the connection have ended, or on cancellation.
asio::awaitable<void> exit_stream(StreamServices& services, core::StreamLimits& limits,
                                  std::optional<Private<Endpoint>> came_from,
                                  std::unique_ptr<io::SessionStream> stream);

}  // namespace footbridge::egress
