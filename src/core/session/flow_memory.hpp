// What a session's flow messages occupy while they wait, charged to the server's memory. A message that finds no memory
// is dropped: it is UDP. Gives everything back at its end. Thread: one.
#pragma once

#include <cstddef>

#include "base/assert.hpp"
#include "core/session/memory_budget.hpp"

namespace footbridge::core {

// What a waiting message costs beside its bytes: its place in a queue, and the allocator's own.
inline constexpr std::size_t kFlowMessageCostBytes = 96;

class FlowMemory {
 public:
  explicit FlowMemory(MemoryBudget& budget) : budget_(budget) {}
  ~FlowMemory() { budget_.release(held_bytes_); }
  FlowMemory(const FlowMemory&) = delete;
  FlowMemory& operator=(const FlowMemory&) = delete;

  // Charged as sending, in both directions: what streams were promised comes first.
  [[nodiscard]] bool take(std::size_t bytes) {
    if (!budget_.reserve(bytes, MemoryUse::Sending)) return false;
    held_bytes_ += bytes;
    return true;
  }
  void give_back(std::size_t bytes) {
    FB_ASSERT(bytes <= held_bytes_);
    held_bytes_ -= bytes;
    budget_.release(bytes);
  }
  std::size_t held_bytes() const { return held_bytes_; }

 private:
  MemoryBudget& budget_;
  std::size_t held_bytes_ = 0;
};

}  // namespace footbridge::core
