#include "sim/model/mischief.hpp"

#include "sim/model/world.hpp"

namespace footbridge::sim::model {

Mischief::Mischief(World& world, Seed seed) : Timed(world.ground_), world_(world), dice_(seed) {
  now_and_then(Fault::SilentDeath, Seconds{8}, &Mischief::silent_death);
  now_and_then(Fault::Cut, Seconds{4}, &Mischief::cut);
  now_and_then(Fault::LegReset, Seconds{8}, &Mischief::leg_reset);
  now_and_then(Fault::ProxyCrash, Seconds{6}, &Mischief::proxy_crash);
  now_and_then(Fault::ProxyFreeze, Seconds{8}, &Mischief::proxy_freeze);
  now_and_then(Fault::ProxySlots, Seconds{10}, &Mischief::proxy_slots);
  now_and_then(Fault::ClientCrash, Seconds{20}, &Mischief::client_crash);
  now_and_then(Fault::ClientOffline, Seconds{15}, &Mischief::client_offline);
  now_and_then(Fault::BrokerRestart, Seconds{60}, &Mischief::broker_restart);
  now_and_then(Fault::EgressRestart, Seconds{90}, &Mischief::egress_restart);
  now_and_then(Fault::EgressPartition, Seconds{60}, &Mischief::egress_partition);
  now_and_then(Fault::NatRestart, Seconds{15}, &Mischief::nat_restart);
}

void Mischief::now_and_then(Fault fault, Duration mean, Act act) {
  const auto strength = world_.mix_.strength(fault);
  if (strength > 0) next(Duration{static_cast<Duration::rep>(static_cast<double>(mean.count()) / strength)}, act);
}

void Mischief::next(Duration mean, Act act) {
  later(dice_.duration({}, 2 * mean), [this, mean, act] {
    if (calm_) return;
    ++world_.count_.faults;
    (this->*act)();
    next(mean, act);
  });
}

Hop* Mischief::some_hop(bool links_only) {
  std::vector<Hop*> open;
  for (const auto& [number, hop] : world_.hops_)
    if (hop->is_open() && (!links_only || hop->kind() == HopKind::Link)) open.push_back(hop.get());
  return open.empty() ? nullptr : open[dice_.index(open.size())];
}

// Hops -------------------------------------------------------------------------------------------------------------

void Mischief::silent_death() {
  if (auto* hop = some_hop(true)) {
    ground().story({"link", hop->number()}, "dies-silently");
    hop->cut(true);
  }
}

void Mischief::cut() {
  auto* hop = some_hop(false);
  if (hop == nullptr) return;
  ground().story({hop->kind() == HopKind::Link ? "link" : "leg", hop->number()}, "cut");
  hop->cut(true);
  later(dice_.duration(Millis{50}, Seconds{15}), [this, number = hop->number()] {
    const auto found = world_.hops_.find(number);
    if (found != world_.hops_.end()) found->second->cut(false);
  });
}

void Mischief::leg_reset() {
  auto* hop = some_hop(false);
  if (hop == nullptr) return;
  ground().story({hop->kind() == HopKind::Link ? "link" : "leg", hop->number()}, "reset");
  hop->end(static_cast<int>(dice_.below(2))).close(PipeEnd::Lost);
}

// Proxies ----------------------------------------------------------------------------------------------------------

void Mischief::proxy_crash() {
  const auto number = dice_.below(world_.proxies_.size());
  auto& home = world_.proxies_[number];
  if (!home.program) return;
  home.program->crash(dice_.chance(0.5));
  home.program.reset();
  if (dice_.chance(0.5)) home.terms.id = ProxyId::random(dice_);  // its state is lost
  later(dice_.duration(Millis{500}, Seconds{60}), [this, number] { start_proxy(number); });
}

void Mischief::start_proxy(std::uint64_t number) {
  if (!world_.proxies_[number].program) world_.start_proxy(number);
}

void Mischief::proxy_freeze() {
  const auto number = dice_.below(world_.proxies_.size());
  auto* proxy = world_.proxies_[number].program.get();
  if (proxy == nullptr || proxy->offline) return;
  proxy->freeze(true);
  later(dice_.duration(Millis{100}, Seconds{40}), [this, number] { thaw(number); });
}

void Mischief::thaw(std::uint64_t number) {
  auto* proxy = world_.proxies_[number].program.get();
  if (proxy != nullptr && proxy->offline) proxy->freeze(false);
}

void Mischief::proxy_slots() {
  auto& home = world_.proxies_[dice_.index(world_.proxies_.size())];
  if (home.program && !home.program->offline) home.program->set_slots(dice_.index(5));
}

// Clients ----------------------------------------------------------------------------------------------------------

void Mischief::client_crash() {
  const auto number = dice_.below(world_.clients_.size());
  if (!world_.clients_[number].program) return;
  world_.stop_client(number, dice_.chance(0.5));
  later(dice_.duration(Seconds{1}, Seconds{30}), [this, number] {
    if (!world_.clients_[number].program) world_.start_client(number);
  });
}

void Mischief::client_offline() {
  const auto number = dice_.below(world_.clients_.size());
  auto* client = world_.clients_[number].program.get();
  if (client == nullptr || client->offline) return;
  client->go_offline(true);
  later(dice_.duration(Millis{200}, Seconds{60}), [this, number] { come_online(number); });
}

void Mischief::come_online(std::uint64_t number) {
  auto* client = world_.clients_[number].program.get();
  if (client != nullptr && client->offline) client->go_offline(false);
}

void Mischief::nat_restart() {
  const auto number = dice_.below(world_.clients_.size());
  auto& home = world_.clients_[number];
  home.nat.restart(world_.next_address_++);
  ground().story({"client", number}, "nat-restarts");
  if (!home.program || home.program->offline) return;
  home.program->lose_links();
  if (dice_.chance(0.5)) home.program->on_network_change();  // some notice
}

// Servers ----------------------------------------------------------------------------------------------------------

void Mischief::broker_restart() {
  const auto number = dice_.index(world_.brokers_.size());
  if (!world_.brokers_[number]->running()) return;
  world_.brokers_[number]->crash();
  later(dice_.duration(Millis{500}, Seconds{20}), [this, number] {
    if (!world_.brokers_[number]->running()) world_.brokers_[number]->restart();
  });
}

void Mischief::egress_restart() {
  const auto number = dice_.below(world_.egresses_.size());
  auto& home = world_.egresses_[number];
  if (!home.program) return;
  home.program->crash(dice_.chance(0.7));
  home.program.reset();
  later(dice_.duration(Millis{500}, Seconds{20}), [this, number] {
    if (!world_.egresses_[number].program) world_.start_egress(number);
  });
}

void Mischief::egress_partition() {
  const auto number = dice_.below(world_.egresses_.size());
  auto& home = world_.egresses_[number];
  if (!home.reachable) return;
  home.reachable = false;
  ground().story({"egress", number}, "cut-off");
  for (const auto& [hop, lies] : world_.lies_)
    if (const auto& found = world_.hops_.at(hop); found->kind() == HopKind::Leg && lies.far == number) found->cut(true);
  later(dice_.duration(Millis{200}, Seconds{60}), [this, number] { heal_partition(number); });
}

void Mischief::heal_partition(std::uint64_t number) {
  auto& home = world_.egresses_[number];
  if (home.reachable) return;
  home.reachable = true;
  ground().story({"egress", number}, "reachable-again");
  for (const auto& [hop, lies] : world_.lies_)
    if (const auto& found = world_.hops_.at(hop); found->kind() == HopKind::Leg && lies.far == number)
      found->cut(false);
}

// The end of all faults --------------------------------------------------------------------------------------------

void Mischief::stop() {
  calm_ = true;
  ground().story({"world", 0}, "faults-end");
  for (auto& broker : world_.brokers_) {
    broker->change({});
    if (!broker->running()) broker->restart();
  }
  for (std::uint64_t i = 0; i < world_.egresses_.size(); ++i) {
    if (!world_.egresses_[i].program) world_.start_egress(i);
    world_.egresses_[i].terms.resets = 0;
    world_.egresses_[i].program->calm_down();
    heal_partition(i);
  }
  for (auto& [number, hop] : world_.hops_) {
    for (const int side : {kNear, kFar})
      hop->change(side, hop->kind() == HopKind::Link ? world_.link_weather() : world_.leg_weather());
    if (hop->kind() == HopKind::Leg) hop->cut(false);  // links that have died stay dead
  }
  for (std::uint64_t i = 0; i < world_.proxies_.size(); ++i) {
    start_proxy(i);
    thaw(i);
  }
  for (std::uint64_t i = 0; i < world_.clients_.size(); ++i) {
    if (!world_.clients_[i].program) world_.start_client(i);
    come_online(i);
    world_.clients_[i].program->streams().calm_down();
  }
}

}  // namespace footbridge::sim::model
