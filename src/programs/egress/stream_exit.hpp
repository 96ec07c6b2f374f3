// One stream's way out of the egress: its OPEN header, the limits and the policy, a TCP connection, OPENED, then bytes.
#pragma once

#include <memory>

#include "core/egress/stream_limits.hpp"
#include "io/asio.hpp"
#include "io/connector.hpp"
#include "io/session_stream.hpp"
#include "programs/egress/egress_metrics.hpp"

namespace footbridge::egress {

// A client sends its OPEN header with the first bytes of a stream; one that does not wastes a stream.
inline constexpr Seconds kOpenHeaderLimit{10};

// Runs as a child of the session, which outlives it together with limits, connector and metrics. Ends when the stream
// and the connection have ended, or on cancellation.
asio::awaitable<void> exit_stream(io::EgressConnector& connector, core::StreamLimits& limits, EgressMetrics& metrics,
                                  std::unique_ptr<io::SessionStream> stream);

}  // namespace footbridge::egress
