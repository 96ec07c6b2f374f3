#include "core/rendezvous/waiting_index.hpp"

#include "base/assert.hpp"

namespace footbridge::core {

void WaitingIndex::add(const Place& place, std::uint64_t key) {
  FB_ASSERT(place.kind.families != wire::Families::None);
  for (const auto& compartment : place.compartments) queues_[{compartment, place.kind}].emplace(place.sequence, key);
}

void WaitingIndex::remove(const Place& place, std::uint64_t key) {
  for (const auto& compartment : place.compartments) {
    const auto queue = queues_.find({compartment, place.kind});
    if (queue == queues_.end()) continue;
    queue->second.erase({place.sequence, key});
    if (queue->second.empty()) queues_.erase(queue);
  }
}

}  // namespace footbridge::core
