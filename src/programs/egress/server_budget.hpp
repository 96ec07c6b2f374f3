// ServerBudget: what all workers of one egress share of its bounds: the memory of all sessions, how many sessions there
// are, and how many UDP flows. A worker has no share of its own: the sessions of one may need what another does not.
// Threads: any; each call is one or two atomic operations. It outlives its users.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/session/memory_budget.hpp"

namespace footbridge::egress {

// Architecture's bound for all sessions of one egress; a full one refuses bytes, it does not swap.
inline constexpr std::size_t kMaxSessionMemoryBytes = std::size_t{1} << 30;

// UDP flows of all sessions, each with a socket: a quarter of the 65,536 descriptors that are usual.
inline constexpr std::size_t kMaxFlowPlaces = 16'384;

// What was full when something was refused.
enum class Overload : std::uint8_t { Memory, Sessions, Flows };
inline constexpr std::array kOverloads{Overload::Memory, Overload::Sessions, Overload::Flows};
std::string_view name(Overload kind);

class ServerBudget {
 public:
  explicit ServerBudget(std::size_t max_sessions, std::size_t max_memory_bytes = kMaxSessionMemoryBytes);

  // As core::MemoryBudget.
  [[nodiscard]] bool reserve(std::size_t bytes, core::MemoryUse use);
  void release(std::size_t bytes) { used_bytes_.fetch_sub(bytes, std::memory_order_relaxed); }
  std::size_t used_bytes() const { return used_bytes_.load(std::memory_order_relaxed); }

  // A place for one more session. False: max_sessions have theirs.
  [[nodiscard]] bool take_place() {
    return counted(Overload::Sessions, take_one(sessions_, max_sessions_.load(std::memory_order_relaxed)));
  }
  // Sessions beyond it that have begun go on.
  void set_max_sessions(std::size_t most) { max_sessions_.store(most, std::memory_order_relaxed); }
  std::size_t max_sessions() const { return max_sessions_.load(std::memory_order_relaxed); }
  void give_place_back() { sessions_.fetch_sub(1, std::memory_order_relaxed); }
  std::size_t sessions() const { return sessions_.load(std::memory_order_relaxed); }

  // How much of its fullest bound is taken, 0 to 1.
  double fullness() const {
    const auto share = [](std::size_t used, std::size_t of) {
      return of == 0 ? 1.0 : static_cast<double>(used) / static_cast<double>(of);
    };
    return std::max({share(sessions(), max_sessions_.load(std::memory_order_relaxed)),
                     share(used_bytes(), max_memory_bytes_), share(flows(), kMaxFlowPlaces)});
  }

  // A socket for one more UDP flow. False: kMaxFlowPlaces have theirs.
  [[nodiscard]] bool take_flow_place() { return counted(Overload::Flows, take_one(flows_, kMaxFlowPlaces)); }
  void give_flow_place_back() { flows_.fetch_sub(1, std::memory_order_relaxed); }
  std::size_t flows() const { return flows_.load(std::memory_order_relaxed); }
  // How often this was full.
  std::uint64_t refused(Overload kind) const {
    return refused_[static_cast<std::size_t>(kind)].load(std::memory_order_relaxed);
  }

 private:
  static bool take_one(std::atomic<std::size_t>& taken, std::size_t most);
  void count(Overload kind) { refused_[static_cast<std::size_t>(kind)].fetch_add(1, std::memory_order_relaxed); }
  bool counted(Overload kind, bool taken) {
    if (!taken) count(kind);
    return taken;
  }

  std::atomic<std::size_t> max_sessions_;
  const std::size_t max_memory_bytes_;
  std::atomic<std::size_t> used_bytes_{0};
  std::atomic<std::size_t> sessions_{0};
  std::atomic<std::size_t> flows_{0};
  std::array<std::atomic<std::uint64_t>, kOverloads.size()> refused_{};
};

// One worker's access to it, with the spare pages of its thread. Threads: the worker's.
class WorkerMemory final : public core::MemoryBudget {
 public:
  explicit WorkerMemory(ServerBudget& server) : server_(server) {}
  bool reserve(std::size_t bytes, core::MemoryUse use) override { return server_.reserve(bytes, use); }
  void release(std::size_t bytes) override { server_.release(bytes); }

 private:
  ServerBudget& server_;
};

}  // namespace footbridge::egress
