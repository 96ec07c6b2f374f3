// Is the proxy that we are behind of use? Goes the way that links will go: TCP, credentials, UDP ASSOCIATE, and where a
// STUN server is known, one of its answers back through the association. For start-up, before anybody waits for us.
//
// Bounds: kUpstreamLimit for the association, kProbeAnswerLimit for the datagrams. Cancelling ends it at once.
// Errors: who said no; io::advice() has the remedy. Threads: the executor's one thread.
#pragma once

#include <vector>

#include "base/rng.hpp"
#include "io/asio.hpp"
#include "io/upstream.hpp"

namespace footbridge::io {

inline constexpr Millis kProbeAnswerLimit{4'000};  // a name that the proxy has to look up, and three questions
inline constexpr Millis kProbeRetry{1'000};        // between two questions to all servers

// An answer of one of `stun_servers` is enough; without any, a granted association has to do. `rng` outlives it.
asio::awaitable<Status<UpstreamErrc>> probe_upstream(Upstream upstream,
                                                     std::vector<Private<wire::Destination>> stun_servers, Rng& rng);

}  // namespace footbridge::io
