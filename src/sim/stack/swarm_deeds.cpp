// What goes wrong in a swarm while it may.
#include <algorithm>
#include <cmath>

#include "sim/stack/swarm.hpp"

namespace footbridge::sim {

namespace {

std::optional<std::uint64_t> some(Network& network, std::vector<std::uint64_t>& pipes, Dice& dice) {
  std::erase_if(pipes, [&](std::uint64_t number) { return network.find_pipe(number) == nullptr; });
  if (pipes.empty()) return std::nullopt;
  return pipes[dice.index(pipes.size())];
}

}  // namespace

void Swarm::plan_deeds() {
  plan(SwarmFault::Crash, Seconds{8}, &Swarm::crash_proxy);
  plan(SwarmFault::Freeze, Seconds{6}, &Swarm::freeze_proxy);
  plan(SwarmFault::Partition, Seconds{5}, &Swarm::part_link);
  plan(SwarmFault::LegLost, Seconds{8}, &Swarm::lose_leg);
  plan(SwarmFault::Silence, Seconds{10}, &Swarm::silence_link);
  plan(SwarmFault::Impatience, Seconds{4}, &Swarm::give_up_stream);
  plan(SwarmFault::Stalls, Seconds{3}, &Swarm::stall_stream);
  plan(SwarmFault::EgressRestart, Seconds{60}, &Swarm::restart_egress);
}

// Again and again, on average after `mean` at full strength.
void Swarm::plan(SwarmFault fault, Duration mean, void (Swarm::*deed)()) {
  if (!faults_.on(fault)) return;
  const auto wait = -std::log(1 - dice_.unit()) * static_cast<double>(mean.count()) / faults_.strength(fault);
  network_.queue.after(Duration(static_cast<Duration::rep>(wait)), [this, fault, mean, deed] {
    if (calm_) return;
    ++deeds_;
    (this->*deed)();
    plan(fault, mean, deed);
  });
}

void Swarm::crash_proxy() {
  auto& proxy = *proxies_[dice_.index(proxies_.size())];
  if (!proxy.alive()) return;
  const bool noticed = dice_.chance(0.5);
  const auto after = dice_.duration(Seconds{1}, Seconds{20});
  proxy.crash(dice_.chance(0.5), noticed ? std::optional(after) : std::nullopt);
  network_.queue.after(dice_.duration(Millis{500}, Seconds{20}), [&proxy] {
    if (!proxy.alive()) proxy.restart();
  });
}

void Swarm::freeze_proxy() {
  auto& proxy = *proxies_[dice_.index(proxies_.size())];
  if (!proxy.alive() || proxy.frozen()) return;
  proxy.freeze(true);
  network_.queue.after(dice_.duration(Millis{50}, Seconds{6}), [&proxy] {
    if (proxy.frozen()) proxy.freeze(false);
  });
}

void Swarm::part_link() {
  const auto number = some(network_, links_, dice_);
  if (!number || silenced_.contains(*number)) return;
  network_.trace.story(network_.now(), {"pipe", *number}, "parts");
  network_.find_pipe(*number)->cut(true);
  network_.queue.after(dice_.duration(Millis{50}, Seconds{6}), [this, pipe = *number] {
    if (auto* const found = network_.find_pipe(pipe); found != nullptr && !silenced_.contains(pipe)) found->cut(false);
  });
}

void Swarm::lose_leg() {
  const auto number = some(network_, legs_, dice_);
  if (!number) return;
  network_.trace.story(network_.now(), {"pipe", *number}, "leg-lost");
  network_.find_pipe(*number)->end(PipeEnd::Lost);
}

void Swarm::silence_link() {
  const auto number = some(network_, links_, dice_);
  if (!number) return;
  network_.trace.story(network_.now(), {"pipe", *number}, "falls-silent");
  network_.find_pipe(*number)->cut(true);
  silenced_.insert(*number);
}

void Swarm::give_up_stream() {
  auto* const session = customers_[dice_.index(customers_.size())].node->session();
  if (session == nullptr || session->app().streams().empty()) return;
  const auto& streams = session->app().streams();
  const auto chosen = std::next(streams.begin(), static_cast<std::ptrdiff_t>(dice_.index(streams.size())));
  session->app().give_up(network_.now(), chosen->first);
  session->touch();
}

void Swarm::stall_stream() {
  auto& node = *customers_[dice_.index(customers_.size())].node;
  auto* const session = node.session();
  if (session == nullptr || session->app().streams().empty()) return;
  const auto& streams = session->app().streams();
  const auto id = std::next(streams.begin(), static_cast<std::ptrdiff_t>(dice_.index(streams.size())))->first;
  const auto begun = node.sessions_begun();
  session->app().stall(network_.now(), id, true);
  network_.queue.after(dice_.duration(Millis{50}, Seconds{10}), [this, &node, id, begun] {
    auto* const then = node.session();
    if (then == nullptr || node.sessions_begun() != begun) return;
    then->app().stall(network_.now(), id, false);
    then->touch();
  });
}

void Swarm::restart_egress() {
  network_.trace.story(network_.now(), {"egress", 0}, "restarts");
  egress_.crash();
  for (const auto number : legs_)
    if (auto* const leg = network_.find_pipe(number)) leg->end(PipeEnd::Lost);
}

}  // namespace footbridge::sim
