// EventQueue: all that is going to happen in a simulated world, in one order: by time, and by the order of asking where
// times are equal. So a run follows from its seed alone. Time moves only from event to event; there are no ticks.
//
// Payload is the world's own: a small struct where speed counts, a std::function where it does not. It is destroyed
// when its event happens or is cancelled.
// Bounds: kMaxEvents at once; a world that needs more has lost hold of something, which is a finding. Cancelled entries
// are swept out when they are the larger part. An event asked for in the past happens now. Thread: one.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "base/assert.hpp"
#include "base/time.hpp"

namespace footbridge::sim {

// SIM-B1: a million packets under way; the largest worlds of the tests stay below a tenth of it.
inline constexpr std::size_t kMaxEvents = 1'000'000;

// Names an event until it has happened or was cancelled; the default names none.
struct EventHandle {
  std::uint64_t sequence = 0;
  std::uint32_t slot = 0;
};

template <class Payload>
class EventQueue {
 public:
  explicit EventQueue(TimePoint start = {}) : now_(start) {}

  TimePoint now() const { return now_; }
  std::size_t size() const { return pending_; }
  std::uint64_t happened() const { return happened_; }

  EventHandle at(TimePoint when, Payload payload) {
    FB_ASSERT(pending_ < kMaxEvents);
    const auto slot = take_slot();
    slots_[slot].payload = std::move(payload);
    slots_[slot].sequence = ++last_sequence_;
    push({std::max(when, now_), last_sequence_, slot});
    ++pending_;
    return {last_sequence_, slot};
  }
  EventHandle after(Duration delay, Payload payload) { return at(now_ + delay, std::move(payload)); }

  bool pending(EventHandle handle) const {
    return handle.sequence != 0 && handle.slot < slots_.size() && slots_[handle.slot].sequence == handle.sequence;
  }
  // Of an event that has happened: nothing.
  void cancel(EventHandle handle) {
    if (!pending(handle)) return;
    release(handle.slot);
    if (heap_.size() > kSweepFrom && heap_.size() > 2 * pending_) sweep();
  }

  // The next event at or before `limit`; time moves to it. nullopt: there is none, and time has moved to `limit`.
  std::optional<Payload> pop_until(TimePoint limit) {
    drop_cancelled();
    if (heap_.empty() || heap_.front().at > limit) {
      now_ = std::max(now_, limit);
      return std::nullopt;
    }
    const auto entry = heap_.front();
    pop();
    now_ = entry.at;
    ++happened_;
    std::optional<Payload> payload(std::move(slots_[entry.slot].payload));
    release(entry.slot);
    return payload;
  }
  std::optional<TimePoint> next_at() {
    drop_cancelled();
    if (heap_.empty()) return std::nullopt;
    return heap_.front().at;
  }

 private:
  struct Entry {
    TimePoint at{};
    std::uint64_t sequence = 0;
    std::uint32_t slot = 0;
    bool before(const Entry& other) const { return at != other.at ? at < other.at : sequence < other.sequence; }
  };
  struct Slot {
    Payload payload{};
    std::uint64_t sequence = 0;  // of the event that lives here; 0: nobody
  };
  static constexpr std::size_t kSweepFrom = 64;  // fewer entries are not worth a sweep
  static constexpr std::size_t kChildren = 4;    // a flatter heap: half the cache misses of a binary one

  std::uint32_t take_slot() {
    if (free_.empty()) {
      slots_.emplace_back();
      return static_cast<std::uint32_t>(slots_.size() - 1);
    }
    const auto slot = free_.back();
    free_.pop_back();
    return slot;
  }
  void release(std::uint32_t slot) {
    slots_[slot] = Slot{};
    free_.push_back(slot);
    --pending_;
  }
  bool cancelled(const Entry& entry) const { return slots_[entry.slot].sequence != entry.sequence; }
  void drop_cancelled() {
    while (!heap_.empty() && cancelled(heap_.front())) pop();
  }
  void sweep() {
    std::erase_if(heap_, [this](const Entry& entry) { return cancelled(entry); });
    std::sort(heap_.begin(), heap_.end(), [](const Entry& a, const Entry& b) { return a.before(b); });
  }

  void push(Entry entry) {
    heap_.push_back(entry);
    auto at = heap_.size() - 1;
    while (at > 0) {
      const auto parent = (at - 1) / kChildren;
      if (!entry.before(heap_[parent])) break;
      heap_[at] = heap_[parent];
      at = parent;
    }
    heap_[at] = entry;
  }
  void pop() {
    const auto entry = heap_.back();
    heap_.pop_back();
    if (heap_.empty()) return;
    std::size_t at = 0;
    for (;;) {
      const auto first = at * kChildren + 1;
      if (first >= heap_.size()) break;
      auto least = first;
      for (auto child = first + 1; child < std::min(first + kChildren, heap_.size()); ++child)
        if (heap_[child].before(heap_[least])) least = child;
      if (!heap_[least].before(entry)) break;
      heap_[at] = heap_[least];
      at = least;
    }
    heap_[at] = entry;
  }

  TimePoint now_;
  std::uint64_t last_sequence_ = 0;
  std::uint64_t happened_ = 0;
  std::size_t pending_ = 0;
  std::vector<Entry> heap_;
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_;
};

}  // namespace footbridge::sim
