// RelayGate: which messages of a browser's relays may go on. Their bytes stay in the browser's page; of each message it
// asks here, because the decision is the daemon's (core::Relay, RateAccount) with what a browser is like added: it
// cannot stop reading, so what may not go is dropped; and what it hears and how long its queues are is told to it late.
//
// A queue is time, not bytes: it may hold what left it within kQueueTime, as seen over the last kLookTime, and at least
// what a daemon's holds. A busy machine takes its turns rarely, and a queue of one turn's bytes must not count as full.
// Bounds: kMostQueueBytes in a queue; before the leg is there, Relay's. Owner: who calls says the time. Pure; one
// thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/time.hpp"
#include "core/proxy/proxy_engine.hpp"
#include "core/proxy/rate_account.hpp"

namespace footbridge::core {

enum class RelayWay : std::uint8_t { ToLeg = 0, ToLink = 1 };
inline constexpr std::size_t kRelayWays = 2;

class RelayGate {
 public:
  static constexpr Millis kQueueTime{100};                    // RLY-T2: what a call still bears on a slow line
  static constexpr Millis kLookTime{250};                     // RLY-T3: some turns of a machine that is busy
  static constexpr Millis kBurstTime{50};                     // RLY-T4: a tab's turn comes later than a daemon's
  static constexpr std::size_t kMostQueueBytes = 512 * 1024;  // RLY-B5: of memory, for each way of each client

  // Each way, for all clients together. nullopt: no limit.
  void set_bytes_per_second(std::optional<std::uint64_t> rate);
  // A new stay in this slot: its link is open, its leg is not.
  void begin(std::size_t slot) { stay(slot) = Stay{}; }
  // A client's message that came before its leg: true if it is to be kept for it.
  bool may_wait(std::size_t slot, std::size_t bytes);
  // A message for a queue in which `queued` bytes still are. True: it goes.
  bool may_go(TimePoint now, std::size_t slot, RelayWay way, std::size_t bytes, std::size_t queued);

 private:
  struct Queue {
    std::uint64_t put = 0;  // bytes, ever
    TimePoint looked_at{};
    std::uint64_t gone_then = 0;  // of them, had left the queue at looked_at
    std::size_t most = 0;
  };
  struct Stay {
    std::size_t early_bytes = 0;
    std::size_t early_messages = 0;
    std::array<Queue, kRelayWays> queues;
  };
  Stay& stay(std::size_t slot);
  static void look(Queue& queue, TimePoint now, std::size_t queued);

  std::array<Stay, ProxyEngine::kMaxSlots> stays_{};
  std::array<RateAccount, kRelayWays> accounts_{RateAccount(kBurstTime), RateAccount(kBurstTime)};
};

}  // namespace footbridge::core
