// MemoryStore: the store of instances that live in one process, and the measure for any other one. Exact, as
// core::ReplayTable is; nothing is lost but with the process.
//
// Two tables, of the present kKept seconds and of those before: a tag is kept for one to two of them.
// Bounds: STO-B1. Ownership: `rng` is used by the constructor only. Threads: one, that of all instances.
#pragma once

#include <array>
#include <cstddef>
#include <functional>

#include "base/rng.hpp"
#include "base/time.hpp"
#include "core/sealing/replay_table.hpp"
#include "crypto/secret_key.hpp"
#include "io/clock.hpp"
#include "store/store.hpp"

namespace footbridge::store {

class MemoryStore final : public Store {
 public:
  // STO-B1: of each of the two tables, 24 MiB: what one instance remembers by itself.
  static constexpr std::size_t kMostSlots = core::ReplayTable::kMostSlots;

  using Clock = std::function<TimePoint()>;
  // `rng` draws the key of the places, so that nobody can aim at them. `clock` never goes back.
  explicit MemoryStore(Rng& rng, Clock clock = io::now, std::size_t most_slots = kMostSlots);

  // Waits for nothing.
  asio::awaitable<Claim> claim(RequestTag tag) override;

 private:
  void turn(TimePoint now);

  crypto::SecretKey key_;
  Clock clock_;
  TimePoint since_;  // of the present table
  std::array<core::ReplayTable, 2> tables_;
  std::size_t present_ = 0;
};

}  // namespace footbridge::store
