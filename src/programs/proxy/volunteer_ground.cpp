#include "programs/proxy/volunteer_ground.hpp"

#include <utility>

#include "io/own_addresses.hpp"
#include "ops/errors.hpp"
#include "programs/bind_addresses.hpp"
#include "programs/broker_ways.hpp"
#include "programs/directory_fetch.hpp"
#include "programs/link_setup.hpp"

namespace footbridge::proxy {
namespace {

// A volunteer's own network is nobody else's business: legs go to public addresses only.
core::AddressPolicy leg_policy(const VolunteerOptions& options) {
  if (options.allow_private_egress) return core::AddressPolicy::unrestricted();
  core::AddressPolicy::Rules rules;
  rules.own = io::own_addresses();
  return core::AddressPolicy(std::move(rules));
}

io::LocalAddresses own_choice(const VolunteerOptions& options) {
  auto local = local_addresses(options.bind_address);
  if (!local.are_ours())
    throw ops::UsageError("--bind-address: this machine has no such address; `ip address` shows those that it has");
  return local;
}

}  // namespace

VolunteerGround::VolunteerGround(asio::any_io_executor executor, const VolunteerOptions& options)
    : executor_(executor),
      link_(options.link),
      local_(own_choice(options)),
      resolver_(executor),
      leg_policy_(leg_policy(options)),
      to_brokers_(executor, resolver_, anywhere_, local_),
      trust_(broker_trust(options.ways)),
      to_legs_(executor, resolver_, leg_policy_, local_),
      source_(joined_source(options.ways, options.link, /*required=*/true)) {}

asio::awaitable<bool> VolunteerGround::know_network() {
  if (!co_await first_directory(executor_, *source_, to_brokers_, trust_, rng_)) co_return false;
  take_stun(link_, *source_);
  co_return true;
}

asio::awaitable<webrtc::EngineConfig> VolunteerGround::engine_config() {
  co_return co_await footbridge::engine_config(link_, resolver_, local_);
}

}  // namespace footbridge::proxy
