// VolunteerGround: what a volunteer's program stands on before it helps anybody: randomness, name lookups, connections
// to brokers and to egresses, whom they believe, and the network it lives in, if it joined one.
//
// Errors: the constructor throws ops::UsageError where the options are of no use here, and std::system_error where the
// system does not tell its own addresses. Ownership: the options outlive it, and it outlives who lends.
// Threads: the executor's one thread.
#pragma once

#include <optional>

#include "core/egress/address_policy.hpp"
#include "crypto/system_rng.hpp"
#include "io/connector.hpp"
#include "io/local_addresses.hpp"
#include "io/resolver.hpp"
#include "io/tls_client.hpp"
#include "programs/network_source.hpp"
#include "programs/proxy/volunteer_options.hpp"
#include "transport/webrtc/engine.hpp"

namespace footbridge::proxy {

class VolunteerGround {
 public:
  VolunteerGround(asio::any_io_executor executor, const VolunteerOptions& options);

  // Where a network was joined: asks until a directory serves, and takes its STUN servers. False: cancelled before.
  asio::awaitable<bool> know_network();
  // What links need, after know_network(); looks up the names of STUN servers.
  asio::awaitable<webrtc::EngineConfig> engine_config();

  // As options say, or the network does.
  const LinkOptions& link() const { return link_; }
  // What our packets may leave from.
  const io::LocalAddresses& local() const { return local_; }
  // Null: the options name the brokers themselves.
  NetworkSource* network_or_null() { return source_ ? &*source_ : nullptr; }
  Rng& rng() { return rng_; }
  io::Connector& to_brokers() { return to_brokers_; }  // to the addresses that our own configuration names
  io::Connector& to_legs() { return to_legs_; }        // to public addresses, unless --allow-private-egress
  io::TlsClient& trust() { return trust_; }

 private:
  asio::any_io_executor executor_;
  LinkOptions link_;
  const io::LocalAddresses local_;
  crypto::SystemRng rng_;
  io::SystemResolver resolver_;
  const core::AddressPolicy anywhere_ = core::AddressPolicy::unrestricted();
  const core::AddressPolicy leg_policy_;
  io::Connector to_brokers_;
  io::TlsClient trust_;
  io::Connector to_legs_;
  std::optional<NetworkSource> source_;
};

}  // namespace footbridge::proxy
