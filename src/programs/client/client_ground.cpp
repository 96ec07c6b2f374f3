#include "programs/client/client_ground.hpp"

#include <utility>

#include "base/assert.hpp"
#include "programs/link_setup.hpp"
#include "programs/self_tag.hpp"

namespace footbridge::client {
namespace {

core::ClientRendezvousConfig rendezvous_config(const LinkOptions& options, Rng& rng) {
  core::ClientRendezvousConfig config;
  config.self_tag = load_self_tag(options, rng);
  config.nat = nat_classes(options.nat);
  config.families = wire::Families::Both;
  config.capabilities = link_capabilities(options);
  return config;
}

}  // namespace

ClientGround::ClientGround(asio::any_io_executor executor, const LinkOptions& options)
    : executor_(executor),
      options_(options),
      resolver_(executor),
      connector_(executor, resolver_, to_broker_),
      rendezvous_(rendezvous_config(options, rng_)) {}

asio::awaitable<webrtc::EngineConfig> ClientGround::engine_config() {
  return footbridge::engine_config(options_, resolver_);
}

void ClientGround::start(webrtc::EngineConfig config) { engine_.emplace(std::move(config)); }

MakeLink ClientGround::link_maker() {
  FB_ASSERT(engine_);
  return [this, best = best_link(link_capabilities(options_))](webrtc::LinkEvents& events) {
    return engine_->offer(executor_, {.best = best}, events);
  };
}

}  // namespace footbridge::client
