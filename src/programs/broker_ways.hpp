// The ways to our brokers, as options name them, made ready for RendezvousLine.
#pragma once

#include <vector>

#include "io/tls_client.hpp"
#include "programs/way_options.hpp"
#include "transport/http/route.hpp"

namespace footbridge {

// Every broker through every front, or every broker if there are no fronts. The options were checked.
std::vector<http::Route> broker_ways(const WayOptions& options);

// For the lines of one program. Throws ops::UsageError when --broker-ca cannot be used.
io::TlsClient broker_trust(const WayOptions& options);

}  // namespace footbridge
