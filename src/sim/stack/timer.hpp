// Timer: one deadline of one object of the stack tier: calls a function when it has come. It may be called early, when
// the deadline has moved on since it was armed; the object looks at what is due, and arms it again.
//
// Ownership: the queue outlives it; what it calls is over with it. Thread: one.
#pragma once

#include <functional>
#include <optional>
#include <utility>

#include "sim/alarm.hpp"

namespace footbridge::sim {

using Turn = std::function<void()>;
using TurnQueue = EventQueue<Turn>;

class Timer {
 public:
  Timer(TurnQueue& queue, Turn due) : queue_(queue), due_(std::move(due)) {}
  ~Timer() { alarm_.clear(queue_); }
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  // nullopt: no deadline; a call for an earlier one may still come.
  void arm(std::optional<TimePoint> deadline) {
    alarm_.set(queue_, deadline, Turn([this] {
                 alarm_.rung();
                 due_();
               }));
  }
  // At the end of this moment, after what is due already.
  void arm_now() { arm(queue_.now()); }
  void clear() { alarm_.clear(queue_); }

 private:
  TurnQueue& queue_;
  Turn due_;
  Alarm alarm_;
};

}  // namespace footbridge::sim
