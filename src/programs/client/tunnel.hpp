// Tunnel: the one thing that the local conversations need of everything behind them. A port: the program passes
// SessionTunnel (session_tunnel.hpp), tests a tunnel of their own.
//
// Threads: the executor's one thread.
#pragma once

#include <memory>
#include <string>

#include "base/result.hpp"
#include "base/time.hpp"
#include "io/asio.hpp"
#include "io/session_stream.hpp"
#include "programs/client/flow_desk.hpp"
#include "programs/client/open_failure.hpp"
#include "wire/session_open.hpp"

namespace footbridge::client {

using OpenedAssociation = Result<std::unique_ptr<Association>, OpenFailure>;
using OpenedStream = Result<std::unique_ptr<io::SessionStream>, OpenFailure>;

class Tunnel {
 public:
  virtual ~Tunnel() = default;
  // A stream whose far end is connected to the destination; its next bytes are the destination's. Waits for a way out
  // until the deadline. Names travel as they are. Cancelling ends the wait at once.
  virtual asio::awaitable<OpenedStream> open(wire::Destination destination, TimePoint deadline) = 0;
  // The same to the Tor bridge behind the egress, wherever that is.
  virtual asio::awaitable<OpenedStream> open_bridge(TimePoint deadline) = 0;
  // A UDP association; waits for a way out as open() does. `events` outlives it.
  virtual asio::awaitable<OpenedAssociation> associate(AssociationEvents& events, TimePoint deadline) = 0;
  // What to tell the person: the failure, and what is wrong at this moment where that explains it.
  virtual std::string explain(OpenFailure failure) const = 0;
};

}  // namespace footbridge::client
