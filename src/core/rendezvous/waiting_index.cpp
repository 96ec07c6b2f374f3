#include "core/rendezvous/waiting_index.hpp"

#include "base/assert.hpp"

namespace footbridge::core {

std::size_t WaitingIndex::queue_of(const Place& place) {
  FB_ASSERT(place.families != wire::Families::None);
  return (static_cast<std::size_t>(place.families) - 1) * kNatClasses + static_cast<std::size_t>(place.nat);
}

void WaitingIndex::add(const Place& place, std::uint64_t key) {
  for (const auto& compartment : place.compartments)
    shelves_[compartment][queue_of(place)].emplace(place.sequence, key);
}

void WaitingIndex::remove(const Place& place, std::uint64_t key) {
  for (const auto& compartment : place.compartments) {
    const auto shelf = shelves_.find(compartment);
    if (shelf == shelves_.end()) continue;
    shelf->second[queue_of(place)].erase({place.sequence, key});
    bool empty = true;
    for (const auto& queue : shelf->second) empty = empty && queue.empty();
    if (empty) shelves_.erase(shelf);
  }
}

}  // namespace footbridge::core
