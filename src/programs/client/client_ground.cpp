#include "programs/client/client_ground.hpp"

#include <memory>
#include <utility>

#include "base/assert.hpp"
#include "io/attached_network.hpp"
#include "io/clock.hpp"
#include "io/translator.hpp"
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
  terms.on_server = [this](const Endpoint& server, bool answers) { note_server(server, answers); };
  for (const auto& server : config.stun_servers) note_probe_server(server, true);
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

void ClientGround::note_server(const Endpoint& server, bool answers) {
  engine_->note_stun_server(server, answers);
  note_probe_server(server, answers);
}

// The last one stays: it may be asked when it is back, and a link without an outside address shows nothing.
void ClientGround::note_probe_server(const Endpoint& server, bool answers) {
  if (server.address.family() != Family::V4) return;
  if (!answers && probe_servers_.size() < 2) return;
  std::erase(probe_servers_, server);
  if (answers) probe_servers_.push_back(server);
}

MakeLink ClientGround::probe_maker(core::NatProbe probe) {
  FB_ASSERT(engine_ && can_probe());
  const auto kind = probe == core::NatProbe::AsStrict ? io::TranslatorKind::Strict : io::TranslatorKind::Moderate;
  return [this, kind, best = best_link(link_capabilities(options_)), next = std::size_t{0}](auto& events) mutable {
    const Private server(probe_servers_[next++ % probe_servers_.size()]);
    const auto make = [kind, local = way_.local, server] {
      return std::make_unique<io::Translator>(kind, local, server);
    };
    return engine_->offer(executor_, {.best = best, .make_detour = make}, events);
  };
}

}  // namespace footbridge::client
