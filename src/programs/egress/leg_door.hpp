// LegDoor: what answers at the egress's public port. A request to become a relay leg whose last path segment is a
// valid, unused leg token gets a path; everything else gets the decoy, the same for every reason. A leg whose token
// names the shard of another worker goes there, so that all paths of a session meet on one thread. Ownership: what it
// is given outlives it; its paths are children of its scope. Threads: the executor's one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "io/relay_leg.hpp"
#include "io/task_scope.hpp"
#include "programs/egress/egress_metrics.hpp"
#include "programs/egress/leg_guard.hpp"
#include "programs/egress/receipt_desk.hpp"
#include "programs/egress/session_table.hpp"
#include "quic/identity.hpp"
#include "transport/http/server.hpp"

namespace footbridge::egress {

class LegDoor final : public http::Handler {
 public:
  // True: the leg belongs to another worker, which has moved from `upgrade`. False: it is ours.
  using HandOver = std::function<bool(const core::LegGrant& grant, io::HttpUpgrade& upgrade)>;

  LegDoor(asio::any_io_executor executor, LegGuard& guard, const quic::Identity& identity, SessionTable& sessions,
          Rng& rng, EgressMetrics& metrics, HandOver hand_over = nullptr, ReceiptDesk* receipts = nullptr);

  // http::Handler
  asio::awaitable<http::Response> handle(http::Request request) override;
  bool take_upgrade(io::HttpUpgrade& upgrade) override;

  // A leg that another worker's door admitted.
  void take_admitted(MatchId match, io::HttpUpgrade upgrade);

  // One that came over UDP; it has shown its token.
  void take_leg(std::unique_ptr<io::RelayLeg> leg, MatchId match, Private<Endpoint> peer);

  // No new legs from now on.
  void drain() { draining_ = true; }
  // Returns when every leg is gone: with its path, or dropped when `grace` is over.
  asio::awaitable<void> close(Duration grace);

 private:
  asio::awaitable<void> serve(io::HttpUpgrade upgrade, MatchId match);
  asio::awaitable<void> carry(std::unique_ptr<io::RelayLeg> leg, MatchId match, Private<Endpoint> peer);

  asio::any_io_executor executor_;
  LegGuard& guard_;
  const quic::Identity& identity_;
  SessionTable& sessions_;
  Rng& rng_;
  EgressMetrics& metrics_;
  HandOver hand_over_;
  ReceiptDesk* receipts_;  // null: nobody wants any
  bool draining_ = false;
  io::TaskScope legs_;
};

}  // namespace footbridge::egress
