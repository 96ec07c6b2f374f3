#include "sim/model/world.hpp"

#include <string>
#include <utility>

#include "sim/model/mischief.hpp"

namespace footbridge::sim::model {
namespace {

using wire::NatBehaviour;

// As the field reports them: most translators map by endpoint and filter by address and port.
struct NatShare {
  double share;
  wire::Nat kind;
};
constexpr NatShare kNatShares[] = {
    {0.25, {NatBehaviour::EndpointIndependent, NatBehaviour::EndpointIndependent}},
    {0.15, {NatBehaviour::EndpointIndependent, NatBehaviour::AddressDependent}},
    {0.42, {NatBehaviour::EndpointIndependent, NatBehaviour::AddressAndPortDependent}},
    {0.18, {NatBehaviour::AddressAndPortDependent, NatBehaviour::AddressAndPortDependent}},
};
// Well within what broker and egress grant each other (kLegTokenSkewSeconds).
constexpr double kMostSkewSeconds = 4;
// Packets of one, of four fragments, and small ones: what one path takes another may have to split.
constexpr std::size_t kPacketBytes[] = {core::kFragmentBytes, core::kFragmentBytes, 4 * core::kFragmentBytes, 400};

std::string relay_url(std::uint64_t egress) { return "wss://egress" + std::to_string(egress) + ".example/leg"; }

}  // namespace

World::World(const Scenario& scenario, Seed seed, Trace trace)
    : scenario_(scenario),
      ground_(seed, std::move(trace)),
      mix_(scenario.faulty ? FaultMix(seed.child("faults"), scenario.faults) : FaultMix()),
      dice_(seed.child("world")) {
  for (std::size_t i = 0; i < kFaults; ++i)
    if (const auto fault = static_cast<Fault>(i); mix_.on(fault))
      ground_.story({"world", 0}, name(fault), {{"percent", static_cast<std::uint64_t>(100 * mix_.strength(fault))}});
  build_egresses();
  build_brokers();
  build_proxies();
  build_clients();
  mischief_ = std::make_unique<Mischief>(*this, seed.child("mischief"));
}

World::~World() {
  mischief_.reset();
  clients_.clear();
  proxies_.clear();
  egresses_.clear();
  brokers_.clear();
  hops_.clear();
}

void World::build_egresses() {
  for (std::uint64_t i = 0; i < scenario_.egresses; ++i) {
    EgressHome home{wire::EgressId::random(dice_), crypto::SecretKey::random(dice_), {}, Seconds{0}, true, 0, nullptr};
    home.terms.packet_bytes = kPacketBytes[dice_.index(std::size(kPacketBytes))];
    home.terms.resets = 0.1 * mix_.strength(Fault::GivesUp);
    if (mix_.on(Fault::WrongClock))
      home.skew = Seconds{static_cast<int>(dice_.real(-kMostSkewSeconds, kMostSkewSeconds))};
    egresses_.push_back(std::move(home));
    start_egress(i);
  }
}

void World::build_brokers() {
  core::BrokerConfig config;
  for (std::uint64_t i = 0; i < scenario_.egresses; ++i)
    config.egresses.push_back({egresses_[i].id, Private<std::string>(relay_url(i)), egresses_[i].key});
  for (std::uint64_t i = 0; i < scenario_.brokers; ++i) {
    brokers_.push_back(std::make_unique<BrokerSite>(ground_, i, config, ground_.seed().child("broker", i)));
    if (mix_.on(Fault::WrongClock))
      brokers_[i]->set_skew(Seconds{static_cast<int>(dice_.real(-kMostSkewSeconds, kMostSkewSeconds))});
    brokers_[i]->change({.loss = 0.15 * mix_.strength(Fault::LossyRendezvous)});
  }
}

Nat World::draw_nat(wire::Nat& told) {
  auto drawn = dice_.unit();
  wire::Nat kind = kNatShares[0].kind;
  for (const auto& each : kNatShares) {
    kind = each.kind;
    if ((drawn -= each.share) < 0) break;
  }
  told = dice_.chance(mix_.strength(Fault::UnknownNat)) ? wire::Nat{} : kind;
  return Nat(next_address_++, {.kind = kind, .lifetime = Seconds{30 + static_cast<int>(dice_.below(270))}});
}

void World::build_proxies() {
  for (std::uint64_t i = 0; i < scenario_.proxies; ++i) {
    ProxyTerms terms{ProxyId::random(dice_), SelfTag::random(dice_), {}, 1 + dice_.index(4), {}};
    for (std::uint64_t e = 0; e < scenario_.egresses; ++e) terms.relays.push_back(relay_url(e));
    auto nat = draw_nat(terms.told_nat);
    proxies_.push_back({std::move(terms), std::move(nat), nullptr});
    start_proxy(i);
  }
}

void World::build_clients() {
  for (std::uint64_t i = 0; i < scenario_.clients; ++i) {
    ClientTerms terms{SelfTag::random(dice_), {}, kPacketBytes[dice_.index(std::size(kPacketBytes))], {}};
    terms.streams.most_bytes = scenario_.most_stream_bytes;
    terms.streams.stalls = 0.3 * mix_.strength(Fault::SlowReaders);
    terms.streams.gives_up = 0.1 * mix_.strength(Fault::GivesUp);
    auto nat = draw_nat(terms.told_nat);
    clients_.push_back({terms, std::move(nat), nullptr});
    start_client(i);
  }
}

void World::start_client(std::uint64_t number) {
  auto& home = clients_[number];
  home.program = std::make_unique<ModelClient>(ground_, number, *this, home.terms, Seed(dice_.word()));
}

void World::start_proxy(std::uint64_t number) {
  auto& home = proxies_[number];
  home.program = std::make_unique<ModelProxy>(ground_, number, *this, home.terms, Seed(dice_.word()));
}

void World::start_egress(std::uint64_t number) {
  auto& home = egresses_[number];
  home.program = std::make_unique<ModelEgress>(ground_, number, ++home.boots, home.key, home.terms, Seed(dice_.word()));
}

void World::stop_client(std::uint64_t number, bool noticed) {
  auto& home = clients_[number];
  if (!home.program) return;
  home.program->crash(noticed);
  count_streams(*home.program);
  home.program.reset();
}

void World::count_streams(ModelClient& client) {
  const auto& count = client.streams().count();
  count_.streams.opened += count.opened;
  count_.streams.completed += count.completed;
  count_.streams.given_up += count.given_up;
  count_.streams.refused += count.refused;
  count_.streams.lost_with_session += count.lost_with_session;
  count_.streams.bytes_down += count.bytes_down;
}

// Judgement --------------------------------------------------------------------------------------------------------

// After a finding nothing more is judged: programs may be down, and their clients gone.
RunResult World::run() {
  const TimePoint end{scenario_.length};
  ground_.run(end - kCalm);
  if (ground_.finding()) return result();
  mischief_->stop();
  ground_.run(end - kStreamsEndWithin);
  if (ground_.finding()) return result();
  judge_connected();
  for (auto& home : clients_) home.program->streams().close();
  ground_.run(end);
  if (!ground_.finding()) judge_streams();
  return result();
}

// Is it certain to find somebody it can meet? The matcher knows whom, as far as both have told of their translators;
// where some have not, it may send a client to strangers for longer than a minute, unless it can meet everybody.
bool World::can_be_connected(std::uint64_t client) {
  std::size_t meets = 0;
  std::size_t misses = 0;
  for (std::uint64_t i = client % scenario_.brokers; i < scenario_.proxies; i += scenario_.brokers) {
    auto mine = clients_[client].nat;  // copies: asking changes nothing
    auto theirs = proxies_[i].nat;
    if (proxies_[i].program->slots() == 0) continue;
    ++(can_meet(ground_.now(), mine, theirs) ? meets : misses);
  }
  return meets > 0 && (misses == 0 || !mix_.on(Fault::UnknownNat));
}

// Who has just lost its path, as of a volunteer that leaves, is about to have another one.
void World::judge_connected() {
  for (std::uint64_t i = 0; i < scenario_.clients; ++i)
    if (ground_.now() - clients_[i].program->carried_at() > kReplacesWithin && can_be_connected(i))
      ground_.broken(Property::Liveness, {"client", i},
                     "not connected after a minute without faults; it " + clients_[i].program->state());
}

void World::judge_streams() {
  for (std::uint64_t i = 0; i < scenario_.clients; ++i)
    if (clients_[i].program->streams().live() > 0 && can_be_connected(i))
      ground_.broken(Property::Liveness, {"client", i},
                     "its streams have not ended after a minute; it " + clients_[i].program->state());
  for (std::uint64_t i = 0; i < scenario_.clients; ++i)
    if (const auto left = clients_[i].program->streams_left(); left > 0 && can_be_connected(i))
      ground_.broken(Property::TerminalInTime, {"client", i},
                     "its session keeps " + std::to_string(left) + " streams that have ended long ago");
  for (std::uint64_t i = 0; i < scenario_.egresses; ++i)
    if (const auto left = egresses_[i].program->streams_left(); left > 0)
      ground_.broken(Property::TerminalInTime, {"egress", i},
                     "sessions that have a path keep " + std::to_string(left) + " streams that have ended long ago");
}

RunResult World::result() {
  for (auto& home : clients_)
    if (home.program) count_streams(*home.program);
  count_.events = ground_.queue().happened();
  return {ground_.trace().hash(), ground_.finding(), count_};
}

RunResult run_seed(const Scenario& scenario, std::uint64_t seed, Trace trace) {
  World world(scenario, Seed(seed), std::move(trace));
  return world.run();
}

}  // namespace footbridge::sim::model
