// Alarm: one object's deadline in an EventQueue. Deadlines mostly move later, with every packet; so a later one leaves
// the event that is there, which then finds that nothing is due and asks again. One event per object, never a tick.
//
// Use: set() after every call into the object; when the event happens, rung() first, then look at the deadline: call
// the object if it is due, and set() again in either case. Ownership: clear() before the object goes. Thread: one.
#pragma once

#include <optional>
#include <utility>

#include "sim/event_queue.hpp"

namespace footbridge::sim {

class Alarm {
 public:
  template <class Payload>
  void set(EventQueue<Payload>& queue, std::optional<TimePoint> deadline, Payload payload) {
    if (!deadline) return;  // an event that is there already will find nothing to do
    if (armed_ && at_ <= *deadline) return;
    queue.cancel(event_);
    at_ = std::max(*deadline, queue.now());
    event_ = queue.at(at_, std::move(payload));
    armed_ = true;
  }
  void rung() { armed_ = false; }
  template <class Payload>
  void clear(EventQueue<Payload>& queue) {
    queue.cancel(event_);
    armed_ = false;
  }

 private:
  EventHandle event_;
  TimePoint at_{};
  bool armed_ = false;
};

}  // namespace footbridge::sim
