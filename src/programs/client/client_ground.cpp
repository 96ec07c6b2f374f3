#include "programs/client/client_ground.hpp"

#include <utility>

#include "base/assert.hpp"
#include "io/attached_network.hpp"
#include "io/clock.hpp"
#include "io/upstream_probe.hpp"
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

// Through a proxy other ways work than without. From an address that the user names packets may take another route than
// the one that tells the whereabouts.
WayMemory::Where where(const io::WayOut& way) {
  if (!way.local.any()) return [] { return std::optional<Private<std::string>>(); };
  std::string detour = way.upstream ? " " + way.upstream->proxy.reveal_to_socket().to_text() : std::string();
  return [detour = Private(std::move(detour))] {
    const auto network = io::attached_network();
    return network ? std::optional(Private(network->reveal_to_socket() + detour.reveal_to_socket())) : std::nullopt;
  };
}

}  // namespace

ClientGround::ClientGround(asio::any_io_executor executor, const LinkOptions& options, io::TlsClient trust,
                           io::WayOut way, NatKeeper::OnReport on_nat)
    : executor_(executor),
      options_(options),
      trust_(std::move(trust)),
      way_(std::move(way)),
      way_memory_(state_directory(options), rng_, where(way_)),
      resolver_(executor),
      direct_(executor, resolver_, to_broker_, way_.local),
      through_(way_.upstream ? std::make_unique<io::UpstreamConnector>(executor, *way_.upstream) : nullptr),
      rendezvous_(rendezvous_config(options, rng_)),
      nat_(executor, rng_, [this, on_nat = std::move(on_nat)](TimePoint now, const core::NatReport& report) {
        rendezvous_.nat = report.nat;
        if (on_nat) on_nat(now, report);
      }) {}

io::Dialer& ClientGround::dialer() {
  if (through_ != nullptr) return *through_;
  return direct_;
}

asio::awaitable<Status<io::UpstreamErrc>> ClientGround::probe() {
  if (!way_.upstream) co_return Status<io::UpstreamErrc>();
  co_return co_await io::probe_upstream(*way_.upstream, stun_destinations(options_), rng_);
}

asio::awaitable<webrtc::EngineConfig> ClientGround::engine_config() {
  if (way_.upstream) co_return detoured_config(options_, *way_.upstream);
  co_return co_await footbridge::engine_config(options_, resolver_, way_.local);
}

// Mapping only: who watches a country would notice questions that only few programs ask. Behind an upstream the
// engine's config names no servers, and nothing is asked.
void ClientGround::start(webrtc::EngineConfig config) {
  auto terms = nat_terms(options_, config, core::NatTests::MappingOnly, way_.local);
  terms.on_server = [this](const Endpoint& server, bool answers) { engine_->note_stun_server(server, answers); };
  engine_.emplace(std::move(config));
  engine_->on_gathered([this](TimePoint now, bool seen_outside) { nat_.on_gathered(now, seen_outside); });
  nat_.start(io::now(), std::move(terms));
}

MakeLink ClientGround::link_maker() {
  FB_ASSERT(engine_);
  return [this, best = best_link(link_capabilities(options_))](webrtc::LinkEvents& events) {
    return engine_->offer(executor_, {.best = best}, events);
  };
}

}  // namespace footbridge::client
