// WaitingIndex: who waits, by compartment and by what makes them alike (family, class of NAT, standing, native or not,
// audience), in order of arrival. Finding the first of a kind costs the logarithm of their number, however many others
// wait. One thread.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "core/rendezvous/audience.hpp"
#include "core/rendezvous/nat_pairs.hpp"
#include "core/rendezvous/proxy_standing.hpp"
#include "wire/rendezvous.hpp"

namespace footbridge::core {

// What all entries of one queue have in common.
struct WaitingKind {
  wire::Families families = wire::Families::V4;
  NatClass nat = NatClass::Unknown;
  ProxyTier tier = ProxyTier::Proven;
  bool native = false;
  Audience audience = Audience::People;  // of an offer: who it is from
  friend auto operator<=>(const WaitingKind&, const WaitingKind&) = default;
};

// Where an entry stands: needed again to remove it.
struct Place {
  std::vector<wire::CompartmentId> compartments;
  WaitingKind kind;
  std::uint64_t sequence = 0;  // unique; smaller waits longer
};

class WaitingIndex {
 public:
  using Queue = std::set<std::pair<std::uint64_t, std::uint64_t>>;  // (sequence, key)

  void add(const Place& place, std::uint64_t key);
  void remove(const Place& place, std::uint64_t key);  // absent entries are ignored

  // Calls visit(kind, queue) for each non-empty queue of the compartment.
  template <class Visit>
  void each_queue(const wire::CompartmentId& compartment, const Visit& visit) const {
    for (auto at = queues_.lower_bound({compartment, kFirst}); at != queues_.end() && at->first.first == compartment;
         ++at)
      visit(at->first.second, at->second);
  }

 private:
  static constexpr WaitingKind kFirst{wire::Families::None, NatClass{}, ProxyTier{}, false, Audience{}};
  // Only queues that hold somebody. Compartments are chosen by peers: an ordered map.
  std::map<std::pair<wire::CompartmentId, WaitingKind>, Queue> queues_;
};

}  // namespace footbridge::core
