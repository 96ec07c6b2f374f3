#include "programs/egress/server_budget.hpp"

#include "base/assert.hpp"

namespace footbridge::egress {

std::string_view name(Overload kind) {
  switch (kind) {
    case Overload::Memory: return "memory";
    case Overload::Sessions: return "sessions";
    case Overload::Flows: return "flows";
  }
  FB_ASSERT(false);
}

ServerBudget::ServerBudget(std::size_t max_sessions, std::size_t max_memory_bytes)
    : max_sessions_(max_sessions), max_memory_bytes_(max_memory_bytes) {}

bool ServerBudget::reserve(std::size_t bytes, core::MemoryUse use) {
  const auto most = core::most_for(use, max_memory_bytes_);
  auto used = used_bytes_.load(std::memory_order_relaxed);
  do {
    if (used > most || bytes > most - used) {
      if (use == core::MemoryUse::Receiving) count(Overload::Memory);  // who sends waits, and asks again
      return false;
    }
  } while (!used_bytes_.compare_exchange_weak(used, used + bytes, std::memory_order_relaxed));
  return true;
}

bool ServerBudget::take_one(std::atomic<std::size_t>& taken, std::size_t most) {
  auto now = taken.load(std::memory_order_relaxed);
  do {
    if (now >= most) return false;
  } while (!taken.compare_exchange_weak(now, now + 1, std::memory_order_relaxed));
  return true;
}

}  // namespace footbridge::egress
