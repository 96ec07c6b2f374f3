// BrokerClient: core::ClientRendezvous on an Asio loop. It posts what the core wants posted, brings it the answers and
// the time, and says in words of Trouble what holds a search up.
//
// Ownership: dialer, rng and events outlive it; close() before it is destroyed. Threads: the executor's one thread.
#pragma once

#include <cstdint>
#include <optional>

#include "base/rng.hpp"
#include "core/rendezvous/client_rendezvous.hpp"
#include "io/deadline_timer.hpp"
#include "io/dialer.hpp"
#include "programs/client/finder.hpp"
#include "programs/rendezvous_line.hpp"

namespace footbridge::client {

class BrokerClient final : public Finder {
 public:
  BrokerClient(asio::any_io_executor executor, io::Dialer& dialer, BrokerWays brokers,
               core::ClientRendezvousConfig config, Rng& rng, FinderEvents& events);

  void search(TimePoint now, core::ClientSearch search) override;
  void cancel(TimePoint now) override;
  // No broker is to see that who asks from the new network is who asked from the old one.
  void on_network_change() { line_.on_network_change(); }
  RendezvousLine& line() { return line_; }
  // For the offers from now on.
  void set_nat(wire::Nat nat) { rendezvous_.set_nat(nat); }
  // Abandons everything; returns when it is quiet.
  asio::awaitable<void> close();

 private:
  void drain(TimePoint now);
  void on_answer(std::uint64_t id, RendezvousLine::Answer answer);
  void tell_waiting(TimePoint now, const core::ClientRendezvous::Waiting& waiting);

  FinderEvents& events_;
  core::ClientRendezvous rendezvous_;
  std::optional<http::HttpErrc> last_failure_;  // of the transport; nullopt: the last answer arrived
  RendezvousLine line_;
  io::DeadlineTimer timer_;
};

// What a person should be told when a search has to wait. `failure`: how the request's journey ended, if it failed.
Trouble trouble_of(wire::Refusal why, std::optional<http::HttpErrc> failure);

}  // namespace footbridge::client
