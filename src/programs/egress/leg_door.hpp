// LegDoor: what answers at the egress's public port. A request to become a relay leg whose last path segment is a
// valid, unused leg token gets a path; everything else gets the decoy, the same for every reason. Ownership: what it is
// given outlives it; its paths are children of its scope. Threads: the executor's one thread.
#pragma once

#include "core/rendezvous/leg_token_guard.hpp"
#include "io/task_scope.hpp"
#include "programs/egress/session_table.hpp"
#include "quic/identity.hpp"
#include "transport/http/server.hpp"

namespace footbridge::egress {

class LegDoor final : public http::Handler {
 public:
  LegDoor(asio::any_io_executor executor, core::LegTokenGuard& guard, const quic::Identity& identity,
          SessionTable& sessions, Rng& rng, EgressMetrics& metrics);

  // http::Handler
  asio::awaitable<http::Response> handle(http::Request request) override;
  bool take_upgrade(io::HttpUpgrade& upgrade) override;

  // No new legs from now on.
  void drain() { draining_ = true; }
  // Returns when every leg is gone: with its path, or dropped when `grace` is over.
  asio::awaitable<void> close(Duration grace);

 private:
  asio::awaitable<void> serve(io::HttpUpgrade upgrade, MatchId match);

  asio::any_io_executor executor_;
  core::LegTokenGuard& guard_;
  const quic::Identity& identity_;
  SessionTable& sessions_;
  Rng& rng_;
  EgressMetrics& metrics_;
  bool draining_ = false;
  io::TaskScope legs_;
};

}  // namespace footbridge::egress
