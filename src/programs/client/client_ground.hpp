// ClientGround: what all networks of one client stand on: randomness, name lookups, connections to brokers, what marks
// this installation, and from start() on the WebRTC engine and what is known of this machine's address translation.
// Where the machine is behind a proxy, all of it goes through that one: nothing is looked up here, and connections and
// links have no other way.
//
// Errors: the constructor throws ops::UsageError when --state-dir cannot be used; start() std::system_error.
// Ownership: outlives the networks. Threads: the executor's one thread; the engine has its own.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "base/buffered_rng.hpp"
#include "core/egress/address_policy.hpp"
#include "core/rendezvous/client_rendezvous.hpp"
#include "core/rendezvous/nat_probes.hpp"
#include "crypto/system_rng.hpp"
#include "io/connector.hpp"
#include "io/resolver.hpp"
#include "io/tls_client.hpp"
#include "io/upstream_connector.hpp"
#include "programs/client/client_path.hpp"
#include "programs/common_options.hpp"
#include "programs/nat_keeper.hpp"
#include "programs/way_memory.hpp"
#include "transport/webrtc/engine.hpp"

namespace footbridge::client {

class ClientGround {
 public:
  // The options outlive it.
  // on_nat: for networks that exist; those made later find it in rendezvous().
  ClientGround(asio::any_io_executor executor, const LinkOptions& options, io::TlsClient trust, io::WayOut way = {},
               NatKeeper::OnReport on_nat = {});

  // What start() needs; looks up the names of STUN servers.
  asio::awaitable<webrtc::EngineConfig> engine_config();
  void start(webrtc::EngineConfig config);
  // From start() on: offers made before may say less of our address translation than the next ones. Short, and at once
  // where nothing is measured.
  asio::awaitable<void> nat_known() { return nat_.first_result(kNatFirstWait); }
  // This machine has other addresses or routes.
  void on_network_change(TimePoint now) { nat_.on_network_change(now); }
  // From start() on; what it makes may live as long as this.
  MakeLink link_maker();
  // The same for a tester's links that show what a proxy's address translation is like (spec 13 §11): each behind a
  // translator of its own. Where it can: with a STUN server of IPv4, and without an upstream.
  bool can_probe() const { return !probe_servers_.empty(); }
  MakeLink probe_maker(core::NatProbe probe);

  Rng& rng() { return rng_; }
  io::Dialer& dialer();
  io::TlsClient& trust() { return trust_; }  // for brokers and fronts
  WayMemory& way_memory() { return way_memory_; }
  // Is the upstream of use? Before start(); true at once where there is none. UpstreamErrc says why not.
  asio::awaitable<Status<io::UpstreamErrc>> probe();
  const core::ClientRendezvousConfig& rendezvous() const { return rendezvous_; }

 private:
  void note_server(const Endpoint& server, bool answers);
  void note_probe_server(const Endpoint& server, bool answers);

  asio::any_io_executor executor_;
  const LinkOptions& options_;
  io::TlsClient trust_;
  io::WayOut way_;
  crypto::SystemRng system_rng_;
  BufferedRng rng_{system_rng_};
  WayMemory way_memory_;
  io::SystemResolver resolver_;
  // A broker's address comes from our user's own configuration.
  const core::AddressPolicy to_broker_ = core::AddressPolicy::unrestricted();
  io::Connector direct_;
  std::unique_ptr<io::UpstreamConnector> through_;  // null: there is no upstream
  core::ClientRendezvousConfig rendezvous_;
  NatKeeper nat_;
  std::vector<Endpoint> probe_servers_;  // that tell a probe's links their outside address: STUN's with IPv4
  std::optional<webrtc::Engine> engine_;
};

}  // namespace footbridge::client
