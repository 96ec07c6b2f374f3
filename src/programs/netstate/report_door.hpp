// ReportDoor: where reporters come, POST /report and nothing else. What becomes of a batch is core's decision; who is
// behind a page hears it, too. With compatibility, reporters of Browsers Unbounded, as well (unbounded_door.hpp).
// Ownership: what it is given outlives it. Threads: the executor's one thread.
#pragma once

#include "programs/netstate/live_state.hpp"
#include "programs/netstate/netstate_metrics.hpp"
#include "programs/netstate/unbounded_door.hpp"
#include "transport/http/server.hpp"

namespace footbridge::netstate {

class ReportDoor final : public http::Handler {
 public:
  // `unbounded`: null without compatibility.
  ReportDoor(LiveState& live, NetstateMetrics& metrics, UnboundedDoor* unbounded)
      : live_(live), metrics_(metrics), unbounded_(unbounded) {}

  asio::awaitable<http::Response> handle(http::Request request) override;
  // Whether it has an answer to this request that is more than a decoy.
  bool serves(const http::Request& request) const;

 private:
  LiveState& live_;
  NetstateMetrics& metrics_;
  UnboundedDoor* unbounded_;
};

// The status of a batch, or of what one of Browsers Unbounded says.
unsigned status_of(core::BatchVerdict verdict);

}  // namespace footbridge::netstate
