#include "sim/nat.hpp"

#include <algorithm>

namespace footbridge::sim {
namespace {

using wire::NatBehaviour;

constexpr Place kStunServer{1, 3478};
// Checks are repeated; what the first round taught (a peer-reflexive address) is used in the next.
constexpr int kRounds = 4;
constexpr std::uint16_t kPortOfA = 5'000;
constexpr std::uint16_t kPortOfB = 6'000;

// `to` as far as `behaviour` looks at it. Unknown is not measured, not harmless: it is taken for the strictest.
Place seen_by(NatBehaviour behaviour, Place to) {
  switch (behaviour) {
    case NatBehaviour::EndpointIndependent: return {};
    case NatBehaviour::AddressDependent: return {to.host, 0};
    case NatBehaviour::Unknown:
    case NatBehaviour::AddressAndPortDependent: return to;
  }
  return to;
}

struct Host {
  Nat& nat;
  std::uint16_t port = 0;
  std::vector<Place> knows;  // of the other one
};

void learn(Host& host, Place other) {
  if (std::find(host.knows.begin(), host.knows.end(), other) == host.knows.end()) host.knows.push_back(other);
}

// From `from` to `to_place`; answers from where it seems to come, if it arrives.
std::optional<Place> carry(TimePoint now, Host& from, Host& to, Place to_place) {
  const auto source = from.nat.send(now, from.port, to_place);
  if (to_place.host != to.nat.host()) return std::nullopt;
  if (&from.nat == &to.nat && !to.nat.terms().hairpins) return std::nullopt;
  if (to.nat.receive(now, to_place.port, source) != to.port) return std::nullopt;
  return source;
}

// A check and its answer, which has to come from where the check was sent (RFC 8445 §7.2.5.2.1).
bool check(TimePoint now, Host& from, Host& to, Place to_place) {
  const auto source = carry(now, from, to, to_place);
  if (!source) return false;
  learn(to, *source);
  return carry(now, to, from, *source) == to_place;
}

}  // namespace

Nat::Binding& Nat::binding_for(std::uint16_t inside_port, Place towards) {
  const auto found = std::find_if(bindings_.begin(), bindings_.end(),
                                  [&](const Binding& b) { return b.inside == inside_port && b.towards == towards; });
  if (found != bindings_.end()) return *found;
  if (bindings_.size() == kMaxBindings) bindings_.erase(bindings_.begin());
  bindings_.push_back({inside_port, terms_.translates ? next_port_++ : inside_port, towards, {}, {}});
  return bindings_.back();
}

bool Nat::is_taken(const Binding& binding, Place to) const {
  return std::any_of(knocks_.begin(), knocks_.end(),
                     [&](const Knock& knock) { return knock.outside == binding.outside && knock.from == to; });
}

Place Nat::send(TimePoint now, std::uint16_t inside_port, Place to) {
  forget(now);
  auto* binding = &binding_for(inside_port, seen_by(terms_.kind.mapping, to));
  if (is_taken(*binding, to)) binding = &binding_for(inside_port, to);
  binding->until = now + terms_.lifetime;
  if (std::find(binding->asked.begin(), binding->asked.end(), to) == binding->asked.end()) binding->asked.push_back(to);
  return {host_, binding->outside};
}

std::optional<std::uint16_t> Nat::receive(TimePoint now, std::uint16_t outside_port, Place from) {
  forget(now);
  const auto found =
      std::find_if(bindings_.begin(), bindings_.end(), [&](const Binding& b) { return b.outside == outside_port; });
  if (found == bindings_.end()) return std::nullopt;
  const auto wanted = seen_by(terms_.kind.filtering, from);
  const bool known = std::any_of(found->asked.begin(), found->asked.end(),
                                 [&](const Place& asked) { return seen_by(terms_.kind.filtering, asked) == wanted; });
  if (known) return found->inside;
  if (terms_.knocks_take_ports && knocks_.size() < kMaxBindings)
    knocks_.push_back({outside_port, from, now + terms_.lifetime});
  return std::nullopt;
}

void Nat::forget(TimePoint now) {
  std::erase_if(bindings_, [now](const Binding& binding) { return binding.until <= now; });
  std::erase_if(knocks_, [now](const Knock& knock) { return knock.until <= now; });
}

bool can_meet(TimePoint now, Nat& a, Nat& b) {
  Host first{a, kPortOfA, {}};
  Host second{b, kPortOfB, {}};
  learn(first, b.send(now, second.port, kStunServer));
  learn(second, a.send(now, first.port, kStunServer));
  bool met = false;
  for (int round = 0; round < kRounds; ++round) {
    for (std::size_t i = 0; i < first.knows.size(); ++i) met = check(now, first, second, first.knows[i]) || met;
    for (std::size_t i = 0; i < second.knows.size(); ++i) met = check(now, second, first, second.knows[i]) || met;
  }
  return met;
}

}  // namespace footbridge::sim
