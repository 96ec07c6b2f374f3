// WaitingIndex: who waits, by compartment, address families and NAT class, in order of arrival. Finding the first of a
// kind costs the logarithm of their number, however many others wait.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "core/rendezvous/nat_pairs.hpp"
#include "wire/rendezvous.hpp"

namespace footbridge::core {

// Where an entry stands: needed again to remove it.
struct Place {
  std::vector<wire::CompartmentId> compartments;
  wire::Families families = wire::Families::V4;
  NatClass nat = NatClass::Unknown;
  std::uint64_t sequence = 0;  // unique; smaller waits longer
};

class WaitingIndex {
 public:
  using Queue = std::set<std::pair<std::uint64_t, std::uint64_t>>;  // (sequence, key)

  void add(const Place& place, std::uint64_t key);
  void remove(const Place& place, std::uint64_t key);  // absent entries are ignored

  // Calls visit(families, nat, queue) for each non-empty queue of the compartment.
  template <class Visit>
  void each_queue(const wire::CompartmentId& compartment, const Visit& visit) const {
    const auto shelf = shelves_.find(compartment);
    if (shelf == shelves_.end()) return;
    for (std::size_t i = 0; i < kQueues; ++i)
      if (!shelf->second[i].empty())
        visit(static_cast<wire::Families>(i / kNatClasses + 1), static_cast<NatClass>(i % kNatClasses),
              shelf->second[i]);
  }

 private:
  static constexpr std::size_t kQueues = 3 * kNatClasses;  // {v4, v6, both} × class
  using Shelf = std::array<Queue, kQueues>;
  static std::size_t queue_of(const Place& place);
  std::map<wire::CompartmentId, Shelf> shelves_;  // compartments are chosen by peers: an ordered map
};

}  // namespace footbridge::core
