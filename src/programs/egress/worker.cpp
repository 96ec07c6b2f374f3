#include "programs/egress/worker.hpp"

#include <utility>

#include "base/assert.hpp"

namespace footbridge::egress {
namespace {

// After the sessions said goodbye, what their legs get for it: one WebSocket close and a retransmission.
constexpr Millis kGoodbye{800};

}  // namespace

Worker::Worker(asio::any_io_executor executor, const Parts& parts, io::ListenOptions listen,
               std::optional<UdpOptions> udp, LegDoor::HandOver hand_over,
               std::function<void(std::exception_ptr)> on_failure)
    : resolver_(executor),
      stream_services_{.connector = {executor, resolver_, parts.policy},
                       .bridge = parts.bridge,
                       .rng = rng_,
                       .metrics = parts.metrics},
      flow_services_{.connector = {executor, resolver_, parts.udp_policy != nullptr ? *parts.udp_policy : parts.policy},
                     .budget = parts.budget,
                     .offered = parts.udp_policy != nullptr},
      sessions_(executor, stream_services_, flow_services_, parts.budget),
      door_(executor, parts.guard, parts.identity, sessions_, rng_, parts.metrics, std::move(hand_over),
            parts.receipts),
      server_(executor, listen, door_, parts.face),
      scope_(executor, "server", std::move(on_failure)) {
  if (!udp) return;
  FB_ASSERT(listen.table != nullptr);
  udp_gate_.emplace(udp->worker, udp->ports, parts.guard, *listen.table, door_, parts.metrics);
  udp_.emplace(executor, udp->address, parts.cookies, *udp_gate_, rng_);
}

void Worker::start() {
  scope_.spawn(server_.run());
  if (udp_) udp_->start();
}

asio::awaitable<void> Worker::drain(Duration grace) {
  server_.drain();
  door_.drain();
  if (udp_) udp_->drain();
  co_await sessions_.close(grace);
  co_await door_.close(kGoodbye);
  scope_.cancel();
  co_await scope_.join();
}

}  // namespace footbridge::egress
