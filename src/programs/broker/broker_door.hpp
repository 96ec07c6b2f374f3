// BrokerDoor: the broker's HTTP face. A POST carries a rendezvous request and is answered when core::Broker says so;
// everything else gets the decoy. A requester that goes away while it is parked is taken out of the matching.
// Ownership: outlives the server that uses it. Threads: the executor's one thread.
#pragma once

#include <array>
#include <unordered_map>

#include "core/rendezvous/broker.hpp"
#include "io/asio.hpp"
#include "io/deadline_timer.hpp"
#include "io/wakeup.hpp"
#include "transport/http/server.hpp"

namespace footbridge::broker {

class BrokerDoor final : public http::Handler {
 public:
  BrokerDoor(asio::any_io_executor executor, core::BrokerConfig config, Rng& rng);

  asio::awaitable<http::Response> handle(http::Request request) override;
  // Sends everybody away, first of all those who are parked.
  void drain();

  const core::BrokerStats& stats() const { return broker_.stats(); }
  std::size_t parked_polls() const { return broker_.parked_polls(); }
  std::size_t parked_offers() const { return broker_.parked_offers(); }

 private:
  struct Parked;
  core::RequesterInfo describe(const Endpoint& peer) const;
  void settle();

  asio::any_io_executor executor_;
  core::Broker broker_;
  std::array<std::byte, 32> prefix_key_;  // lives as long as this process: hashes mean nothing afterwards
  std::unordered_map<core::RequestKey, Parked*> parked_;
  core::RequestKey last_key_ = 0;
  io::DeadlineTimer timer_;
};

}  // namespace footbridge::broker
