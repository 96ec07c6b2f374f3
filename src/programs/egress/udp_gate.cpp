#include "programs/egress/udp_gate.hpp"

#include <utility>

#include "io/clock.hpp"

namespace footbridge::egress {

std::optional<std::uint16_t> UdpGate::port_for(TimePoint now, ByteView token) {
  const auto grant = guard_.look(now, io::unix_now(), token);
  if (!grant) {  // no line in the log: anybody can send these, as many as he likes
    metrics_.legs_refused[grant.error()].add();
    return std::nullopt;
  }
  return ports_[grant->shard % ports_.size()];
}

std::optional<udp::Gate::Admitted> UdpGate::admit(TimePoint now, const Endpoint& peer, ByteView token) {
  const auto unix_now = io::unix_now();
  const auto seen = guard_.look(now, unix_now, token);
  if (!seen || seen->shard % ports_.size() != worker_) return std::nullopt;
  auto permit = connections_.admit(peer.address);
  if (!permit) return std::nullopt;
  const auto grant = guard_.admit_bytes(now, unix_now, token);
  if (!grant) return std::nullopt;  // another leg was faster
  return Admitted{grant->match, std::move(*permit)};
}

void UdpGate::take(std::unique_ptr<udp::Leg> leg, MatchId match, const Endpoint& peer) {
  metrics_.udp_legs.add();
  door_.take_leg(std::move(leg), match, Private(peer));
}

}  // namespace footbridge::egress
