// ClientNetwork: one network as a client lives in it: reached through one broker, its egresses trusted by one set of
// pins. It keeps paths and session, tells what is wrong with them, and is a Tunnel for the local doors.
//
//   Idle ──start()──▶ Running ──leave()──▶ Gone
//
// A joined network (`source`) is what its directory says: a newer one counts for the next search. Until there is one
// that serves, nobody is looked for.
//
// tunnel() may be used in every state: before start() whoever asks waits, after refuse() nobody does any more.
// Ownership: dialer and rng outlive it, and so does whatever makes the links. leave() before it is destroyed, or
// never start() it. Threads: the executor's one thread.
#pragma once

#include <memory>
#include <optional>

#include "base/rng.hpp"
#include "core/rendezvous/client_rendezvous.hpp"
#include "io/dialer.hpp"
#include "programs/client/broker_client.hpp"
#include "programs/client/changes.hpp"
#include "programs/client/network_news.hpp"
#include "programs/client/path_keeper.hpp"
#include "programs/client/session_tunnel.hpp"
#include "programs/client/trouble.hpp"
#include "programs/directory_fetch.hpp"

namespace footbridge::client {

// For the BYEs of all paths to leave: one round trip of a slow path is half of it, and nobody waits for the answer.
inline constexpr Millis kGoodbyeLimit{500};

class ClientNetwork {
 public:
  struct Config {
    BrokerWays brokers;
    core::ClientRendezvousConfig rendezvous{};
    PathKeeper::Config keeper;
    NetworkSource* source = nullptr;  // outlives this; null: brokers and pins were given, and stay as they are
  };
  // news: null where the log is enough.
  ClientNetwork(asio::any_io_executor executor, io::Dialer& dialer, Config config, Rng& rng,
                std::unique_ptr<NetworkNews> news = nullptr);

  void start(TimePoint now, MakeLink make_link);
  // This machine has other addresses or routes.
  void on_network_change(TimePoint now) {
    broker_.on_network_change();  // first: the keeper asks at once
    keeper_.on_network_change(now);
  }
  // For the offers from now on.
  void set_nat(wire::Nat nat) { broker_.set_nat(nat); }
  // Whoever waits for a way out is told that there will be none.
  void refuse() { tunnel_.stop(); }
  // Says goodbye on every path, at most for kGoodbyeLimit; the session ends.
  asio::awaitable<void> leave();

  Tunnel& tunnel() { return tunnel_; }
  const PathKeeper& keeper() const { return keeper_; }

 private:
  PathKeeper::Config keeper_config(PathKeeper::Config config);
  void take_view(TimePoint now);

  // In the order in which they depend on each other.
  std::unique_ptr<NetworkNews> news_;
  NetworkSource* source_;
  const std::size_t own_target_;  // paths that the options want
  TroubleTeller troubles_;
  Changes changes_;
  PathKeeper keeper_;
  BrokerClient broker_;
  MakeLink make_link_;                   // until the keeper has it
  std::optional<DirectoryFetch> fetch_;  // of a joined network
  SessionTunnel tunnel_;
};

// Brokers, trust, and what requests show of the invite and of this installation come from the joined network then. The
// source outlives what is made of the config.
void live_in(NetworkSource& source, ClientNetwork::Config& config);

}  // namespace footbridge::client
