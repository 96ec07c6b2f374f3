#include "core/browser/relay_gate.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "core/proxy/relay.hpp"

namespace footbridge::core {

void RelayGate::set_bytes_per_second(std::optional<std::uint64_t> rate) {
  for (auto& account : accounts_) account.set_bytes_per_second(rate);
}

RelayGate::Stay& RelayGate::stay(std::size_t slot) {
  FB_ASSERT(slot < stays_.size());
  return stays_[slot];
}

bool RelayGate::may_wait(std::size_t slot, std::size_t bytes) {
  auto& it = stay(slot);
  if (!Relay::may_wait(it.early_bytes, it.early_messages, bytes)) return false;
  it.early_bytes += bytes;
  ++it.early_messages;
  return true;
}

bool RelayGate::may_go(TimePoint now, std::size_t slot, RelayWay way, std::size_t bytes, std::size_t queued) {
  auto& queue = stay(slot).queues[static_cast<std::size_t>(way)];
  auto& account = accounts_[static_cast<std::size_t>(way)];
  look(queue, now, queued);
  if (!account.paid(now) || !Relay::has_room(queued, bytes, queue.most)) return false;
  account.charge(now, bytes);
  queue.put += bytes;
  return true;
}

// A queue that empties sooner may be longer.
void RelayGate::look(Queue& queue, TimePoint now, std::size_t queued) {
  const auto since = now - queue.looked_at;
  if (queue.most != 0 && since < kLookTime) return;
  // What a browser adds to each message counts in its queue, and not here.
  const auto gone = queue.put - std::min<std::uint64_t>(queue.put, queued);
  const std::uint64_t left = queue.most == 0 || gone < queue.gone_then ? 0 : gone - queue.gone_then;
  // In whole milliseconds: a look is hundreds of them.
  const auto milliseconds = static_cast<std::uint64_t>(std::chrono::duration_cast<Millis>(since).count());
  const auto in_queue_time =
      left * static_cast<std::uint64_t>(kQueueTime.count()) / std::max<std::uint64_t>(milliseconds, 1);
  queue.most =
      static_cast<std::size_t>(std::clamp<std::uint64_t>(in_queue_time, Relay::kMaxBacklogBytes, kMostQueueBytes));
  queue.looked_at = now;
  queue.gone_then = gone;
}

}  // namespace footbridge::core
