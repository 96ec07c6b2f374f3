// Prober: what a tester does beside its tests: with offers of its own it tries volunteers that say nothing of their
// address translation, as a client behind a translator of one kind would (docs/spec/13-nat-discovery.md §11).
//
// Ownership: ground, source, troubles outlive it; the ground has started. close() before it is destroyed. Threads: the
// executor's one thread.
#pragma once

#include <vector>

#include "core/rendezvous/nat_probes.hpp"
#include "programs/client/broker_client.hpp"
#include "programs/client/client_ground.hpp"
#include "programs/client/client_network.hpp"
#include "programs/client/tester.hpp"
#include "programs/network_source.hpp"

namespace footbridge::client {

// Of the egresses that a directory lists.
std::vector<quic::SpkiPin> pins_of(const NetworkView& view);

class Prober {
 public:
  // `network`: its brokers, and how requests are to look.
  Prober(asio::any_io_executor executor, core::NatProbe probe, ClientGround& ground, NetworkSource& source,
         const ClientNetwork::Config& network, Tester::Config tester, TroubleTeller& troubles);

  // The directory is another one; it begins with the first that serves.
  void take_view(TimePoint now);
  void on_network_change() { broker_.on_network_change(); }
  void stop(TimePoint now) { tester_.stop(now); }
  bool stopped() const { return tester_.stopped(); }
  asio::awaitable<void> close() { co_await broker_.close(); }

 private:
  NetworkSource& source_;
  MakeLink make_link_;  // until the tester has it
  Tester tester_;
  BrokerClient broker_;
};

}  // namespace footbridge::client
